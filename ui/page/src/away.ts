// What happened while nobody looked: since the last visit, or since the last touch of a page that stays open.
import { effect, signal } from "@preact/signals";
import { unix } from "./format.ts";
import { keep, kept } from "./keepsake.ts";
import { present } from "./state.ts";
import type { HomeEvent } from "./wire.ts";

const AWAY = 30 * 60; // seconds without a touch that count as having been away
const KEEP_EVERY = 30; // seconds between two notes of when somebody was here
const SANE = Date.UTC(2020, 0) / 1000; // a router whose clock is not set lives before

/** A time in which nobody looked. Unix seconds of the router's clock. */
export interface Absence { from: number; to: number }

/** The last absence, until the reader has seen what happened in it. */
export const absence = signal<Absence | null>(null);

let here: number | null = null; // when somebody was last here
let noted = 0;

/** Begins to notice who comes and goes. */
export function watchPresence(): void {
  const last = Number(kept("here"));
  here = last > SANE ? last : null;
  for (const sign of ["pointerdown", "keydown", "visibilitychange"]) document.addEventListener(sign, () => void (document.hidden || beHere()));
  const stop = effect(() => {
    if (!present.value.known || document.hidden) return;
    queueMicrotask(() => stop());
    beHere();
  });
}

function beHere(): void {
  const { known, now } = present.value;
  if (!known || now < SANE) return;
  if (here !== null && now - here > AWAY) absence.value = { from: here, to: now };
  here = now;
  if (Math.abs(now - noted) < KEEP_EVERY) return;
  noted = now;
  keep("here", String(Math.floor(now)));
}

const TOLD = ["device", "quarantine", "release", "finding", "mud", "request", "firewall", "dots"];

/** The events of an absence that somebody who was away wants to know, newest first. */
export const missed = (events: readonly HomeEvent[], { from, to }: Absence): HomeEvent[] =>
  events.filter((e) => {
    const at = unix(e.time);
    return at !== null && at > from && at <= to && (e.severity !== "note" || TOLD.includes(e.kind));
  });
