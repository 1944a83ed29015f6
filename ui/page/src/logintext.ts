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
      `Too many attempts: try again in ${span(s).replace(" ", "\u00a0")}. In LuCI or on the router the owner need not wait.`,
    ticket: "The link from the router's own page was used before, or is older than a minute. Open Spinneret there once more, or log in here.",
    cookie: "the router agreed, but this browser kept no cookie: allow cookies for this page",
    failed: (why: string) => `Not logged in: ${why}`,
    forgot: "Forgotten? Come in from LuCI and choose another.",
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
    passwords: "Passwords…",
    out: "Log out",
    outAll: "Log out everywhere",
    allHint: {
      owner: "Ends every login on every device, the viewer's too.", viewer: "Ends the viewer's login on every device.",
    } satisfies Record<Session["role"], string>,
    failed: (why: string) => `Not logged out: ${why}`,
    none: "this page asks for no login, so there is none to end",
  },
  passwords: {
    title: "Passwords",
    whose: "Whose",
    of: { owner: "The owner's", viewer: "The viewer's" } satisfies Record<Session["role"], string>,
    about: {
      owner: "Opens this page with all its switches.", viewer: "For others in your home: it opens this page to look only.",
    } satisfies Record<Session["role"], string>,
    current: "The owner's password now",
    ends: "Other logins with the old one end.",
    save: "Set password",
    away: "Let no viewer in",
    cancel: "Cancel",
    wrong: "the owner's password now does not fit",
    done: { owner: "The owner's password was changed.", viewer: "The viewer's password was set." } satisfies Record<Session["role"], string>,
    gone: "There is no viewer's password now.",
  },
};
