// The client's end of the stream: one WebSocket that comes back by itself. It knows frames and time, nothing of what
// they mean; the outside (sockets, timers, chance) is handed in, so that tests own it.
import { parseFrame, type Ask, type Bye, type Frame, type Hello } from "./wire.ts";

/** The part of a WebSocket that is used here. */
export interface Socket {
  send(text: string): void;
  close(): void;
  onopen: (() => void) | null;
  onmessage: ((event: { data: unknown }) => void) | null;
  onclose: (() => void) | null;
}

export interface Outside {
  open(): Socket;
  /** Runs `job` once after `ms`; the returned function takes it back. */
  after(ms: number, job: () => void): () => void;
  /** Runs `job` before the next picture, or soon where none is drawn. */
  nextFrame(job: () => void): void;
  random(): number;
}

export interface Listener {
  /** All frames that came since the last picture, in order. */
  frames(frames: Frame[]): void;
  live(hello: Hello): void;
  /** The link is gone; `heard` says whether anything was ever received over this socket. */
  lost(heard: boolean, bye: Bye | null): void;
  /** Where to resume from, and what is looked at. */
  resume(): { epoch: string; seq: number };
  focus(): number | null;
  hz(): number;
}

const RETRY = [500, 1000, 2000, 4000, 8000]; // ms, each spread by a quarter
const OPENING = 10_000; // ms that a connection may take to say hello

export class Stream {
  #out: Outside;
  #to: Listener;
  #socket: Socket | null = null;
  #cancel: () => void = () => {};
  #tries = 0;
  #waiting: Frame[] = [];
  #bye: Bye | null = null;
  #greeted = false;

  constructor(out: Outside, to: Listener) {
    this.#out = out;
    this.#to = to;
  }

  /** Connects now, whether or not a retry was waiting. Does nothing while connected. */
  connect(): void {
    if (this.#socket) return;
    this.#cancel();
    this.#bye = null;
    this.#greeted = false;
    const socket = this.#out.open();
    this.#socket = socket;
    socket.onmessage = (event) => this.#receive(event.data);
    socket.onclose = () => this.#gone(socket);
    this.#cancel = this.#out.after(OPENING, () => this.drop());
  }

  /** Gives the link up and tries again: a router without power sends no goodbye. */
  drop(): void {
    const socket = this.#socket;
    if (!socket) return;
    socket.close();
    this.#gone(socket);
  }

  /** Ends the link and tries no more until connect. */
  rest(): void {
    this.#cancel();
    const socket = this.#socket;
    this.#socket = null;
    this.#greeted = false;
    this.#tries = 0;
    socket?.close();
    this.#deliver();
  }

  /** Sends what the page wants; nothing while there is no link, a new link starts with all of it. */
  ask(message: Ask): void {
    if (this.#greeted) this.#socket?.send(JSON.stringify(message));
  }

  /** Asks for what was missed, as after a tab was hidden. */
  catchUp(): void {
    this.ask({ t: "resume", ...this.#to.resume() });
  }

  #receive(data: unknown): void {
    const frame = parseFrame(String(data));
    if (!frame?.t) return;
    if (frame.t === "bye") this.#bye = frame;
    if (frame.t === "hello") this.#greet(frame);
    if (this.#waiting.push(frame) === 1) this.#out.nextFrame(() => this.#deliver());
  }

  #greet(hello: Hello): void {
    this.#cancel();
    this.#tries = 0;
    this.#greeted = true;
    this.#to.live(hello);
    this.catchUp();
    this.ask({ t: "view", hz: this.#to.hz() });
    const focus = this.#to.focus();
    if (focus !== null) this.ask({ t: "focus", dev: focus });
  }

  #deliver(): void {
    const frames = this.#waiting;
    this.#waiting = [];
    if (frames.length) this.#to.frames(frames);
  }

  #gone(socket: Socket): void {
    if (this.#socket !== socket) return;
    this.#socket = null;
    this.#deliver();
    const heard = this.#greeted;
    this.#greeted = false;
    const base = RETRY[Math.min(this.#tries++, RETRY.length - 1)]!;
    this.#cancel();
    this.#cancel = this.#out.after(base * (0.75 + this.#out.random() / 2), () => this.connect());
    this.#to.lost(heard, this.#bye);
  }
}
