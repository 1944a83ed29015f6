// A stand-in for LuCI: runs one view as LuCI's loader does, with rpcd's answers from a file, and prints what it shows.
// node luci.cjs VIEW ANSWERS [BUTTON...]: each BUTTON is pressed by its label, after what came before it.
const fs = require('fs');
const [file, answersFile, ...presses] = process.argv.slice(2);
const answers = JSON.parse(fs.readFileSync(answersFile));
const said = [];
const say = text => said.push(text);

String.prototype.format = function(...args) {
	return this.replace(/%(\d*\.?\d*m?)([sd]|B)/g, (_, flags, verb) => { // numbers with a unit: %1024.1mB
		const value = args.shift();
		return verb === 'B' ? Number(value).toFixed(1) + ' B' : String(value);
	});
};
// LuCI takes a text that is no element of a list as HTML.
const E = (tag, attrs, children) => {
	if (typeof children === 'string') throw new Error(`text outside a list becomes HTML: ${children}`);
	return { tag, attrs, children: [].concat(children ?? []) };
};
let shown = null;
const methods = {};
const modules = {
	dom: { content: (node, children) => { node.children = [].concat(children); } },
	poll: { add: (fn, seconds) => say(`polls every ${seconds} s`) },
	rpc: { declare: ({ object, method, params }) => {
		methods[`${object} ${method}`] = params ?? [];
		return async (...args) => {
			if (args.length > (params ?? []).length) throw new Error(`${method} takes fewer arguments`);
			if (!(method in answers)) throw new Error('Access denied');
			if (args.length) say(`calls ${object} ${method} ${args.join(' ')}`);
			return answers[method];
		};
	} },
	uci: { load: async name => say(`loads ${name}`), get: (_, __, option) => answers.uci?.[option] },
	ui: {
		addNotification: (title, node, kind) => say(`${kind}: ${text(node)}`),
		createHandlerFn: (self, name, ...args) => () => self[name](...args),
		showModal: (title, children) => { shown = E('div', {}, children); say(`asks: ${title} ${shown.children.map(text).join(' ')}`); },
		hideModal: () => { shown = null; },
	},
	view: { extend: methods => methods },
	form: forms(),
};

function forms() {
	const kinds = {};
	for (const kind of ['ListValue', 'DynamicList', 'Value', 'Flag', 'MultiValue', 'NamedSection', 'GridSection'])
		kinds[kind] = class {
			enabled = '1';
			value(key, label) { say(`    ${key}: ${label ?? key}`); }
			set validate(fn) { for (const v of ['', '24h', '1h30m', '7d', '7', 'soon', '1d2h']) say(`    "${v}": ${fn('main', v)}`); }
		};
	class Section {
		constructor(name) { this.name = name; this.tabs = new Set(); }
		tab(name, title) { this.tabs.add(name); say(`tab ${name}: ${title}`); }
		taboption(tab, Kind, name, title) {
			if (!this.tabs.has(tab)) throw new Error(`no tab ${tab}`);
			return this.add(tab, Kind, name, title);
		}
		option(Kind, name, title) { return this.add(this.name, Kind, name, title); }
		add(place, Kind, name, title) {
			if (!Object.values(kinds).includes(Kind)) throw new Error(`no such kind of ${name}`);
			say(`  ${place} ${Object.keys(kinds).find(k => kinds[k] === Kind)} ${name}: ${title}`);
			return new Kind();
		}
	}
	kinds.Map = class {
		constructor(config, title) { say(`map ${config}: ${title}`); }
		section(kind, name, type) {
			if (!Object.values(kinds).includes(kind)) throw new Error(`no such kind of section ${name}`);
			say(kind === kinds.GridSection ? `sections ${name}: ${type}` : `section ${type} ${name}`);
			return new Section(name);
		}
		async render() { return E('div', {}, []); }
	};
	return kinds;
}

const text = node => typeof node === 'object' && node !== null ? node.children.map(text).join('') : String(node ?? '');
function* nodes(node) {
	if (typeof node !== 'object' || node === null) return;
	yield node;
	for (const child of node.children) yield* nodes(child);
}

function cbi_update_table(table, rows, placeholder) {
	const cells = rows.length ? rows : [[placeholder]];
	table.children.push(...cells.map(row => E('tr', {}, row.map(cell => E('td', {}, cell)))));
}

function print(node, out) {
	for (const part of nodes(node)) {
		if (['h2', 'p'].includes(part.tag)) out.push(text(part));
		if (part.attrs?.class?.startsWith('alert-message')) out.push('warning: ' + text(part));
		if (part.tag === 'tr') out.push(part.children.map(cell => text(cell) + (disabled(cell) ? ' (disabled)' : '')).join(' | '));
	}
	return out;
}
const disabled = cell => [...nodes(cell)].some(n => n.tag === 'button' && n.attrs.disabled);

async function main() {
	const source = fs.readFileSync(file, 'utf8');
	const names = [...source.matchAll(/^'require (\w+)';$/gm)].map(m => m[1]);
	for (const name of names) if (!(name in modules)) throw new Error(`no module ${name}`);
	const window = {
		location: { hostname: '192.168.1.1', protocol: 'http:' },
		open: () => ({ location: { replace: url => say(`opens ${url}`) }, close: () => say('closes the window') }),
	};
	const L = { toArray: v => v == null ? [] : [].concat(v), hasViewPermission: () => !answers.readOnly };
	const run = new Function('window', 'L', 'E', '_', 'cbi_update_table', ...names, source);
	const view = run(window, L, E, text => text, cbi_update_table, ...names.map(n => modules[n]));
	const node = await view.render(await view.load?.());
	const lines = print(node, []);
	for (const label of presses) {
		const button = [...nodes(shown ?? node)].find(n => n.tag === 'button' && text(n) === label);
		if (!button) throw new Error(`no button ${label}`);
		say(`pressed: ${label}`);
		await button.attrs.click();
	}
	console.log([...lines, ...said].join('\n'));
}
main().catch(err => { console.error(err); process.exit(1); });
