import assert from "node:assert/strict";
import { test } from "node:test";
import { Stream } from "#src/stream.js";

// A world without time or network: the test moves both.
function world() {
  const w = { sockets: [], timers: [], frames: [], lost: [], painted: null, seq: 0 };
  const outside = {
    open: () => {
      const socket = { sent: [], closed: false, send: (t) => socket.sent.push(JSON.parse(t)), close: () => { socket.closed = true; } };
      w.sockets.push(socket);
      return socket;
    },
    after: (ms, job) => {
      const timer = { ms, job };
      w.timers.push(timer);
      return () => { w.timers = w.timers.filter((t) => t !== timer); };
    },
    nextFrame: (job) => { w.painted = job; },
    random: () => 0.5,
  };
  w.stream = new Stream(outside, {
    frames: (f) => w.frames.push(f.map((x) => x.t)), live: () => {}, lost: (heard, bye) => w.lost.push([heard, bye?.why ?? null]),
    resume: () => ({ epoch: "e", seq: w.seq }), focus: () => 17, hz: () => 4,
  });
  w.say = (frame) => w.sockets.at(-1).onmessage({ data: typeof frame === "string" ? frame : JSON.stringify(frame) });
  w.drop = () => w.sockets.at(-1).onclose();
  w.pass = () => { const [timer] = w.timers.splice(0, 1); timer.job(); return timer.ms; };
  return w;
}

const hello = { t: "hello", v: 1, epoch: "e", seq: 9, now: 1, hz: 4, me: null };

test("a greeting is answered with where to resume, how often to send and what is in focus", () => {
  const w = world();
  w.seq = 41;
  w.stream.connect();
  w.say(hello);
  assert.deepEqual(w.sockets[0].sent, [{ t: "resume", epoch: "e", seq: 41 }, { t: "view", hz: 4 }, { t: "focus", dev: 17 }]);
});

test("frames wait for the next picture and come in one go", () => {
  const w = world();
  w.stream.connect();
  for (const frame of [hello, { t: "snap" }, { t: "d" }, { t: "d" }]) w.say(frame);
  assert.deepEqual(w.frames, []);
  w.painted();
  assert.deepEqual(w.frames, [["hello", "snap", "d", "d"]]);
});

test("what is no frame is passed over", () => {
  const w = world();
  w.stream.connect();
  for (const nonsense of ["", "{", "[]", "null", "7"]) w.say(nonsense);
  assert.equal(w.painted, null);
});

test("a lost link is tried again after 0.5, 1, 2, 4, 8 and 8 seconds", () => {
  const w = world();
  w.stream.connect();
  const waits = [1, 2, 3, 4, 5, 6].map(() => { w.timers = []; w.drop(); return w.pass(); });
  assert.deepEqual(waits, [500, 1000, 2000, 4000, 8000, 8000]);
});

test("a greeting starts the waits anew", () => {
  const w = world();
  w.stream.connect();
  for (let i = 0; i < 3; i++) { w.timers = []; w.drop(); w.pass(); }
  w.say(hello);
  w.drop();
  assert.equal(w.pass(), 500);
  assert.deepEqual(w.lost.at(-1), [true, null]);
});

test("a goodbye is told with its reason", () => {
  const w = world();
  w.stream.connect();
  w.say(hello);
  w.say({ t: "bye", why: "restart" });
  w.drop();
  assert.deepEqual(w.lost, [[true, "restart"]]);
});

test("coming online connects at once and only once", () => {
  const w = world();
  w.stream.connect();
  w.timers = [];
  w.drop();
  w.stream.connect();
  w.stream.connect();
  assert.equal(w.sockets.length, 2);
  assert.deepEqual(w.timers.map((t) => t.ms), [10000], "the retry is gone, only the greeting is waited for");
});

test("a connection that never greets is given up", () => {
  const w = world();
  w.stream.connect();
  assert.equal(w.pass(), 10000);
  assert.equal(w.sockets[0].closed, true);
  assert.deepEqual(w.lost, [[false, null]]);
});

test("nothing is asked of a link that is not there", () => {
  const w = world();
  w.stream.connect();
  w.stream.ask({ t: "focus", dev: 1 });
  assert.deepEqual(w.sockets[0].sent, []);
});

test("a link at rest is not tried again until it is wanted", () => {
  const w = world();
  w.stream.connect();
  w.say(hello);
  w.stream.rest();
  assert.equal(w.sockets[0].closed, true);
  w.drop();
  assert.deepEqual([w.timers, w.lost], [[], []]);
  w.stream.ask({ t: "focus", dev: 1 });
  assert.equal(w.sockets[0].sent.length, 3, "nothing is asked over a link that is gone");
  w.stream.connect();
  w.say(hello);
  assert.equal(w.sockets.length, 2);
});

test("rest also ends a link that is being tried", () => {
  const w = world();
  w.stream.connect();
  w.drop();
  assert.equal(w.timers.length, 1);
  w.stream.rest();
  assert.equal(w.timers.length, 0);
});
