// The door: who is let in, and what happens when the router wants a login. The router keeps it; the page asks and obeys.
import { batch } from "@preact/signals";
import { endSession, Failure, getSession, onShut, openSession, setUp, type Key } from "./api.ts";
import { asking, door, link, loseLink, present, who } from "./state.ts";
import { speakTo, text } from "./text.ts";
import type { Session } from "./wire.ts";

/** Listens at the door, also for the other pages of this browser: what one logs out of, the others must not show. */
export function watchDoor(): void {
  onShut((setup, undone) => shut({ setup, undone }));
  others = new BroadcastChannel("spinneret");
  others.onmessage = () => location.reload();
}

let others: BroadcastChannel | null = null;

/** The ticket in an address, taken out of the address bar before anything else can read it there. */
export function takeTicket(): string | null {
  const found = /^#ticket=(.*)$/.exec(location.hash);
  if (found) history.replaceState(null, "", location.pathname + location.search);
  return found?.[1] ?? null;
}

/** Comes in, with a ticket or as one who is known. Returns what to say to who is in although the ticket was none. */
export async function arrive(ticket: string | null): Promise<string | null> {
  const refused = ticket === null ? null : await trial(openSession({ ticket }));
  const note = refused && (refused.status === 401 ? text.login.ticket : text.failed(refused.message));
  const failure = await knock();
  if (failure && failure.status !== 401 && door.value.state === "asking") door.value = { state: "open" }; // the link says why
  if (door.value.state !== "shut") return note;
  if (note) door.value = { ...door.value, note };
  return null;
}

/** Asks the router who this is, and opens or shuts the door as it says. Returns why it did not say. */
export async function knock(): Promise<Failure | null> {
  let session: Session | undefined;
  const failure = await trial(getSession().then((s) => { session = s; }));
  if (session) enter(session);
  if (failure?.status === 401) shut({ setup: failure.more.setup === true });
  return failure;
}

/** Logs in. Returns the refusal, or null once the door is open. */
export const logIn = (key: Key) => openWith(openSession(key));

/** Chooses the first password and logs in with it. Where one was chosen meanwhile the door asks for that. */
export async function choose(password: string): Promise<Failure | null> {
  const refused = await openWith(setUp(password));
  if (refused?.status === 403) await knock();
  if (refused && door.value.state === "shut" && !door.value.setup) door.value = { ...door.value, note: text.failed(refused.message) };
  return refused;
}

async function openWith(call: Promise<void>): Promise<Failure | null> {
  const refused = await trial(call);
  if (refused) return refused;
  const failure = await knock();
  return failure?.status === 401 ? new Failure("no-cookie", 0, text.login.cookie) : failure;
}

/** Logs out, everywhere if wanted, and leaves nothing of the home behind. Returns why it failed. */
export async function leave(all: boolean): Promise<Failure | null> {
  const failure = await trial(endSession(all));
  if (failure && failure.status !== 401) return failure;
  others?.postMessage("out");
  history.replaceState(null, "", location.pathname);
  location.reload();
  return null;
}

function enter(session: Session): void {
  speakTo(session.role);
  batch(() => {
    who.value = session;
    if (session.role === "viewer") asking.value = null;
    if (door.value.state !== "open") door.value = { state: "open" };
  });
}

// What was seen stays, what was being done stays as it is, and nothing is asked for until somebody logs in.
function shut({ setup = false, undone = false }): void {
  const before = door.value;
  batch(() => {
    if (before.state === "shut") door.value = { ...before, setup, undone: before.undone || undone };
    else door.value = { state: "shut", setup, undone, ended: present.value.known, note: "" };
    if (link.value.state !== "connecting") loseLink("login");
  });
}

async function trial(call: Promise<void>): Promise<Failure | null> {
  try {
    await call;
    return null;
  } catch (error) {
    return error instanceof Failure ? error : new Failure("unknown", 0, text.error.unknown);
  }
}
