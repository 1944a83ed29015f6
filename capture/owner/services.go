package owner

import (
	"strings"
	"sync"
)

// services are parties that people know by another name than their domains', or by several domains. Of those that
// carry others' content (networks of caches, rented servers) the domain says who carries it and no more, so all of
// theirs are one. A row is here only where the whole domain is the party's own.
var services = []struct{ name, domains string }{
	{"Google", "google.com googleapis.com gstatic.com googleusercontent.com 1e100.net gvt1.com gvt2.com android.com"},
	{"Google Ads", "doubleclick.net googlesyndication.com googleadservices.com"},
	{"Google Analytics", "google-analytics.com googletagmanager.com app-measurement.com"},
	{"Google Cloud", "appspot.com firebaseio.com"},
	{"Google Nest", "nest.com dropcam.com"},
	{"YouTube", "youtube.com googlevideo.com ytimg.com"},
	{"Apple", "apple.com icloud.com icloud-content.com mzstatic.com aaplimg.com cdn-apple.com apple-dns.net"},
	{"Amazon", "amazon.com media-amazon.com ssl-images-amazon.com amazonalexa.com a2z.com"},
	{"Amazon Web Services", "amazonaws.com awsglobalaccelerator.com"},
	{"Amazon CloudFront", "cloudfront.net"},
	{"Prime Video", "primevideo.com amazonvideo.com aiv-cdn.net"},
	{"Twitch", "twitch.tv ttvnw.net jtvnw.net"},
	{"Microsoft", "microsoft.com windows.com windowsupdate.com msftconnecttest.com msftncsi.com live.com msedge.net"},
	{"Microsoft 365", "office.com office.net office365.com microsoftonline.com outlook.com"},
	{
		"Microsoft Azure",
		"azure.com windows.net azureedge.net azurefd.net azurewebsites.net azure-devices.net trafficmanager.net",
	},
	{"Xbox", "xboxlive.com"},
	{"Facebook", "facebook.com facebook.net fbcdn.net"},
	{"Instagram", "instagram.com cdninstagram.com"},
	{"WhatsApp", "whatsapp.com whatsapp.net"},
	{"Netflix", "netflix.com nflxvideo.net nflximg.net nflxso.net nflxext.com"},
	{"Disney+", "disneyplus.com bamgrid.com"},
	{"Spotify", "spotify.com scdn.co spotifycdn.com"},
	{"TikTok", "tiktok.com tiktokcdn.com"},
	{"X", "x.com twitter.com twimg.com"},
	{"PlayStation", "playstation.com playstation.net"},
	{"Steam", "steampowered.com steamcontent.com"},
	{"Akamai", "akamai.net akamaiedge.net akamaihd.net akamaized.net edgesuite.net edgekey.net akadns.net"},
	{"Fastly", "fastly.net fastlylb.net"},
	{"Cloudflare", "cloudflare.com cloudflare.net cloudflare-dns.com"},
	{"Alibaba Cloud", "aliyuncs.com aliyun.com"},
	{"Tuya", "tuya.com tuyaeu.com tuyaus.com tuyacn.com"},
	{"Xiaomi", "mi.com xiaomi.com xiaomi.net"},
	{"Philips Hue", "meethue.com"},
	{"Wemo", "xbcs.net"},
	{"TP-Link", "tp-link.com tplinkcloud.com"},
	{"D-Link", "dlink.com mydlink.com"},
	{"NTP Pool", "pool.ntp.org"},
	{"Let's Encrypt", "letsencrypt.org lencr.org"},
}

var serviceOf = sync.OnceValue(func() map[string]string {
	byDomain := map[string]string{}
	for _, s := range services {
		for domain := range strings.FieldsSeq(s.domains) {
			byDomain[domain] = s.name
		}
	}
	return byDomain
})

// service gives the service whose domain a name is or lies under.
func service(name string) (string, bool) {
	byDomain := serviceOf()
	for {
		if s, ok := byDomain[name]; ok {
			return s, true
		}
		_, parent, ok := strings.Cut(name, ".")
		if !ok {
			return "", false
		}
		name = parent
	}
}
