// What the router says, in Dutch: a phrase a line, its key and its template, as capture/say/phrases.txt has them in English.
export const said = `
adds	Volgens de eigenaar is {0} nu {1} met een nieuwe MAC en neemt over wat daarover geleerd is
allow	zijn beschrijving staat alleen {0} toe
allow.nobody	zijn beschrijving laat niemand toe
allow.nothing	zijn beschrijving laat het alleen de router naar namen en de tijd vragen
allow.some	iedereen, voor sommige dingen
and	{0} en {1}
and.more	{0} en nog {1}
ask.contested	het was bijna tegelijk op twee plaatsen te zien: misschien gebruikt een ander apparaat zijn MAC
ask.count	{0} apparaten passen
ask.early	de router zegt niet welke buitenpoort van dit apparaat is
ask.held	voor deze provider zouden meer dan {0} apparaten tegengehouden worden
ask.lately	voor deze provider zijn in het afgelopen uur twee apparaten tegengehouden
ask.policy	deze provider moet het vragen
ask.several	misschien zijn het meerdere apparaten achter een repeater
ask.spared	u hebt dit apparaat in het afgelopen uur vrijgegeven
ask.stranger	ook een onbekend apparaat past
ask.unseen	er was geen pakket van te zien: misschien gebruikt een ander apparaat zijn adres
ask.wide	het doel {0} is meer dan één locatie
back	{0} is door de eigenaar weer toegelaten
back.fine	{0} is weer toegelaten; de eigenaar vindt goed: het {1}
back.time	{0} is weer toegelaten: de tijd was om
beacon	meldde zich {1} keer bij {0}, elke {2}; dat is nieuw
because	{0}: {1}
before	het noemt zich {0} en vraagt via DHCP als het apparaat dat eerder weg was
breach	probeerde {0} bij {1} te bereiken; dat is geweigerd
breach.flood	{0} doet veel dat zijn beschrijving niet toestaat: meer daarvan wordt dit uur niet gemeld
breach.watched	probeerde {0} bij {1} te bereiken; dat ging door, er wordt alleen gekeken
character	gedroeg zich een uur lang als een ander apparaat: het {0}
character.met	sprak met {0} nieuwe {0?partij:partijen}
character.moved	verplaatste {0}, meer dan {1} keer zoveel als normaal
character.turned	verzond {0} % van alles, normaal is {1} %
claim.address	zegt dat het het adres van de router heeft, {0}: wat andere naar internet sturen gaat er misschien doorheen
claim.both	en {0} zeggen allebei dat ze het adres {1} hebben: één liegt of is verkeerd ingesteld
claim.dhcp	deelt naast de router adressen uit (DHCP): wat andere naar internet sturen gaat er misschien doorheen
claim.router	zegt dat het een router naar internet is (IPv6): wat andere naar internet sturen gaat er misschien doorheen
clock	De klok is gezet: afsluitingen met een einde lopen weer
clue.address	het adres {0} is van dit apparaat
clue.port	buitenpoort {0} is van dit apparaat sinds {1}
clue.port.was	buitenpoort {0} was van dit apparaat van {1} tot {2}
clue.ports	buitenpoort {0} en nog {1} zijn van dit apparaat sinds {2}
clue.ports.was	buitenpoort {0} en nog {1} waren van dit apparaat van {2} tot {3}
clue.talk	het praat met {0} sinds {1}
clue.talk.was	het praatte met {0} van {1} tot {2}
contested	{0} was bijna tegelijk op twee plaatsen te zien, het laatst op {1}: misschien gebruikt een ander apparaat zijn MAC
crowd	Te veel nieuwe apparaten: een ervan verzint MAC's; beslis over wat wacht
cut.flow	Een deel van het verkeer van {0} is door de eigenaar gestopt
cut.full	{0} is door de eigenaar afgesloten
cut.internet	{0} is door de eigenaar van internet afgesloten
did	{0} {1}
door.cookie	Een aanmelding kwam van een ander apparaat of een andere adapter: ze is beëindigd
door.in	Aangemeld: {0}
door.luci	Aangemeld via LuCI: {0}
door.nobody	een onbekende gebruiker
door.out	Afgemeld: {0}
door.out.all	Overal afgemeld: {0}
door.owner	eigenaar
door.password	Wachtwoord gewijzigd: {0}
door.setup	Het wachtwoord van de eigenaar is ingesteld
door.token	API-token {0} is gemaakt
door.token.gone	API-token {0} is ingetrokken
door.viewer	kijker
door.wrong	Verkeerd wachtwoord: {0} ({1} sinds de start)
dots.end	De toegangsgegevens voor provider {0} gelden tot {1}: vraag om nieuwe
dots.lost	De verbinding met provider {0} is weg, nieuwe poging volgt: {1}
dots.missing	Er is geen verbinding met provider {0}: {1}
dots.refused	Een verzoek van provider {0} is afgewezen: {1}
dots.up	Provider {0} is verbonden en mag vragen om verkeer te stoppen
edit	De eigenaar veranderde {0}: {1}
edit.again	het heet weer {0}
edit.controls	het bestuurt {0}
edit.hidden	het is verborgen op de pagina
edit.kind	soort: {0}
edit.kind.none	zijn soort is open
edit.name	het heet {0}
edit.nobody	het bestuurt niets meer
edit.nowhere	afgesloten bereikt het niets
edit.ports	het mag poorten openen
edit.ports.no	het mag geen poorten openen
edit.reach	afgesloten bereikt het nog {0}
edit.shown	het staat weer op de pagina
edit.trust	het wordt vertrouwd
edit.trust.no	het wordt niet meer vertrouwd
edit.wild	bij een alarm: {0}
edit.wild.none	bij een alarm: zoals ingesteld
erased	De eigenaar wiste een apparaat: er is niets meer over bekend
erased.too	het apparaat is gewist
exfiltration	verzond {0} in tien minuten, het meeste naar {1}; tot nu toe hoogstens {2}
export	De eigenaar downloadde wat over {0} bekend is
firewall.again	De firewall neemt onze regels weer aan
firewall.gone	Een ander programma verwijderde onze regels: ze gelden weer
firewall.open	Een ander programma liet {0} weer toe: het is weer afgesloten
firewall.refused	De firewall neemt onze regels niet aan, de oude blijven: {0}
firewall.tried	nieuwe poging elke seconde: {0}
firmware	Het systeem van de router is nu {1} in plaats van {0}: tot Spinneret er weer was, werd er niets bekeken en niemand afgesloten
first	sprak voor het eerst met {0} ({1}); tot nu toe kende het {2} andere
flood.dhcp	verzond {1} lang tot {0} DHCP-berichten per seconde; normaal zijn een paar per uur
flood.forged	verzond {1} lang tot {0} pakketten per seconde van {2} adressen, zoals {3} en {4}{5}; normaal zijn een paar adressen
flood.packets	verzond {1} lang tot {0} pakketten per seconde{2}, vrijwel zonder antwoord
flood.pings	verzond {1} lang tot {0} pings per seconde{2}; zoveel heeft niemand nodig
flood.syn	verzond {1} lang tot {0} verzoeken (TCP SYN) per seconde{2}, vrijwel zonder antwoord
flood.to	, de meeste naar {0}
guess	opende {0} {0?verbinding:verbindingen} met {1} van {2} in {3}, alsof het wachtwoorden raadt
habits.general	voor veel: veel partijen, en dus milder beoordeeld; {0} gezien
habits.learning	leert nog, {0} gezien
habits.never	nooit bekeken
habits.single	voor één ding: weinig partijen, en dus strenger beoordeeld; {0} gezien
habits.some	voor sommige dingen; {0} gezien
held	nieuw apparaat: tegengehouden tot u het toelaat
held.like	{0}: tegengehouden tot u het toelaat
history.again	De geschiedenis wordt weer bewaard
history.lost	De geschiedenis wordt niet bewaard: {0}
inside	{0}; wat binnenshuis blijft wordt toch geteld
joined	{0} is er voor het eerst
joined.held	{0}: geen internet tot u het toelaat
level	Nu op niveau {0}
level.bridge	geen bridge in het LAN: wat binnenshuis blijft gaat ongezien langs {0}
level.none	er zijn geen nieuwe pakketten te zien
like	misschien is het {0} met een andere MAC
mail	e-mail ({0})
more.than	meer dan {0}
mud.answer.entries	Wat van de beschrijving van {0} wachtte, is door de eigenaar {1}
mud.answer.file	Het bestand dat {0} beschrijft, is door de eigenaar {1}
mud.answer.no	afgewezen
mud.answer.url	De nieuwe beschrijving die {0} noemt, is door de eigenaar {1}
mud.answer.yes	goedgekeurd
mud.compared	{0} noemt de beschrijving van zijn fabrikant, {1}: wat het verder doet wordt gemeld, niet gestopt
mud.enforce	wat het verder probeert wordt gestopt
mud.file	een bestand dat het beschrijft ({0})
mud.given	{0} kreeg van de eigenaar {1}: {2}
mud.heard	Voor {0} geldt weer de beschrijving die het zelf noemt, {1}: {2}
mud.makers	de beschrijving van zijn fabrikant
mud.mode	De beschrijving van {0} is door de eigenaar op “{1}” gezet: {2}
mud.newer	{0} noemt een nieuwere beschrijving, {1}: ze geldt als dezelfde fabrikant haar heeft ondertekend
mud.none	Voor {0} geldt geen beschrijving meer
mud.off	ze wordt alleen bewaard
mud.once	zodra ze bekend is: {0}
mud.other	{0} noemt een andere beschrijving, {1}: ze wacht op uw woord
mud.tell	De beschrijving van de fabrikant van {0} {1}
mud.url	de beschrijving {0}
mud.watch	wat het verder doet wordt gemeld, niet gestopt
normal	normaal is tot {0} per minuut
normal.contacts	normaal is tot {0} nieuwe {0?verbinding:verbindingen} per minuut
normal.learning	wat er normaal voor is, is nog niet bekend ({0})
normal.unknown	wat er normaal voor is, is nog niet bekend
notice.bad	is in een nieuwere versie niet bruikbaar: de oude blijft
notice.doubt	wacht op uw woord
notice.got	is er en geldt
notice.late	was lang niet op te zoeken: wat ervan bekend is blijft gelden
notice.lost	was niet te krijgen
notice.refused	is niet aangenomen
notice.stale	was 30 dagen niet te krijgen: wat ervan bekend is blijft gelden
notice.untrusted	was niet te krijgen: haar server heeft een verkeerd certificaat, misschien een aanval
notice.updated	is door de fabrikant vernieuwd
notice.withdrawn	is door de fabrikant ingetrokken: wat ervan bekend is blijft gelden
or	{0} of {1}
page.again	{0}: nieuwe poging volgt
page.back	De pagina is nu op {0}
page.shut	De pagina is niet op {0}: {1}
party	{0} ({1})
peak.received	ontving {0} in een minuut; {1}, tot nu toe hoogstens {2}
peak.sent	verzond {0} in een minuut; {1}, tot nu toe hoogstens {2}
ping	ping
port	{0}-poort {1}
protocol	IP-protocol {0}
radio	wifi: {0}
radio.absent	alleen van internet en LAN-kabel afgesloten: deze router heeft geen hostapd op ubus
record	De eigenaar neemt op wat {0} verzendt en ontvangt
record.end	De opname van {0} is klaar: {1} {1?pakket:pakketten}, {2} verloren
record.past	De eigenaar downloadde koppen van {0}
refrain	{0} wordt niet automatisch tegengehouden: {1}
refrain.many	{0} andere apparaten zijn dat dit uur al: sluit het zelf af als het opvalt
request.asks	Provider {0} vraagt om verkeer van {1} naar {2} te stoppen: u beslist ({3})
request.ended	Het verzoek van provider {0} over verkeer naar {1} is door de eigenaar beëindigd
request.expired	Het verzoek van provider {0} over verkeer naar {1} is verlopen
request.failed	Provider {0} vraagt om verkeer naar {1} te stoppen: dat ging niet ({2})
request.logged	Provider {0} vraagt om verkeer van {1} naar {2} te stoppen: er is niets gedaan ({3})
request.looking	het apparaat wordt gezocht
request.meant	u zei dat dit verkeer zo bedoeld is
request.nobody	geen apparaat in dit huis past
request.recorded	verzoeken van deze provider worden alleen genoteerd
request.refused	Het verzoek van provider {0} over verkeer naar {1} is geweigerd
request.stopped	Provider {0} vraagt om verkeer van {1} naar {2} te stoppen: het is gestopt ({3})
request.unknown	een onbekend apparaat
request.withdrawn	Het verzoek van provider {0} over verkeer naar {1} is ingetrokken
scan.address	probeerde {0} {0?poort:poorten} van {1} in {2}{3}; {4}
scan.home	zocht in {1} naar {0} {0?adres:adressen} in huis: dat doet een app wel eens, of een worm
scan.port	probeerde {1} op {0} {0?adres:adressen} in {2}{3}; {4}
service	{0} ({1}-poort {2})
settings	De instellingen zijn opnieuw gelezen
settings.not	De nieuwe instellingen gelden niet, de oude blijven: {0}
spot.bridge	ook wat alleen over de bridge gaat, loopt door de IP-firewall: net.bridge.bridge-nf-call-iptables=0 verandert dat, als Docker het niet nodig heeft
spot.estimates	hoeveelheden zijn geschat: niet elk pakket wordt geteld
spot.hardware	flow offloading staat aan: na haar eerste pakketten gaat een verbinding langs ons heen, namen uit TLS en HTTP kunnen ontbreken, hoeveelheden komen laat, en afsluiten werkt ongeveer een seconde later: option flow_offloading_hw '0' in {0} verandert dat
spot.lan	een afgesloten apparaat bereikt nog het LAN, en het LAN het apparaat: installeer kmod-nft-bridge
spot.recording	dit is een opname: hier is niets af te sluiten
spot.software	flow offloading staat aan: na haar eerste pakketten gaat een verbinding langs ons heen, namen uit TLS en HTTP kunnen ontbreken: option flow_offloading '0' in {0} verandert dat
spread	probeerde {0} bij {1}{2}; zo verspreiden zich botnets
spread.times	, {0} keer in {1}
stays	{0} blijft tegengehouden voor iets anders; de eigenaar vindt goed: het {1}
then	{0}; {1}
time	tijd (NTP)
tunnel	vroeg naar {0} {0?naam:namen} onder {1} in {2}, elk {3} bytes lang: zo gaan misschien gegevens naar buiten
twin	{0} lijkt op {1}, dat weg is: misschien hetzelfde apparaat met een nieuwe MAC
unanswered	, zonder antwoord
unanswered.part	, {0} % zonder antwoord
unsaved	Afsluitingen gelden alleen tot de herstart: {0}
web	het web ({0})
wild.flow	Een deel van het verkeer van {0} is automatisch gestopt, tot {1}: {2}
wild.full	{0} is automatisch afgesloten, tot {1}: {2}
wild.internet	{0} is automatisch van internet afgesloten, tot {1}: {2}
`;
