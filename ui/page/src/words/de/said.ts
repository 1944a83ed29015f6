// What the router says, in German: a phrase a line, its key and its template, as capture/say/phrases.txt has them in English.
export const said = `
adds	Laut Besitzer ist {0} jetzt {1} mit neuer MAC und übernimmt, was dazu gelernt wurde
allow	seine Beschreibung erlaubt nur {0}
allow.nobody	seine Beschreibung lässt niemanden zu ihm
allow.nothing	seine Beschreibung erlaubt ihm nur, den Router nach Namen und der Zeit zu fragen
allow.some	jeden, für manches
and	{0} und {1}
and.more	{0} und {1} mehr
ask.contested	es war fast zugleich an zwei Stellen zu sehen: vielleicht benutzt ein anderes Gerät seine MAC
ask.count	{0} Geräte passen
ask.early	der Router sagt nicht, welcher äußere Port diesem Gerät gehört
ask.held	für diesen Anbieter würden mehr als {0} Geräte festgehalten
ask.lately	für diesen Anbieter wurden in der letzten Stunde zwei Geräte festgehalten
ask.policy	dieser Anbieter muss fragen
ask.several	vielleicht sind es mehrere Geräte hinter einem Repeater
ask.spared	Sie haben dieses Gerät in der letzten Stunde freigegeben
ask.stranger	auch ein unbekanntes Gerät passt
ask.unseen	von ihm war kein Paket zu sehen: vielleicht benutzt ein anderes Gerät seine Adresse
ask.wide	das Ziel {0} ist mehr als ein Standort
back	{0} wurde vom Besitzer wieder zugelassen
back.fine	{0} ist wieder zugelassen; der Besitzer findet in Ordnung: es {1}
back.time	{0} ist wieder zugelassen: die Zeit war um
beacon	meldete sich {1} Mal bei {0}, alle {2}; das ist neu
because	{0}: {1}
before	es nennt sich {0} und fragt per DHCP wie das Gerät, das vorher weg war
breach	versuchte {0} bei {1} zu erreichen; das wurde abgewiesen
breach.flood	{0} tut viel, was seine Beschreibung nicht erlaubt: mehr davon wird in dieser Stunde nicht gemeldet
breach.watched	versuchte {0} bei {1} zu erreichen; das ging durch, es wird nur beobachtet
character	verhielt sich eine Stunde lang wie ein anderes Gerät: es {0}
character.met	sprach mit {0} neuen {0?Gegenstelle:Gegenstellen}
character.moved	übertrug {0}, mehr als {1} Mal so viel wie normal
character.turned	sendete {0} % von allem, normal sind {1} %
claim.address	sagt, es habe die Adresse des Routers {0}: was andere ins Internet senden, geht vielleicht über dieses Gerät
claim.both	und {0} sagen beide, sie hätten die Adresse {1}: eines lügt oder ist falsch eingestellt
claim.dhcp	vergibt neben dem Router Adressen (DHCP): was andere ins Internet senden, geht vielleicht über dieses Gerät
claim.router	sagt, es sei ein Router zum Internet (IPv6): was andere ins Internet senden, geht vielleicht über dieses Gerät
clock	Die Uhr wurde gestellt: Trennungen mit einem Ende laufen wieder
clue.address	die Adresse {0} gehört diesem Gerät
clue.port	der äußere Port {0} gehört diesem Gerät seit {1}
clue.port.was	der äußere Port {0} gehörte diesem Gerät von {1} bis {2}
clue.ports	der äußere Port {0} und {1} mehr gehören diesem Gerät seit {2}
clue.ports.was	der äußere Port {0} und {1} mehr gehörten diesem Gerät von {2} bis {3}
clue.talk	es spricht mit {0} seit {1}
clue.talk.was	es sprach mit {0} von {1} bis {2}
contested	{0} war fast zugleich an zwei Stellen zu sehen, zuletzt an {1}: vielleicht benutzt ein anderes Gerät seine MAC
crowd	Zu viele neue Geräte: eines denkt sich MACs aus; entscheiden Sie über die, die warten
cut.flow	Ein Teil des Verkehrs von {0} wurde vom Besitzer gestoppt
cut.full	{0} wurde vom Besitzer getrennt
cut.internet	{0} wurde vom Besitzer vom Internet getrennt
did	{0} {1}
door.cookie	Eine Anmeldung kam von einem anderen Gerät oder Adapter: sie wurde beendet
door.in	Anmeldung: {0}
door.luci	Anmeldung über LuCI: {0}
door.nobody	ein unbekannter Benutzer
door.out	Abmeldung: {0}
door.out.all	Abmeldung überall: {0}
door.owner	Besitzer
door.password	Passwort geändert: {0}
door.setup	Das Passwort des Besitzers wurde gesetzt
door.token	Das API-Token {0} wurde gemacht
door.token.gone	Das API-Token {0} wurde widerrufen
door.viewer	Zuschauer
door.wrong	Falsches Passwort: {0} ({1} seit dem Start)
dots.end	Die Zugangsdaten für Anbieter {0} gelten bis {1}: bitten Sie um neue
dots.lost	Die Verbindung zu Anbieter {0} ging verloren, neuer Versuch folgt: {1}
dots.missing	Es gibt keine Verbindung zu Anbieter {0}: {1}
dots.refused	Eine Anfrage von Anbieter {0} wurde abgelehnt: {1}
dots.up	Anbieter {0} ist verbunden und darf bitten, Verkehr zu stoppen
edit	Der Besitzer hat {0} geändert: {1}
edit.again	es heißt wieder {0}
edit.controls	es steuert {0}
edit.hidden	es ist auf der Seite verborgen
edit.kind	Art: {0}
edit.kind.none	seine Art ist offen
edit.name	es heißt {0}
edit.nobody	es steuert nichts mehr
edit.nowhere	getrennt erreicht es nichts
edit.ports	es darf Ports öffnen
edit.ports.no	es darf keine Ports öffnen
edit.reach	getrennt erreicht es noch {0}
edit.shown	es ist wieder auf der Seite
edit.trust	ihm wird vertraut
edit.trust.no	ihm wird nicht mehr vertraut
edit.wild	bei einem Alarm: {0}
edit.wild.none	bei einem Alarm: wie eingestellt
erased	Der Besitzer hat ein Gerät gelöscht: nichts ist mehr darüber bekannt
erased.too	das Gerät wurde gelöscht
exfiltration	sendete {0} in zehn Minuten, das meiste an {1}; bisher höchstens {2}
export	Der Besitzer hat heruntergeladen, was über {0} bekannt ist
firewall.again	Die Firewall nimmt unsere Regeln wieder an
firewall.gone	Ein anderes Programm hat unsere Regeln entfernt: sie gelten wieder
firewall.open	Ein anderes Programm hat {0} wieder zugelassen: es ist wieder getrennt
firewall.refused	Die Firewall nimmt unsere Regeln nicht an, die alten bleiben: {0}
firewall.tried	neuer Versuch jede Sekunde: {0}
firmware	Das System des Routers ist jetzt {1} statt {0}: bis Spinneret wieder da war, wurde nichts beobachtet und niemand getrennt
first	sprach zum ersten Mal mit {0} ({1}); bisher kannte es {2} andere
flood.dhcp	sendete {1} lang bis zu {0} DHCP-Nachrichten in der Sekunde; normal sind ein paar in der Stunde
flood.forged	sendete {1} lang bis zu {0} Pakete in der Sekunde von {2} Adressen, etwa {3} und {4}{5}; normal sind ein paar Adressen
flood.packets	sendete {1} lang bis zu {0} Pakete in der Sekunde{2}, fast ohne Antwort
flood.pings	sendete {1} lang bis zu {0} Pings in der Sekunde{2}; so viele braucht niemand
flood.syn	sendete {1} lang bis zu {0} Anfragen (TCP SYN) in der Sekunde{2}, fast ohne Antwort
flood.to	, die meisten an {0}
guess	öffnete {0} {0?Verbindung:Verbindungen} zu {1} von {2} in {3}, als wollte es Passwörter erraten
habits.general	für vieles: viele Gegenstellen, darum milder beurteilt; {0} gesehen
habits.learning	lernt noch, {0} gesehen
habits.never	nie beobachtet
habits.single	für eines: wenige Gegenstellen, darum strenger beurteilt; {0} gesehen
habits.some	für manches; {0} gesehen
held	neues Gerät: festgehalten, bis Sie es zulassen
held.like	{0}: festgehalten, bis Sie es zulassen
history.again	Der Verlauf wird wieder gespeichert
history.lost	Der Verlauf wird nicht gespeichert: {0}
inside	{0}; was im Zuhause bleibt, wird trotzdem gezählt
joined	{0} ist zum ersten Mal da
joined.held	{0}: kein Internet, bis Sie es zulassen
level	Jetzt auf Stufe {0}
level.bridge	keine Bridge im LAN: was im Zuhause bleibt, geht ungesehen an {0} vorbei
level.none	neue Pakete sind nicht zu sehen
like	vielleicht ist es {0} mit neuer MAC
mail	E-Mail ({0})
more.than	mehr als {0}
mud.answer.entries	Was von der Beschreibung von {0} wartete, hat der Besitzer {1}
mud.answer.file	Die Datei, die {0} beschreibt, hat der Besitzer {1}
mud.answer.no	abgelehnt
mud.answer.url	Die neue Beschreibung, die {0} nennt, hat der Besitzer {1}
mud.answer.yes	genehmigt
mud.compared	{0} nennt die Beschreibung seines Herstellers, {1}: was es sonst tut, wird gemeldet, nicht gestoppt
mud.enforce	was es sonst versucht, wird gestoppt
mud.file	eine Datei, die es beschreibt ({0})
mud.given	{0} bekam vom Besitzer {1}: {2}
mud.heard	Für {0} gilt wieder die Beschreibung, die es selbst nennt, {1}: {2}
mud.makers	die Beschreibung seines Herstellers
mud.mode	Die Beschreibung von {0} hat der Besitzer auf „{1}“ gestellt: {2}
mud.newer	{0} nennt eine neuere Beschreibung, {1}: sie gilt, wenn derselbe Hersteller sie unterschrieben hat
mud.none	Für {0} gilt keine Beschreibung mehr
mud.off	sie wird nur gespeichert
mud.once	sobald sie bekannt ist: {0}
mud.other	{0} nennt eine andere Beschreibung, {1}: sie wartet auf Ihr Wort
mud.tell	Die Beschreibung des Herstellers von {0} {1}
mud.url	die Beschreibung {0}
mud.watch	was es sonst tut, wird gemeldet, nicht gestoppt
normal	normal sind bis zu {0} in der Minute
normal.contacts	normal sind bis zu {0} neue {0?Verbindung:Verbindungen} in der Minute
normal.learning	was bei ihm normal ist, ist noch nicht bekannt ({0})
normal.unknown	was bei ihm normal ist, ist noch nicht bekannt
notice.bad	ist in neuerer Fassung nicht zu gebrauchen: die alte bleibt
notice.doubt	wartet auf Ihr Wort
notice.got	ist da und gilt
notice.late	war lange nicht nachzuschlagen: was davon bekannt ist, gilt weiter
notice.lost	war nicht zu bekommen
notice.refused	wurde nicht angenommen
notice.stale	war 30 Tage nicht zu bekommen: was davon bekannt ist, gilt weiter
notice.untrusted	war nicht zu bekommen: ihr Server hat ein falsches Zertifikat, vielleicht ein Angriff
notice.updated	wurde vom Hersteller erneuert
notice.withdrawn	wurde vom Hersteller zurückgezogen: was davon bekannt ist, gilt weiter
or	{0} oder {1}
page.again	{0}: neuer Versuch folgt
page.back	Die Seite ist jetzt unter {0}
page.shut	Die Seite ist nicht unter {0}: {1}
party	{0} ({1})
peak.received	empfing {0} in einer Minute; {1}, bisher höchstens {2}
peak.sent	sendete {0} in einer Minute; {1}, bisher höchstens {2}
ping	Ping
port	{0}-Port {1}
protocol	IP-Protokoll {0}
radio	WLAN: {0}
radio.absent	nur von Internet und LAN-Kabel getrennt: dieser Router hat kein hostapd am ubus
record	Der Besitzer zeichnet auf, was {0} sendet und empfängt
record.end	Die Aufzeichnung von {0} ist beendet: {1} {1?Paket:Pakete}, {2} verloren
record.past	Der Besitzer hat Kopfdaten von {0} heruntergeladen
refrain	{0} wird nicht automatisch festgehalten: {1}
refrain.many	{0} andere Geräte sind es in dieser Stunde schon: trennen Sie es selbst, wenn es auffällig ist
request.asks	Anbieter {0} bittet, Verkehr von {1} an {2} zu stoppen: Sie entscheiden ({3})
request.ended	Die Anfrage von Anbieter {0} zum Verkehr an {1} wurde vom Besitzer beendet
request.expired	Die Anfrage von Anbieter {0} zum Verkehr an {1} ist abgelaufen
request.failed	Anbieter {0} bittet, Verkehr an {1} zu stoppen: das ging nicht ({2})
request.logged	Anbieter {0} bittet, Verkehr von {1} an {2} zu stoppen: es wurde nichts getan ({3})
request.looking	das Gerät wird gesucht
request.meant	Sie nannten diesen Verkehr gewollt
request.nobody	kein Gerät in diesem Zuhause passt
request.recorded	Anfragen dieses Anbieters werden nur vermerkt
request.refused	Die Anfrage von Anbieter {0} zum Verkehr an {1} wurde abgelehnt
request.stopped	Anbieter {0} bittet, Verkehr von {1} an {2} zu stoppen: er ist gestoppt ({3})
request.unknown	ein unbekanntes Gerät
request.withdrawn	Die Anfrage von Anbieter {0} zum Verkehr an {1} wurde zurückgezogen
scan.address	probierte {0} {0?Port:Ports} von {1} in {2}{3}; {4}
scan.home	suchte in {1} nach {0} {0?Adresse:Adressen} im Zuhause: das tut manche App, oder ein Wurm
scan.port	probierte {1} an {0} {0?Adresse:Adressen} in {2}{3}; {4}
service	{0} ({1}-Port {2})
settings	Die Einstellungen wurden neu gelesen
settings.not	Die neuen Einstellungen gelten nicht, die alten bleiben: {0}
spot.bridge	auch was nur über die Bridge geht, läuft durch die IP-Firewall: net.bridge.bridge-nf-call-iptables=0 ändert das, wenn Docker es nicht braucht
spot.estimates	Mengen sind geschätzt: nicht jedes Paket wird gezählt
spot.hardware	Flow-Offloading ist an: nach ihren ersten Paketen geht eine Verbindung an uns vorbei, Namen aus TLS und HTTP können fehlen, Mengen kommen spät, und Trennen wirkt etwa eine Sekunde später: option flow_offloading_hw '0' in {0} ändert das
spot.lan	ein getrenntes Gerät erreicht noch das LAN, und das LAN das Gerät: installieren Sie kmod-nft-bridge
spot.recording	das ist eine Aufzeichnung: hier lässt sich nichts trennen
spot.software	Flow-Offloading ist an: nach ihren ersten Paketen geht eine Verbindung an uns vorbei, Namen aus TLS und HTTP können fehlen: option flow_offloading '0' in {0} ändert das
spread	probierte {0} bei {1}{2}; so verbreiten sich Botnetze
spread.times	, {0} Mal in {1}
stays	{0} bleibt wegen anderem festgehalten; der Besitzer findet in Ordnung: es {1}
then	{0}; {1}
time	Zeit (NTP)
tunnel	fragte nach {0} Namen unter {1} in {2}, jeder {3} Byte lang: so gehen vielleicht Daten hinaus
twin	{0} gleicht {1}, das weg ist: vielleicht dasselbe Gerät mit neuer MAC
unanswered	, ohne Antwort
unanswered.part	, {0} % ohne Antwort
unsaved	Trennungen gelten nur bis zum Neustart: {0}
web	das Web ({0})
wild.flow	Ein Teil des Verkehrs von {0} wurde automatisch gestoppt, bis {1}: {2}
wild.full	{0} wurde automatisch getrennt, bis {1}: {2}
wild.internet	{0} wurde automatisch vom Internet getrennt, bis {1}: {2}
`;
