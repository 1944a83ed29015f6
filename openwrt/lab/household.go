package lab

import "time"

// Household returns the believable dozen. Together they make the bridge carry some 110 packets a second.
func Household() []Spec {
	list := []Spec{
		{
			Name: "front-door-cam", Class: "udhcp 1.24.1", Ask: []string{"ntpsrv"}, IPv4Only: true,
			Habits: []Habit{
				Uploads("up.cam.example.net", 4000, 100*time.Millisecond),
				AsksTime("ntp.pool.example", 30*time.Second),
				Reports("events.cam.example.net", 600, 20*time.Second),
			},
		},
		{
			Name: "living-room-tv", Class: "tv-os 6.2", Ask: []string{"wins", "domain", "mtu"},
			Habits: []Habit{
				Streams("play.filmbox.example", 300_000, 3*time.Second),
				Fetches(3000, 10*time.Second, "ads.bannerworks.example", "api.filmbox.example", "metrics.tv-os.example"),
				Notifies(20 * time.Second),
			},
		},
		annasPhone(),
		tomsLaptop(),
		{
			Name: "hall-bulb", Class: "lwip", IPv4Only: true,
			Habits: []Habit{Beacons("hub.lumen.example", portBeacon, 64, 3*time.Second)},
		},
		{
			Name: "kitchen-printer", Class: "Mfg=Inkworks;Typ=Printer", Ask: []string{"wins", "lprsrv"},
			Habits: []Habit{
				TakesJobs(), Responds("_ipp._tcp"),
				Reports("ink.inkworks.example", 900, 45*time.Second),
			},
		},
	}
	return append(list, smallDevices()...)
}

func annasPhone() Spec {
	return Spec{
		Name: "annas-phone", Class: "android-dhcp-14", Ask: []string{"mtu", "wpad"}, TempAddrs: time.Minute,
		Habits: []Habit{
			Fetches(12_000, 1500*time.Millisecond, "chat.chirper.example", "img.chirper.example", "mail.postbox.example",
				"photos.cloudbox.example", "maps.wayfind.example", "weather.skies.example", "feed.friends.example",
				"cdn.friends.example", "push.pushworks.example", "play.store.example", "shop.market.example"),
			AsksHTTPS(7*time.Second, "feed.friends.example", "shop.market.example", "mail.postbox.example"),
			Calls("call.talk.example", 10*time.Second, 40*time.Second),
			KeepsOpen("push.pushworks.example", 8883, 10*time.Second),
			Prints("kitchen-printer", 60_000, 40*time.Second),
			AsksAround("_ipp._tcp", 15*time.Second),
		},
	}
}

func tomsLaptop() Spec {
	return Spec{
		Name: "toms-laptop", Class: "MSFT 5.0", Ask: []string{"wins", "domain", "search", "wpad"}, TempAddrs: time.Minute,
		Habits: []Habit{
			Browses(3*time.Second, "www.daily.example", "static.daily.example", "search.lookup.example",
				"code.forge.example", "docs.forge.example", "www.market.example", "img.market.example",
				"fonts.fastcdn.example", "ads.bannerworks.example", "www.encyclo.example.org"),
			KeepsOpen("im.office.example.com", 8883, 15*time.Second),
			Prints("kitchen-printer", 150_000, 30*time.Second),
			AsksAround("_ipp._tcp", 20*time.Second),
			AsksHTTPS(11*time.Second, "www.daily.example", "www.market.example"),
		},
	}
}

// smallDevices are those that one forgets having.
func smallDevices() []Spec {
	return []Spec{
		{
			Name: "thermostat", Class: "warmhome-3", Ask: []string{"ntpsrv"}, IPv4Only: true,
			Habits: []Habit{
				AsksTime("ntp.pool.example", 15*time.Second),
				Reports("api.warmhome.example", 800, 12*time.Second),
			},
		},
		{
			Name: "smart-plug", Class: "esp-idf", IPv4Only: true,
			Habits: []Habit{KeepsOpen("mqtt.plugworks.example", 8883, 5*time.Second)},
		},
		{
			Name: "bedroom-speaker", Class: "speaker-2",
			Habits: []Habit{
				Streams("audio.tunes.example", 40_000, 2500*time.Millisecond), Responds("_http._tcp"),
			},
		},
		{
			Name: "robot-vacuum", Class: "udhcp 1.22.1", IPv4Only: true,
			Habits: []Habit{
				Reports("map.sweeper.example", 9000, 8*time.Second),
				Beacons("hub.sweeper.example", portBeacon, 120, 6*time.Second),
			},
		},
		{
			Name: "garden-cam", Class: "udhcp 1.31.1", Ask: []string{"ntpsrv", "vendor"},
			Habits: []Habit{
				Uploads("ingest.gardeneye.example", 2500, 200*time.Millisecond),
				AsksTime("ntp.pool.example", 40*time.Second),
			},
		},
		{
			Name: "kids-tablet", Class: "android-dhcp-11", TempAddrs: time.Minute,
			Habits: []Habit{
				Streams("video.kidstube.example", 120_000, 4*time.Second),
				Fetches(8000, 4*time.Second, "games.playtime.example", "ads.bannerworks.example", "push.pushworks.example"),
			},
		},
	}
}
