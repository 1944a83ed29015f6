// One page at work: the stream feeds the signals, the clock ages them, the tab's and the network's moods steer the link.
import { batch, computed, effect, untracked } from "@preact/signals";
import { Failure, getLatest, getStatus } from "./api.ts";
import { knock } from "./door.ts";
import { remember } from "./history.ts";
import { agree } from "./format.ts";
import { applyDelta, applyFocus, applySnap, type Home } from "./reduce.ts";
import { OTHERS, reseat } from "./seats.ts";
import * as state from "./state.ts";
import { Stream, type Outside, type Socket } from "./stream.ts";
import type { Bye, Frame, Hello } from "./wire.ts";

const HZ = 4;
const PHONE_HZ = 2;
const AWAY = 10_000; // ms in a hidden tab after which the page catches up
const ASK_EVERY = 10; // seconds between two looks at the status, and at the picked device's flows
const TORN_EVERY = 5; // seconds between two repairs
const GLANCE = 5_000; // ms that the index may take
const SILENCE = 7_000; // ms without a frame after which an ordinary request finds out whether the router is there

let epoch = "";
let heardAt = 0; // ms, performance.now() of the last frame
let heardNow = 0; // the router's clock then
let repaired = 0;
let version: string | null = null;

const outside: Outside = {
  open: () => new WebSocket(`${location.protocol === "https:" ? "wss" : "ws"}://${location.host}/api/v1/stream`, "spinneret.v1") as Socket,
  after: (ms, job) => {
    const timer = setTimeout(job, ms);
    return () => clearTimeout(timer);
  },
  // A hidden tab draws nothing, yet its frames must not pile up.
  nextFrame: (job) => void (document.hidden ? setTimeout(job, 0) : requestAnimationFrame(job)),
  random: Math.random,
};

const stream = new Stream(outside, {
  frames: (frames) => batch(() => frames.forEach(apply)),
  live: greet,
  lost: (heard, bye) => void lose(heard, bye),
  resume: () => (state.present.value.known && state.present.value.seq > 0 ? { epoch, seq: state.present.value.seq } : { epoch: "", seq: 0 }),
  focus: () => state.pickedId("device"),
  hz,
});

// Frames a second: a hidden tab wants none.
function hz(): number {
  const most = state.narrow.value ? PHONE_HZ : HZ;
  return document.hidden ? 0 : most;
}

/** Starts the page's work; it ends with the page. */
export function begin(): void {
  effect(() => {
    const open = state.isOpen.value;
    untracked(() => (open ? stream.connect() : stream.rest()));
  });
  setInterval(tick, 1000);
  window.addEventListener("online", connect);
  document.addEventListener("visibilitychange", look);
  let before: number | null = null;
  effect(() => {
    const device = state.pickedId("device");
    if (device === before) return;
    before = device;
    stream.ask({ t: "focus", dev: device });
    untracked(() => void askFlows());
  });
  const odd = computed(() => state.having("unusual").map((d) => d.id).join());
  effect(() => {
    if (odd.value !== "") untracked(() => void askFlows());
  });
  effect(() => stream.ask({ t: "view", hz: hz() }));
}

// Without a login there is nothing to connect to; another page of this browser may have got one.
function connect(): void {
  if (state.isOpen.value) stream.connect();
  else void knock();
}

function greet(hello: Hello): void {
  if (hello.v !== 1) state.updated.value = true;
  batch(() => {
    if (hello.epoch !== epoch) {
      forget(hello);
      void compareBuild();
    }
    epoch = hello.epoch;
    state.me.value = hello.me;
    state.link.value = { state: "live" };
    hear(hello.now);
    state.second.value = Math.floor(now());
  });
  void askStatus();
  if (!state.who.value) void knock();
}

// The router's index names the files of its own page: where it does not name this one, this is another version's. A tab
// that a browser restored is one from its first moment on.
async function compareBuild(): Promise<void> {
  const own = new URL(import.meta.url).pathname;
  const answer = await fetch("/", { cache: "no-cache", signal: AbortSignal.timeout(GLANCE) }).catch(() => null);
  if (!answer?.ok || !own.startsWith("/assets/")) return;
  const index = await answer.text().catch(() => own);
  if (!index.includes(own)) state.updated.value = true;
}

let kept: string | null = null; // the picked device's MAC, until the snapshot of another epoch has its new number

// Another epoch numbers devices and owners anew: the picture, and the device in it, stay until the snapshot.
function forget(hello: Hello): void {
  if (epoch !== "") {
    kept = state.pickedDevice.value?.mac ?? null;
    if (!kept) state.picked.value = null;
  }
  state.present.value = { ...state.present.value, seq: 0, focus: null, now: hello.now };
  state.seating.value = { ...state.seating.value, at: 0, scores: new Map(), seated: [] };
  state.history.value = { ...state.history.value, devices: new Map() };
  state.peers.value = new Map();
}

function apply(frame: Frame): void {
  if (frame.t === "snap") {
    state.present.value = applySnap(state.present.value, frame, frame.now ?? now());
    follow();
    take(state.present.value);
  }
  if (frame.t === "d") {
    hear(frame.now);
    take(applyDelta(state.present.value, frame));
  }
  if (frame.t === "focus" || frame.t === "fd") state.present.value = applyFocus(state.present.value, frame);
  if (frame.t === "bye" && frame.why === "version") state.updated.value = true;
}

function follow(): void {
  if (kept === null) return;
  const device = state.byMac(kept);
  kept = null;
  state.picked.value = device ? { what: "device", id: device.id } : null;
  window.history.replaceState(null, "", state.addressOf(state.picked.value));
}

function take(next: Home): void {
  if (next.torn && next.now - repaired >= TORN_EVERY) {
    repaired = next.now;
    next = { ...next, torn: false, seq: 0 };
    stream.ask({ t: "resume", epoch: "", seq: 0 });
  }
  state.present.value = next;
  if (!next.known) return;
  advance(next);
  const at = state.picked.value;
  const there = at?.what === "device" ? next.devices.has(at.id) : at?.id === OTHERS || next.owners.has(at?.id ?? 0);
  if (at && !there && !state.past.value) state.picked.value = null;
}

// What ages or adds up does so once a second, or at once with the first picture.
function advance(home: Home): void {
  if (home.now - state.seating.value.at >= 1 || state.seating.value.at === 0) {
    state.seating.value = reseat(state.seating.value, home, state.wantedOwners.value);
  }
  state.history.value = remember(state.history.value, home);
}

function hear(routerNow: number): void {
  heardNow = agree(now(), routerNow);
  heardAt = performance.now();
}

const now = () => heardNow + (performance.now() - heardAt) / 1000;

let ticks = 0;

function tick(): void {
  if (document.hidden || !state.isOpen.value) return;
  ticks++;
  if (state.live.value && state.present.value.known) {
    batch(() => {
      state.present.value = { ...state.present.value, now: Math.max(now(), state.present.value.now) };
      state.second.value = Math.floor(now());
      advance(state.present.value);
    });
  }
  const silent = state.live.value && performance.now() - heardAt > SILENCE;
  const eager = silent || state.status.value?.firewall.state === "pending";
  if (ticks % ASK_EVERY === 0 || eager) void askStatus();
  if (ticks % ASK_EVERY === 5) void askFlows();
}

let asked = false;

/** Looks at the router's status; one that cannot be reached while the stream is silent means a dead link. */
export async function askStatus(): Promise<void> {
  if (asked) return;
  asked = true;
  try {
    const status = await getStatus();
    version ??= status.version;
    if (status.version !== version) state.updated.value = true;
    state.status.value = status;
  } catch (error) {
    const dead = error instanceof Failure && error.code === "unreachable";
    if (dead && performance.now() - heardAt > SILENCE) stream.drop();
  } finally {
    asked = false;
  }
}

const CURIOUS = 3; // unusual devices whose conversations are asked for, beside the picked one's

async function askFlows(): Promise<void> {
  if (!state.live.value) return;
  const at = state.pickedDevice.value;
  const wanted = new Set([...(at ? [at] : []), ...state.having("unusual").slice(0, CURIOUS)]);
  const answers = [...wanted].map(async (device) => {
    const answer = await getLatest(device.mac).catch(() => null); // the page does without: the stream has the rest
    return [device.id, answer?.flows ?? state.peers.value.get(device.id) ?? []] as const;
  });
  const found = new Map(await Promise.all(answers));
  if (at?.id === state.pickedDevice.value?.id) state.peers.value = found;
}

async function lose(heard: boolean, bye: Bye | null): Promise<void> {
  const ended = bye?.why === "expired";
  if (heard || state.link.value.state !== "lost") state.loseLink(ended ? "login" : "silence");
  if (heard && !ended) return;
  const failure = await knock(); // a browser does not tell why a WebSocket was refused; an ordinary request does
  if (heard || !state.isOpen.value || state.link.value.state !== "lost") return;
  if (failure?.status === 403) state.loseLink("refused", failure.message);
  else state.loseLink(failure ? "silence" : "full");
}

let left = 0; // ms, when the tab was last hidden

function look(): void {
  stream.ask({ t: "view", hz: hz() });
  if (document.hidden) {
    left = performance.now();
    return;
  }
  if (performance.now() - left > AWAY) stream.catchUp();
  connect();
}
