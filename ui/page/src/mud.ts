// Makers' descriptions come from the network, by way of the router: what they say is made harmless here. Pure.
import { clean, each } from "./clean.ts";
import type { Mud } from "./wire.ts";

const line = (text: string) => clean(text, 300);
const known = (text: string | null) => text && line(text);

/** A description with harmless words. */
export function tidyMud(mud: Mud): Mud {
  return {
    ...mud, url: known(mud.url), source: known(mud.source), systemInfo: known(mud.systemInfo), signedBy: known(mud.signedBy),
    policy: each(mud.policy, line), problems: each(mud.problems, line),
    approvals: each(mud.approvals, (a) => ({ ...a, url: line(a.url), why: each(a.why, line), policy: each(a.policy, line) })),
    uses: each(mud.uses, (u) => ({ ...u, text: line(u.text) })),
    beyond: each(mud.beyond, (b) => ({ ...b, owner: b.owner && clean(b.owner) })),
    recent: each(mud.recent, (v) => ({ ...v, text: line(v.text) })),
  };
}
