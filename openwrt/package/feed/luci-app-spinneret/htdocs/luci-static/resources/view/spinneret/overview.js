'use strict';
'require dom';
'require poll';
'require rpc';
'require uci';
'require ui';
'require view';

const callStatus = rpc.declare({ object: 'spinneret', method: 'status' });
const callDevices = rpc.declare({ object: 'spinneret', method: 'devices' });
const callQuarantine = rpc.declare({ object: 'spinneret', method: 'quarantine', params: [ 'device', 'level', 'why' ] });
const callRelease = rpc.declare({ object: 'spinneret', method: 'release', params: [ 'device' ] });
const callTicket = rpc.declare({ object: 'spinneret', method: 'ticket' });
const callOwnerTicket = rpc.declare({ object: 'spinneret', method: 'ticket_owner' });

/* The plugin answers errors as objects: to rpcd every answer is a success. */
function checked(answer) {
	if (answer && answer.error)
		throw new Error(answer.error.message);
	return answer;
}

function complain(err) {
	ui.addNotification(null, E('p', {}, [ _('Spinneret could not do it: %s').format(err.message) ]), 'error');
}

/* By which of several addresses the page is reached from here: this router's name if it is among them, else the first.
 * One that stands for all addresses is no place to go to. */
function reachable(list) {
	const host = window.location.hostname;
	const found = list.find(address => address.startsWith(host + ':')) || list[0];
	return found.replace(/^(0\.0\.0\.0|\[::\])(?=:\d+$)/, host);
}

function pageAddress() {
	const secure = L.toArray(uci.get('spinneret', 'main', 'listen_https'));
	const plain = L.toArray(uci.get('spinneret', 'main', 'listen'));
	if (secure.length && (window.location.protocol === 'https:' || !plain.length))
		return 'https://' + reachable(secure) + '/';
	return 'http://' + (plain.length ? reachable(plain) : window.location.hostname + ':8484') + '/';
}

function rate(bytes) {
	return '%1024.1mB/s'.format(bytes);
}

function standing(device) {
	const q = device.quarantine;
	if (!q)
		return device.online ? _('online') : _('away');
	const levels = { full: _('cut off'), internet: _('no internet'), flow: _('partly stopped') };
	const end = q.until ? _('until %s').format(new Date(q.until).toLocaleString()) : _('until released');
	return [ levels[q.level] || q.level, end, q.why ].filter(text => text).join(', ');
}

return view.extend({
	handleSave: null,
	handleSaveApply: null,
	handleReset: null,

	/* Each part may fail by itself: without the agent the view still says so. */
	fetch: function() {
		return Promise.all([ callStatus().then(checked), callDevices().then(checked) ])
			.catch(err => [ null, null, err ]);
	},

	load: function() {
		return Promise.all([ this.fetch(), uci.load('spinneret') ]);
	},

	render: function([ data ]) {
		const box = E('div', {}, this.content(data));
		poll.add(() => this.fetch().then(fresh => dom.content(box, this.content(fresh))), 5);
		return box;
	},

	content: function([ status, devices, err ]) {
		if (err)
			return [
				E('h2', {}, [ _('Devices') ]),
				E('div', { 'class': 'alert-message warning' }, [ _('Spinneret does not answer: %s').format(err.message) ])
			];
		return [
			E('h2', {}, [ _('Devices') ]),
			E('p', {}, [
				_('%d devices, %d online, %d held back.').format(status.devices.known, status.devices.online, status.devices.quarantined),
				' ',
				E('button', { 'class': 'btn cbi-button cbi-button-action', 'click': ui.createHandlerFn(this, 'openPage') }, [ _('Open the live page') ])
			]),
			...this.warnings(status),
			this.table(devices.devices)
		];
	},

	warnings: function(status) {
		const list = [];
		if (status.firewall.state === 'failed')
			list.push(_('The firewall refused the last change: %s').format(status.firewall.error));
		return list.map(text => E('div', { 'class': 'alert-message warning' }, [ text ]));
	},

	table: function(devices) {
		const table = E('table', { 'class': 'table cbi-section-table' }, [
			E('tr', { 'class': 'tr table-titles' }, [
				E('th', { 'class': 'th' }, [ _('Device') ]),
				E('th', { 'class': 'th' }, [ _('Addresses') ]),
				E('th', { 'class': 'th' }, [ _('Receives') ]),
				E('th', { 'class': 'th' }, [ _('Sends') ]),
				E('th', { 'class': 'th' }, [ _('State') ]),
				E('th', { 'class': 'th cbi-section-actions' }, [])
			])
		]);
		cbi_update_table(table, devices.filter(d => !d.ignored).map(d => this.row(d)), E('em', {}, [ _('No device was seen yet.') ]));
		return table;
	},

	/* Names come from the network: only texts in a list, within an element, can never become HTML. */
	row: function(device) {
		const cell = (text, attrs) => E('span', attrs || {}, [ text ]);
		return [
			cell(device.name, { 'title': device.mac }),
			cell(device.addresses.join(' ')),
			cell(rate(device.rxRate)),
			cell(rate(device.txRate)),
			cell(standing(device)),
			device.quarantine
				? this.button(_('Release'), 'cbi-button-positive', 'handleRelease', device)
				: this.button(_('Cut off'), 'cbi-button-negative', 'handleCut', device)
		];
	},

	button: function(label, style, handler, device) {
		return E('button', {
			'class': 'btn cbi-button ' + style,
			'disabled': L.hasViewPermission() ? null : true,
			'click': ui.createHandlerFn(this, handler, device)
		}, [ label ]);
	},

	handleRelease: function(device) {
		return callRelease(device.mac).then(checked).catch(complain);
	},

	/* LuCI cannot tell which device its user sits at: so it asks. */
	handleCut: function(device) {
		const cut = () => callQuarantine(device.mac, 'full', _('from LuCI')).then(checked).catch(complain).finally(ui.hideModal);
		ui.showModal(_('Cut this device off?'), [
			E('p', {}, [ E('strong', {}, [ device.name ]), ' (' + device.mac + ')' ]),
			E('p', {}, [ _('It loses the internet and the home network until you release it. If you are using it now, you need another device to undo this.') ]),
			E('div', { 'class': 'right' }, [
				E('button', { 'class': 'btn', 'click': ui.hideModal }, [ _('Cancel') ]),
				' ',
				E('button', { 'class': 'btn cbi-button-negative', 'click': cut }, [ _('Cut off') ])
			])
		]);
	},

	/* The window opens at once, else browsers block it; the address follows with a ticket that is good once, for a minute. */
	openPage: function() {
		const page = window.open('', '_blank');
		const ticket = L.hasViewPermission() ? callOwnerTicket : callTicket;
		return ticket().then(checked).then(answer => {
			page.opener = null;
			page.location.replace(pageAddress() + '#ticket=' + encodeURIComponent(answer.ticket));
		}).catch(err => {
			page?.close();
			complain(err);
		});
	}
});
