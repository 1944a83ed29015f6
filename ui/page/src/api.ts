// The REST calls of the contract. Errors come back as problem+json and leave here as one type with words for people.
import { clean } from "./clean.ts";
import { text } from "./text.ts";
import { rfc3339, unix } from "./format.ts";
import { tried } from "./parties.ts";
import type { Past } from "./rewind.ts";
import type { Bucket, CutOrder, Device, Finding, Flow, Habits, Learned, Mud, MudMode, Session, Status, Then, Token, Wish } from "./wire.ts";

/** What changes of a device; what is left out stays. */
export interface DeviceEdit { name?: string | null; kind?: string | null; trusted?: boolean; ignored?: boolean; exceptions?: string[]; controls?: string[]; refuseMappings?: boolean; onFinding?: Device["onFinding"] }

/** What opens the door: a password, or a one-time ticket from the router's own page. */
export type Key = { user: string; password: string } | { ticket: string };

/** What a refusal may add: the seconds to wait, whether the first password is still to be chosen, the member that is wrong. */
export interface More { wait?: number; setup?: boolean; member?: string }

/** A request that failed. `code` is the problem's name after urn:spinneret:, or "unreachable". */
export class Failure extends Error {
  constructor(readonly code: string, readonly status: number, message: string, readonly more: More = {}) {
    super(message);
  }
}

const DEADLINE = 15_000; // ms: a firewall change is quick; a router that takes longer has another problem
const GLANCE = 5_000; // ms, for what only looks

const path = (mac: string) => `devices/${mac}`;

const glance = <T>(to: string) => call<T>("GET", to, undefined, GLANCE);

export const getStatus = () => glance<Status>("status");
const MOST = 5000; // conversations of one moment
const LATEST = 500; // of them, for who only looks who they are with
interface Talk { flows: Flow[]; more: boolean }

// Conversations without what a device that is cut off only tried.
async function getTalk(what: string): Promise<Talk> {
  const { flows, more } = await call<Talk>("GET", what);
  return { flows: flows.filter((f) => !tried(f)), more };
}

/** The conversations of a device that the router still lists. */
export const getFlows = (mac: string, since?: string) =>
  getTalk(`flows?device=${mac}&limit=${MOST}${since ? `&since=${since}` : ""}`);
/** The latest of them, and what it tried. */
export const getLatest = (mac: string) =>
  glance<{ flows: Flow[] }>(`flows?device=${mac}&limit=${LATEST}`);
/** What a device, or the whole home, carried from one time to another, in steps. Unix seconds. */
export const getBuckets = (mac: string | null, from: number, to: number, step: number) =>
  call<{ buckets: Bucket[] }>("GET", `history?${mac ? `device=${mac}&` : ""}from=${rfc3339(from)}&to=${rfc3339(to)}&step=${step}s`);

/** The conversations that were alive in a window of time: from the history, and those that the router still lists: an
 * ended or refused one goes over to the history half a minute later. */
export async function getPast(from: number, to: number): Promise<Past> {
  const window = `from=${rfc3339(from)}&to=${rfc3339(to)}&limit=${MOST}`;
  const [kept, now, then] = await Promise.all([
    getTalk(`history?${window}`),
    getTalk(`flows?since=${rfc3339(from)}&limit=${MOST}`),
    call<Then>("GET", `past?at=${rfc3339(to)}`).catch(() => null), // the picture does without
  ]);
  const listed = now.flows.filter((f) => (unix(f.first) ?? Infinity) <= to);
  return { from, to, flows: [...kept.flows, ...listed], more: kept.more || now.more, then };
}

/** The conversations of a device that ended in a window of time and that the router lists no more. */
export const getEnded = (mac: string, from: number, to: number) =>
  getTalk(`history?device=${mac}&from=${rfc3339(from)}&to=${rfc3339(to)}&limit=${MOST}`);
/** The conversations of the whole home now. */
export const getAllFlows = () => getTalk(`flows?limit=${MOST}`);
export const cutOff = (mac: string, order: CutOrder) => call<Device>("PUT", `${path(mac)}/quarantine`, order);
/** Ends the quarantines of one source, or all. */
export const letIn = (mac: string, source?: string) =>
  call<Device>("DELETE", `${path(mac)}/quarantine${source ? `?source=${source}` : ""}`);
export const edit = (mac: string, change: DeviceEdit) => call<Device>("PATCH", path(mac), change);

export const getSession = () => glance<Session>("session");
export const openSession = (key: Key) => call<void>("POST", "session", key);
/** Sets the owner's first password, which also opens a session. */
export const setUp = (password: string) => call<void>("POST", "session/setup", { password });
/** Changes a user's password; without one it takes the viewer's away. `current` is the owner's own. */
export const setPassword = (change: { user: Session["role"]; password?: string; current?: string }) =>
  call<void>("PUT", "session/password", change);
/** The keys of other programs. Who makes one is told its text, once. */
export const getTokens = () => glance<{ tokens: Token[] }>("tokens");
export const makeToken = (name: string) => call<Token>("POST", "tokens", { name });
export const revokeToken = (id: string) => call<void>("DELETE", `tokens/${id}`);
/** Ends this session, or all that its user may end. */
export const endSession = (all: boolean) => call<void>("DELETE", `session${all ? "?all=1" : ""}`);

/** The owner's answer to a provider. */
export type Decision = "allow" | "refuse" | "legitimate";
export const getRequests = () => glance<{ requests: Wish[] }>("requests");
export const decide = (id: string, decision: Decision) => call<Wish>("POST", `requests/${id}`, { decision });
export const takeBackRequest = (id: string) => call<Wish>("DELETE", `requests/${id}`);

/** Says that what a finding tells of is fine, or takes that back. */
export const judge = (finding: number, state: "fine" | "open") => call<Finding>("POST", `findings/${finding}`, { state });

/** What was learned of a device. */
export const getHabits = (mac: string) => glance<Habits>(`${path(mac)}/habits`);

/** Where a device's packets are downloaded from: as they pass from now on, or what the log kept of the last minute. */
export const captureOf = (mac: string, what: { seconds: number; snaplen: number } | "past") =>
  `/api/v1/${path(mac)}/capture?${what === "past" ? "past=60s" : `seconds=${what.seconds}&snaplen=${what.snaplen}`}`;

/** Where all that is known of a device is downloaded from, as JSON. */
export const exportOf = (mac: string) => `/api/v1/${path(mac)}/export`;
/** Forgets a device: it is new when it speaks again. */
export const erase = (mac: string) => call<void>("DELETE", path(mac));

/** Gives a device what is known of another, which it was before its MAC changed. */
export const inherit = (mac: string, from: string, sure?: true) =>
  call<Device>("POST", `${path(mac)}/inherit`, sure ? { from, acknowledge: true } : { from });

/** A maker's description: what is known, what the owner gives (a URL, a file, a mode), and the owner's answers. What
 * changes it is asked for when it is called, for the device in the owner's hand with a second word. */
export type MudOrder = (acknowledge?: true) => Promise<Mud>;
export const getMud = (mac: string) => glance<Mud>(`${path(mac)}/mud`);
export const setMud = (mac: string, order: { url?: string; file?: unknown; mode?: MudMode; strict?: boolean }): MudOrder =>
  (acknowledge) => call("PUT", `${path(mac)}/mud`, { ...order, acknowledge });
export const removeMud = (mac: string): MudOrder => () => call("DELETE", `${path(mac)}/mud`);
export const answerMud = (mac: string, approval: string, yes: boolean): MudOrder =>
  (acknowledge) => call("POST", `${path(mac)}/mud`, yes ? { approve: approval, acknowledge } : { refuse: approval });

/** A description made of what a device did, and where it is downloaded from. */
export const getLearned = (mac: string) => call<Learned>("GET", `${path(mac)}/mud/learned?report=1`);
export const learnedOf = (mac: string) => `/api/v1/${path(mac)}/mud/learned`;

/** Repeats an event's own undo, a call of this API. */
export const undo = (step: { method: string; path: string }) => call(step.method, step.path.replace("/api/v1/", ""));

// Paths whose 401 speaks of what was sent, not of a session that ended.
const OWN = /^session(\/setup|\?.*)?$/;

let shut: (setup: boolean, undone: boolean) => void = () => {};

/** Has `hear` told when the router wants a login in the middle of work; `undone`: a change was refused for it. */
export const onShut = (hear: typeof shut) => void (shut = hear);

async function call<T>(method: string, to: string, body?: unknown, deadline = DEADLINE): Promise<T> {
  const answer = await fetch(`/api/v1/${to}`, {
    method, body: JSON.stringify(body), headers: { "Content-Type": "application/json" },
    signal: AbortSignal.timeout(deadline), cache: "no-store",
  }).catch(() => {
    throw new Failure("unreachable", 0, text.error.unreachable);
  });
  if (answer.ok) return answer.status === 204 ? (undefined as T) : answer.json();
  const failure = await failureOf(answer);
  if (answer.status === 401 && !OWN.test(to)) shut(failure.more.setup === true, method !== "GET");
  throw failure;
}

async function failureOf(answer: Response): Promise<Failure> {
  const { type, title, detail, setup, member } = await answer.json().catch(() => ({}));
  const message = answer.status === 401 ? text.error.login : clean(detail ?? title, 300) || text.error.unknown;
  const wait = Number(answer.headers.get("Retry-After"));
  return new Failure(clean(type).replace("urn:spinneret:", ""), answer.status, message, { wait, setup: setup === true, member: clean(member) });
}
