// Makers' descriptions come from the network, by way of the router: what they say is made harmless here. Pure.
import { clean } from "./clean.ts";
import type { Mud } from "./wire.ts";

const line = (text: string) => clean(text, 300);
const known = (text: string | null) => text && line(text);

/** A description with harmless words. */
export function tidyMud(mud: Mud): Mud {
  return {
    ...mud, url: known(mud.url), source: known(mud.source), systemInfo: known(mud.systemInfo), signedBy: known(mud.signedBy),
    policy: mud.policy.map(line), problems: mud.problems.map(line),
    approvals: mud.approvals.map((a) => ({ ...a, url: line(a.url), why: a.why.map(line), policy: a.policy.map(line) })),
    uses: mud.uses.map((u) => ({ ...u, text: line(u.text) })),
    beyond: mud.beyond.map((b) => ({ ...b, owner: b.owner && clean(b.owner) })),
    recent: mud.recent.map((v) => ({ ...v, text: line(v.text) })),
  };
}
