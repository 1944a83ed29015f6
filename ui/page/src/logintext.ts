// The words at the door: a part of the catalogue in text.ts.
import { span } from "./format.ts";
import type { Flaw } from "./password.ts";
import type { Session } from "./wire.ts";

export const loginText = {
  login: {
    asking: "Asking the router…",
    title: "Log in to see your home",
    again: "Your login ended",
    stands: "What you saw stands still behind this. Log in, and you go on where you were.",
    undone: "What you asked for last was not done, and is not repeated by itself.",
    user: "User",
    userHint: "“owner” may cut off and let in, “viewer” may look.",
    password: "Password",
    passwordHint: "This page's own password, not the router's.",
    show: "Show password",
    hide: "Hide password",
    shown: ["Show", "Hide"] as [string, string],
    caps: "Caps lock is on.",
    go: "Log in",
    going: "Logging in…",
    wait: (s: number) => `Wait ${s} s`,
    wrong: "User and password do not fit. Try again.",
    many: (s: number) =>
      `Too many attempts: try again in ${span(s)}. Without waiting the owner comes in from the router's own page (LuCI) or works on the router.`,
    ticket: "The link from the router's own page was used before, or is older than a minute. Open Spinneret there once more, or log in here.",
    cookie: "the router agreed, but this browser kept no cookie: allow cookies for this page",
    failed: (why: string) => `Not logged in: ${why}`,
    forgot: "Forgotten? A new one is set on the router or from LuCI.",
  },
  setUp: {
    title: "Choose a password",
    body: "Who knows it sees who in your home talks to whom, and can cut devices off. The router's password is never asked for here.",
    rule: (n: number) => `At least ${n} characters; three words will do.`,
    password: "New password",
    again: "The same once more",
    go: "Set password",
    going: "Setting…",
    flaw: {
      short: "Not set: it is too short.",
      differs: "Not set: the two are not the same.",
    } satisfies Record<Flaw, string>,
    failed: (why: string) => `Not set: ${why}`,
  },
  account: {
    label: "Your login",
    role: { owner: "Owner", viewer: "Viewer" } satisfies Record<Session["role"], string>,
    may: {
      owner: "You may look, cut off and let in.", viewer: "You may look. Only the owner can cut off, let in and change devices.",
    } satisfies Record<Session["role"], string>,
    out: "Log out",
    outAll: "Log out everywhere",
    allHint: {
      owner: "Ends every login on every device, the viewer's too.", viewer: "Ends the viewer's login on every device.",
    } satisfies Record<Session["role"], string>,
    failed: (why: string) => `Not logged out: ${why}`,
    none: "this page asks for no login, so there is none to end",
  },
};
