// Makers' descriptions come from the network, by way of the router: what they say is made harmless here. Pure.
import { clean } from "./clean.ts";
import type { Mud } from "./wire.ts";

const LINE = 300; // characters
const lines = (list: readonly string[] | undefined) => (list ?? []).map((line) => clean(line, LINE));
const line = (text: string | null | undefined) => (text ? clean(text, LINE) : null);

/** A description with harmless words, and nothing missing. */
export function tidyMud(mud: Mud): Mud {
  return {
    ...mud, url: line(mud.url), policy: lines(mud.policy), problems: lines(mud.problems), source: line(mud.source),
    systemInfo: line(mud.systemInfo), signedBy: line(mud.signedBy), file: mud.file ?? false, violations: mud.violations ?? 0, strict: mud.strict ?? false,
    approvals: (mud.approvals ?? []).map((a) => ({ ...a, url: clean(a.url, LINE), why: lines(a.why), policy: lines(a.policy) })),
    uses: (mud.uses ?? []).map((u) => ({ ...u, text: clean(u.text, LINE) })), usesSince: mud.usesSince ?? null,
    beyond: (mud.beyond ?? []).map((b) => ({ owner: b.owner && clean(b.owner), peer: b.peer })),
    recent: (mud.recent ?? []).map((v) => ({ ...v, text: clean(v.text, LINE) })),
  };
}
