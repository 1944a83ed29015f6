import { useState } from "preact/hooks";
import { words } from "../actions.ts";
import type { MudOrder } from "../api.ts";
import { text } from "../text.ts";

/** Does something about a maker's description; what the router then says is shown, or why it would not. */
export type Act = (order: MudOrder, sure?: true) => Promise<boolean>;

/** Things asked of the router, one at a time: whether one is under way, and in words why the last was not done. */
export function useErrand() {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  const run = async (call: Promise<unknown>): Promise<boolean> => {
    setBusy(true);
    setFailed("");
    const why = await call.then(() => "", words);
    setBusy(false);
    setFailed(why && text.failed(why));
    return !why;
  };
  return { busy, failed, setFailed, run };
}
