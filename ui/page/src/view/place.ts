// Where one was when the login came in between, and the way back there.
import { effect } from "@preact/signals";
import { live } from "../state.ts";

let last: Element | null = null;

document.addEventListener("focusin", (event) => {
  const target = event.target as Element;
  if (!target.closest(".again")) last = target;
});

/** Remembers what has the focus. The returned function gives it back once the switches work again. */
export function keepPlace(): () => void {
  const place = last;
  return () => {
    const stop = effect(() => {
      if (!live.value || !place) return;
      queueMicrotask(() => stop());
      requestAnimationFrame(() => {
        if (place.isConnected && (document.activeElement ?? document.body) === document.body) spot(place)?.focus();
      });
    });
  };
}

// An impatient second Enter at the login must do nothing at home: beside a switch that acts the safe place is taken,
// "Keep it on" in the question, or else the card around it.
function spot(place: Element): HTMLElement | null {
  if (!place.matches(".primary, .letin, .undo")) return place as HTMLElement;
  const safe = place.closest("dialog")?.querySelector<HTMLElement>(".safe");
  if (safe) return safe;
  const card = place.closest<HTMLElement>("section");
  if (card) card.tabIndex = -1;
  return card;
}
