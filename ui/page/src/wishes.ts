// What internet providers ask for, and the owner's answers. The stream does not carry it: an event says when to look.
import { computed, effect } from "@preact/signals";
import { decide, getRequests, takeBackRequest, type Decision } from "./api.ts";
import { complain, say } from "./actions.ts";
import { home, isOpen, status, wishes } from "./state.ts";
import { text } from "./text.ts";
import type { Wish } from "./wire.ts";

const told = computed(() => home.value.events.find((e) => e.kind === "request")?.id ?? 0);

/** Looks whenever an event tells of a request, and with each status where there are providers. */
export function followWishes(): void {
  effect(() => {
    const called = (status.value?.providers.length ?? 0) > 0;
    if (isOpen.value && (told.value > 0 || called)) void look();
  });
}

let looking = false;
let again = false; // something came while it was looking

async function look(): Promise<void> {
  again = true;
  if (looking) return;
  looking = true;
  while (again) {
    again = false;
    const answer = await getRequests().catch(() => null); // the next look may do better
    if (answer) wishes.value = answer.requests;
  }
  looking = false;
}

/** Sends the owner's answer to a request, and says how it went. */
export const answer = (wish: Wish, decision: Decision) => settle(decide(wish.id, decision), text.wishes.done(wish.provider));

/** Takes back what was done about a request. */
export const undoWish = (wish: Wish) => settle(takeBackRequest(wish.id), text.wishes.undone(wish.provider));

const settle = (call: Promise<Wish>, done: string): Promise<void> =>
  call.then((now) => {
    wishes.value = wishes.value.map((w) => (w.id === now.id ? now : w));
    say(done);
  }).catch(complain);
