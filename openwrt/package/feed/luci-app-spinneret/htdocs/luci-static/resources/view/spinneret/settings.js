'use strict';
'require form';
'require view';

/* Hours, minutes and seconds, or whole days, as the agent reads them. */
function span(section_id, value) {
	return !value || (/^(0|\d+d|(\d+h)?(\d+m)?(\d+s)?)$/).test(value) || _('Give a time such as 90s, 1h30m or 7d.');
}

return view.extend({
	render: function() {
		const map = new form.Map('spinneret', _('Spinneret settings'), _('Everything has a default: what is left empty is found out by itself.'));
		const main = map.section(form.NamedSection, 'main', 'spinneret');
		main.addremove = false;
		main.tab('home', _('Home'));
		main.tab('page', _('Page'));
		main.tab('memory', _('Memory'));
		let o;

		o = main.taboption('home', form.ListValue, 'new_devices', _('New devices'), _('What to do about a device that was never seen before.'));
		o.value('tell', _('say so'));
		o.value('allow', _('say nothing'));
		o.value('hold', _('keep it off the internet until you allow it'));
		o.default = 'tell';

		o = main.taboption('home', form.DynamicList, 'lan', _('Home networks'), _('Networks or interfaces of the home, such as lan or guest.'));
		o.datatype = 'maxlength(15)';
		o.placeholder = 'lan';

		o = main.taboption('home', form.DynamicList, 'wan', _('Internet'), _('Networks or interfaces towards the internet.'));
		o.datatype = 'maxlength(15)';
		o.placeholder = 'wan';

		o = main.taboption('home', form.ListValue, 'max_level', _('How closely to look'), _('A change counts from the next start.'));
		o.value('3', _('inside the home too'));
		o.value('2', _('every connection'));
		o.value('1', _('volumes'));
		o.value('0', _('packets only'));
		o.default = '3';

		o = main.taboption('home', form.Value, 'dhcp_leases', _('Lease file'));
		o.placeholder = '/tmp/dhcp.leases';

		o = main.taboption('home', form.DynamicList, 'mud_anchor', _('More authorities for makers\' descriptions'), _('Files in PEM: CAs of servers and of who signs.'));
		o.placeholder = '/etc/spinneret/mud-ca.pem';

		o = main.taboption('home', form.DynamicList, 'mud_host', _('Own servers of makers\' descriptions'), _('HOST or HOST:PORT: these may be inside the home.'));
		o.datatype = 'or(hostname,hostport)';

		o = main.taboption('home', form.Value, 'learning', _('Learning time'), _('How long a device is watched before its habits count, such as 24h or 7d.'));
		o.validate = span;
		o.placeholder = '24h';

		o = main.taboption('home', form.Value, 'provider_grace', _('After a provider took a request back'), _('Seconds that it stays in force.'));
		o.datatype = 'range(1,300)';
		o.placeholder = '120';

		o = main.taboption('page', form.DynamicList, 'listen', _('Addresses'), _('Where the page is, as ADDRESS:PORT.'));
		o.datatype = 'or(hostport,ipaddrport(1))'; /* the latter takes [fd00::1]:8484 */
		o.placeholder = '192.168.1.1:8484';

		o = main.taboption('page', form.DynamicList, 'listen_https', _('Addresses with HTTPS'));
		o.datatype = 'or(hostport,ipaddrport(1))';
		o.placeholder = '192.168.1.1:8485';

		o = main.taboption('page', form.Value, 'cert', _('Certificate'));
		o.placeholder = '/etc/uhttpd.crt';

		o = main.taboption('page', form.Value, 'key', _('Key of the certificate'));
		o.placeholder = '/etc/uhttpd.key';

		o = main.taboption('page', form.DynamicList, 'page_from', _('Who else may open it'), _('Networks or interfaces beside those of the home, such as a VPN.'));
		o.datatype = 'maxlength(15)';

		o = main.taboption('page', form.DynamicList, 'host', _('Other names of the router'));
		o.datatype = 'hostname';

		o = main.taboption('page', form.Flag, 'auth', _('Login'), _('Without a login the page can only be at 127.0.0.1.'));
		o.default = o.enabled;
		o.rmempty = false;

		o = main.taboption('page', form.Flag, 'metrics', _('Numbers for Prometheus'), _('At /metrics, for a token or a login.'));

		o = main.taboption('memory', form.Value, 'history_size', _('History'), _('Bytes of memory for what ended.'));
		o.datatype = 'range(65536,1073741824)';
		o.placeholder = '8388608';

		o = main.taboption('memory', form.Value, 'history_path', _('History file'), _('On a disk, never on flash. Empty: memory only.'));

		o = main.taboption('memory', form.Value, 'state_dir', _('State directory'), _('A change counts from the next start.'));
		o.placeholder = '/etc/spinneret';

		o = main.taboption('memory', form.Value, 'socket', _('Socket'));
		o.placeholder = '/var/run/spinneret/api.sock';

		this.actions(map);
		this.providers(map);
		return map.render();
	},

	providers: function(map) {
		const list = map.section(form.GridSection, 'provider', _('Internet providers that may ask to stop an attack'),
			_('They are called (DOTS, RFC 9066) with what they gave you: copy it to the router, and give one file, or three, or a shared key.'));
		list.addremove = true;
		let o;

		o = list.option(form.Value, 'address', _('Server'));
		o.datatype = 'host';
		o.placeholder = 'dots.isp.example';
		o.rmempty = false;

		o = list.option(form.Value, 'port', _('Port'));
		o.datatype = 'port';
		o.placeholder = '4647';
		o.rmempty = false;

		o = list.option(form.ListValue, 'policy', _('When it asks'));
		o.value('log', _('write it down'));
		o.value('ask', _('ask me'));
		o.value('flow', _('stop that traffic'));
		o.value('device', _('cut it off'));
		o.default = 'flow';

		for (const [ name, title, description, datatype, placeholder ] of [
			[ 'name', _('Name in its certificate'), _('Empty: the server.'), 'hostname', 'dots.isp.example' ],
			[ 'credentials', _('Credentials'), _('One file, with its authority, our certificate and our key.'), 'string', '/etc/spinneret/isp.pem' ],
			[ 'ca', _('Its authority'), null, 'string', '/etc/spinneret/isp-ca.pem' ],
			[ 'cert', _('Our certificate'), null, 'string', '/etc/spinneret/isp-cert.pem' ],
			[ 'key', _('Key of the certificate'), null, 'string', '/etc/spinneret/isp-key.pem' ],
			[ 'psk_identity', _('Name of the shared key'), null, 'maxlength(128)', null ],
			[ 'psk_file', _('Shared key'), null, 'string', '/etc/spinneret/isp.psk' ],
			[ 'max_devices', _('Devices held back at once, unasked'), null, 'range(1,64)', '1' ],
			[ 'trusted_domain', _('Domain of its servers'), null, 'hostname', 'isp.example' ]
		]) {
			o = list.option(form.Value, name, title, description);
			o.datatype = datatype;
			o.placeholder = placeholder;
			o.modalonly = true;
		}
	},

	actions: function(map) {
		const list = map.section(form.GridSection, 'action', _('What to do about what is unusual'),
			_('The first that fits counts. Never done while a device is being learned, nor to one that is trusted. What is left empty means all.'));
		list.addremove = true;
		list.sortable = true;
		let o;

		o = list.option(form.MultiValue, 'kind', _('What is found'));
		for (const kind of [ 'peak', 'flood', 'scan', 'bruteforce', 'beacon', 'exfiltration', 'dns-tunnel', 'spoofing', 'rogue-dhcp', 'first-contact', 'character', 'mud' ])
			o.value(kind);

		o = list.option(form.ListValue, 'severity', _('At least'));
		o.value('alarm', _('alarm'));
		o.value('warning', _('warning'));
		o.value('note', _('note'));
		o.default = 'alarm';

		o = list.option(form.DynamicList, 'class', _('Devices called'), _('As on the page, such as camera; single: all that have one purpose.'));
		o.datatype = 'maxlength(64)';

		o = list.option(form.DynamicList, 'device', _('Single devices'), _('By their MAC.'));
		o.datatype = 'macaddr';

		o = list.option(form.ListValue, 'level', _('What to do'));
		o.value('tell', _('tell'));
		o.value('flow', _('stop that traffic'));
		o.value('internet', _('keep it off the internet'));
		o.value('full', _('cut it off'));
		o.default = 'tell';

		o = list.option(form.Value, 'for', _('For how long'), _('1m to 30d.'));
		o.validate = span;
		o.placeholder = '1h';
	}
});
