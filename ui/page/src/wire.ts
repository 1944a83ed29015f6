// The messages of the contract as TypeScript sees them: objects of the API and frames of the stream, spinneret.v1.
// Rates are bytes per second; times are RFC 3339 text or null, except `now` and `first`: Unix seconds.

export type Level = "full" | "internet" | "flow";

/** What a text of the router says, for other languages: a key and its parts, which may be phrases too. */
export type Phrase = readonly unknown[] | null;

export interface Quarantine {
  id: string;
  level: Level;
  source: "owner" | "dots" | "anomaly" | "mud";
  provider: string | null;
  why: string;
  say?: Phrase; // of why, as everywhere of the text beside it; none where the owner wrote it
  since: string | null;
  until: string | null;
  to: string[];
  passedPackets: number;
  refusedPackets: number;
  refusedBytes: number;
  inForce: boolean; // the kernel was read and holds it
}

/** What a device is to be cut off from, and for how long. */
export interface CutOrder { level: Level; for?: string; until?: string; why?: string; to?: string[]; acknowledge?: boolean }

/** Who is let in, and whether by a login. An owner also cuts off and lets in; a viewer looks. */
export interface Session { user: string; role: "owner" | "viewer"; setup: boolean; login: boolean }

/** A key for another program; `token` is its text, which only the answer that makes it has. */
export interface Token { id: string; name: string; created: string | null; token?: string }

/** A port that the router forwards from the internet to a device. */
export interface Mapping { protocol: string; outsidePort: number; port: number }

export interface Finding {
  id: number;
  kind: string;
  severity: "note" | "warning" | "alarm";
  text: string;
  say?: Phrase;
  start: string | null;
  end: string | null;
  flows: Flow[]; // what it was seen in, ten at most
  state: "open" | "over" | "fine";
  heldBack: Level | null; // what is in force for it, ordered by itself
  sources: string[]; // forged senders, a sample
}

/** Something about a maker's description that waits for the owner. */
export interface Approval { id: string; kind: "url" | "file" | "entries"; url: string; why: string[]; policy: string[] }

/** What a device did against its maker's description, the same of one kind together. */
export interface Violation { text: string; say?: Phrase; count: number; last: string | null }

/** With whom: an owner by its name, or a device of the home by its MAC. */
export interface Beyond { owner: string | null; peer: string | null }

/** How often a device used one line of its policy, in packets that opened something. */
export interface Use { text: string; count: number; last: string | null }

export type MudMode = "off" | "watch" | "enforce";

/** A maker's description of a device (MUD, RFC 8520). The policy is in its own answer only, not in the device. */
export interface Mud {
  url: string | null;
  state: "none" | "pending" | "fetching" | "active" | "held" | "failed";
  mode: MudMode;
  policy: string[];
  violations: number;
  problems: string[];
  source: string | null;
  file: boolean; // given by the owner as a file
  systemInfo: string | null;
  signedBy: string | null;
  fetched: string | null;
  expires: string | null;
  approvals: Approval[];
  recent: Violation[];
  beyond: Beyond[]; // within the last hour
  uses: Use[]; // of the policy, in its own answer only; empty until counted
  usesSince: string | null;
  strict: boolean; // read by the letter
}

/** A description that was made of what a device did. */
export interface Learned { file: unknown; entries: number; since: string | null; warnings: string[] }

/** What was learned of a device: numbers of each minute in which it is active; shares are in percent. */
export interface Habits {
  text: string; // how much is known
  say?: Phrase;
  habits: { what: string; now: number; usual: number; most: number }[];
}

export interface Device {
  id: number;
  mac: string;
  name: string;
  nameSource: string;
  vendor: string | null;
  randomMac: boolean;
  kind: string | null;
  ignored: boolean;
  trusted: boolean;
  addresses: string[];
  online: boolean;
  firstSeen: string | null;
  lastSeen: string | null;
  rxBytes: number;
  txBytes: number;
  rxPackets: number;
  txPackets: number;
  rxRate: number;
  txRate: number;
  quarantine: Quarantine | null;
  quarantines: Quarantine[];
  exceptions: string[]; // targets still allowed while it is cut off
  mappings: Mapping[];
  refuseMappings: boolean; // it may never have a port opened
  held: boolean; // new, and waiting for the owner's word
  contested: boolean; // its MAC was seen at two places within a minute
  controls: string[]; // classes of devices, as makers' descriptions name them, that this one controls
  onFinding: "tell" | Level | null; // what is done by itself about an alarm; null: as the settings say
  mud: Mud | null;
  findings: Finding[];
  maybe: Former[]; // devices that it may be under a new MAC
}

/** A device that is gone, which another may be; `why` says what speaks for it. */
export interface Former { mac: string; name: string; why: string; say?: Phrase }

export interface HomeEvent {
  id: number;
  time: string | null;
  kind: string;
  severity: "note" | "warning" | "alarm";
  device: string | null;
  text: string;
  say?: Phrase;
  cause: string | null;
  undo: { method: string; path: string } | null;
}

export interface Status {
  version: string;
  clockSet: boolean;
  started: string | null;
  level: number;
  levels: { level: number; ok: boolean; why: string | null; say?: Phrase }[];
  stores: { name: string; used: number; limit: number; evicted: number }[];
  losses: { where: string; lost: number }[];
  blindSpots: string[];
  says?: Phrase[]; // of the blind spots
  providers: { name: string; state: string; since: string | null; error: string | null }[];
  firewall: { state: "applied" | "pending" | "failed"; at: string | null; error: string | null };
}

/** What a provider asked for. */
export interface Wish {
  id: string;
  provider: string;
  received: string | null;
  state: "asking" | "active" | "logged" | "refused" | "withdrawn" | "expired" | "released" | "failed";
  target: string[];
  devices: string[]; // several: never guessed
  why: string;
  say?: Phrase;
  droppedPackets: number;
  legitimate: boolean;
}

export interface Flow {
  device: string | null;
  remote: string | null;
  name: string | null;
  nameSource: string | null; // sni, quic, http, dns, mdns or dhcp
  owner: string | null;
  ownerSource: string | null; // service, domain or address
  protocol: string;
  port: number | null; // destination port of the first packet
  direction: "in" | "out"; // out: the device began
  scope: "internet" | "router" | "lan";
  peer: string | null;
  rxBytes: number;
  txBytes: number;
  first: string | null;
  last: string | null;
  state: "live" | "ended" | "refused";
  asked?: string | null; // the name that it asked for in vain
}

/** What was received and sent in one step of time, by flows that ended. */
export interface Bucket { at: string | null; rxBytes: number; txBytes: number }

/** What held devices back and what was unusual at a moment of the past. Of before `since` what ended is not known. */
export interface Then {
  since: string | null;
  quarantines: (Pick<Quarantine, "level" | "source" | "since" | "until"> & { device: string })[];
  findings: (Pick<Finding, "id" | "kind" | "severity"> & { device: string })[];
}

/** [id, name, ownerSource] */
export type OwnerRow = [number, string, string];
/** [device, owner, txRate, rxRate, secondsSinceLast] */
export type PairRow = [number, number, number, number, number?];
/** [device, txRate, rxRate] */
export type RateRow = [number, number, number];
/** [endpoint, name or address, owner, port, txRate, rxRate, secondsSinceLast, firstUnix] */
export type FocusRow = [number, string, number, number | null, number, number, number, number];

export interface Hello { t: "hello"; v: number; epoch: string; seq: number; now: number; hz: number; me: number | null }
export interface Snap {
  t: "snap"; seq: number; now?: number;
  devices: Device[]; owners: OwnerRow[]; pairs: PairRow[]; events: HomeEvent[];
}
export interface Delta {
  t: "d"; seq: number; now: number;
  r?: RateRow[]; p?: PairRow[]; own?: OwnerRow[]; ev?: HomeEvent[];
  dev?: (Partial<Device> & { id: number })[];
  gone?: { dev?: number[]; own?: number[]; pairs?: [number, number][] };
}
export interface Focus { t: "focus"; dev: number; seq: number; rows: FocusRow[]; more: number }
export interface FocusDelta { t: "fd"; dev: number; seq: number; rows?: FocusRow[]; gone?: number[]; more?: number }
export interface Bye { t: "bye"; why: string }

export type Frame = Hello | Snap | Delta | Focus | FocusDelta | Bye;

export type Ask =
  | { t: "resume"; epoch: string; seq: number }
  | { t: "view"; hz: number }
  | { t: "focus"; dev: number | null };

/** Reads one text frame; null where it is no JSON at all. */
export function parseFrame(text: string): Frame | null {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}
