// Every word on the page. English is the only language now; another is another object of this shape.
import { aside, cutText } from "./cuttext.ts";
import { loginText } from "./logintext.ts";
import type { Mark } from "./mark.ts";
import type { Quarantine, Session } from "./wire.ts";

export const text = {
  title: "Your home",
  skip: "Skip to the list of devices",
  mark: {
    cut: "Cut off", part: "Partly cut off", held: aside.owner.held, unusual: "Unusual", new: "New", offline: "Offline", normal: "Normal",
  } satisfies Record<Mark, string>,
  counters: {
    label: "What needs a look",
    unusual: (n: number) => `${n} unusual`,
    new: (n: number) => `${n} new`,
    cut: (n: number) => `${n} cut off`,
    held: aside.owner.heldCount,
    online: (n: number, of: number) => `${n} of ${of} online`,
  },
  link: {
    connecting: "Connecting",
    live: "Live",
    lost: "Lost",
    first: "Connecting to the router…",
    lostSince: (ago: string, at: string) => `Lost the router ${ago} ago, showing ${at}. Trying again…`,
    never: "The router does not answer. Trying again…",
    waits: "Paused",
    refused: (why: string) => `The router lets this page see nothing now: ${why}. Trying again…`,
    full: "The router answers, but has no place for another live page. Close one of the others; trying again…",
    updated: "Spinneret was updated.",
    reload: "Reload",
  },
  badge: {
    label: "Blind spots",
    button: (n: number) => (n === 1 ? "1 blind spot" : `${n} blind spots`),
    quiet: "Status",
    title: "What this page sees, and what not",
    clear: "Nothing is known to be missing.",
    lost: (n: string, where: string) => `Missed or left out, ${where}: ${n}.`,
    watched: (n: number) => `Losses are counted in ${n === 1 ? "1 place" : `${n} places`}.`,
    looks: (level: number) => `How closely it looks: level ${level}`,
    levels: ["packets", "how much each connection carries", "also the shortest connections", "what stays inside the home"],
    able: ["not here", "works"] as [string, string],
    stores: "How full its memory is",
    store: { name: "Of what", used: "Used", limit: "Room", evicted: "Let go" },
    level: (levels: string, why: string) => `Missing here, level ${levels}: ${why}`,
    firewall: (why: string) => `The firewall could not be set: ${why}. The old rules are in force.`,
    clock: "The router's clock is not set yet: times may be wrong.",
    close: "Close",
  },
  wishes: {
    title: "Requests of your provider",
    asks: (who: string) => `Provider ${who} asks to stop traffic`,
    what: (devices: string, target: string) => `${devices || "No device"} to ${target}`,
    or: " or ",
    allow: "Stop it", refuse: "Let it pass", legitimate: "This is legitimate",
    state: {
      asking: "Waits", active: "Stopped:", logged: "Recorded:", refused: "Refused:", withdrawn: "Taken back:", expired: "Over:",
      released: "Released:", failed: "Not possible:",
    },
    by: (who: string, at: string) => `asked by ${who} ${at}`,
    dropped: (n: string) => `${n} packets dropped`,
    done: {
      allow: (who: string) => `Stopped, as ${who} asked.`,
      refuse: (who: string) => `${who} is told that it passes.`,
      legitimate: (who: string) => `${who} is told that this is meant.`,
    },
    undone: (who: string) => `Taken back. ${who} is told.`,
    failed: (why: string) => `Nothing was changed: ${why}`,
    provider: (name: string, state: string) => `${name}: ${state}`,
    providers: "Providers that may ask",
    session: { up: "connected", connecting: "connecting", down: "not connected" } as Record<string, string>,
  },
  view: { label: "View", map: "Map", table: "Table", help: "Keyboard help" },
  search: { label: "Search devices", hint: "Search", none: (q: string) => `No device matches “${q}”.` },
  map: {
    label: "Map of who talks to whom. Arrow keys move, Enter looks closer, T shows the same as a table.",
    home: "Your home",
    internet: "Internet",
    others: (n: number) => (n === 1 ? "1 other" : `${n} others`),
    node: (name: string, state: string, rate: string) => `${name}, ${state}, ${rate}`,
    owner: (name: string, devices: number, rate: string) => `${name}, ${devices === 1 ? "1 device" : `${devices} devices`}, ${rate}`,
    down: "mostly download",
    up: "mostly upload",
    quiet: "quiet",
    lan: "inside your home",
    legend: "Legend",
    more: (n: number) => (n === 1 ? "One more device is in the table" : `${n} more devices are in the table`),
  },
  /** One of a kind, and several. */
  kind: {
    phone: ["Phone", "Phones"], tablet: ["Tablet", "Tablets"], computer: ["Computer", "Computers"],
    laptop: ["Laptop", "Laptops"], tv: ["Television", "Television"], media: ["Media player", "Media"],
    speaker: ["Speaker", "Speakers"], console: ["Console", "Consoles"], camera: ["Camera", "Cameras"],
    printer: ["Printer", "Printers"], storage: ["Storage", "Storage"], hub: ["Hub", "Hubs"], light: ["Light", "Lights"],
    plug: ["Plug", "Plugs"], sensor: ["Sensor", "Sensors"], appliance: ["Appliance", "Appliances"],
    other: ["Other device", "Other devices"], away: ["", "Not seen for a week"],
  } as Record<string, [string, string]>,
  table: {
    caption: "All devices, the same as on the map",
    device: "Device", state: "State", rate: "Traffic", down: "Down", up: "Up", talks: "Talks to", seen: "Last seen",
    sort: (column: string) => `Sort by ${column}`,
    now: "now",
    ago: (s: string) => `${s} ago`,
    more: (name: string, n: number) => `${name} and ${n} more`,
    nobody: "nobody now",
  },
  learning: {
    title: "Learning your home",
    body: "Devices appear as they speak; the first picture takes about a minute.",
  },
  overview: {
    title: "What is happening",
    pick: "Pick a device to see who it talks to.",
    chart: (down: string, up: string) => `Traffic of the whole home: download now ${down}, upload now ${up}`,
    down: "Down",
    up: "Up",
    span: (s: string) => `last ${s}`,
    busiest: "Busiest now",
  },
  device: {
    close: "Close",
    you: "this device",
    contested: "Its MAC address was seen at two places within a minute: something may be posing as this device.",
    edit: "Edit name and kind",
    editShort: "Edit",
    name: "Name",
    nameHint: "Leave it empty for the name that the network knows.",
    kind: "Kind",
    kindless: "Not known",
    save: "Save",
    saving: "Saving…",
    cancel: "Cancel",
    unsaved: (why: string) => `Not saved: ${why}`,
    talks: "Talks to",
    home: "In your home",
    names: "Names and addresses",
    more: (n: number) => `and ${n} more`,
    silent: "Nothing in the last hour.",
    facts: "Details",
    mac: "MAC address",
    random: "made up by the device, changes",
    addresses: "Addresses",
    vendor: "Maker",
    named: "Name known from",
    first: "First seen",
    last: "Last seen",
    received: "Received",
    sent: "Sent",
    owner: (n: number) => (n === 1 ? "1 device talks to it" : `${n} devices talk to it`),
    source: {
      service: "known service", domain: "known by its domain", address: "no name was seen for this address",
    } as Record<string, string>,
    nameSource: {
      owner: "you", uci: "the router's settings", dhcp: "the device itself (DHCP)", mdns: "the device itself (mDNS)",
      vendor: "its maker", mac: "its MAC address",
    } as Record<string, string>,
    port: (n: number) => `port ${n}`,
    recent: (what: string) => `Last two minutes: ${what}`,
  },
  ...cutText,
  ...loginText,
  events: {
    title: "Events",
    all: "All", unusual: "Unusual", new: "New", actions: "Actions",
    filter: "Show events",
    none: "Nothing yet.",
    times: (n: number) => `×${n}`,
    more: "Show more",
    severity: { note: "Note", warning: "Warning", alarm: "Alarm" },
    open: (name: string) => `Look at ${name}`,
  },
  help: {
    title: "Keyboard",
    keys: [
      ["↑ ↓", "along the devices or the owners"],
      ["← →", "from a device to the owners and back"],
      ["Enter", "look closer"],
      ["Esc", "back"],
      ["/", "search"],
      ["T", "map or table"],
      ["?", "this help"],
    ] as [string, string][],
    close: "Close",
  },
  error: {
    unreachable: "the router did not answer",
    login: "your login had ended. Nothing was changed; try again if you still want it",
    unknown: "the router answered in a way this page does not understand",
    offline: "there is no link to the router",
    unconfirmed: "the firewall did not confirm it in time",
  },
};

/** Who ordered a quarantine; `held` for a device that waits for the owner's word. */
export function whose(q: Quarantine, held = false): string {
  if (q.source === "dots" && q.provider) return text.by.provider(q.provider);
  if (q.source === "owner") return held ? text.by.newDevice : text.by.owner;
  return q.source === "dots" ? text.by.dots : q.source === "anomaly" ? text.by.anomaly : text.by.mud;
}

/** Lets the page call the owner "you", or the owner where somebody else is looking. */
export function speakTo(role: Session["role"]): void {
  const words = aside[role];
  text.mark.held = words.held;
  text.counters.held = words.heldCount;
  text.device.nameSource["owner"] = words.name;
  text.by.owner = words.name;
  text.by.newDevice = words.newDevice;
  text.cutBlock.forever = words.forever;
  text.waiting.title = words.waiting;
  text.waiting.body = words.waitingBody;
}
