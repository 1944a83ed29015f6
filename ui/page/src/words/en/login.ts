// The words at the door: a part of the catalogue.
import type { Flaw } from "../../password.ts";
import type { Session } from "../../wire.ts";

export const login = {
  login: {
    title: "Log in to see your home",
    again: "Your login ended",
    why: "It ran out, or was ended from elsewhere: by a log-out everywhere or a new password.",
    stands: "What you saw stands still behind this. Log in, and you go on where you were.",
    undone: "What you asked for last was not done, and is not repeated by itself.",
    user: "User",
    userHint: "“owner” may cut off and let in, “viewer” may look.",
    password: "Password",
    passwordHint: "This page's own password, not the router's.",
    shown: ["Show", "Hide"] as [string, string],
    caps: "Caps lock is on.",
    go: "Log in",
    wait: (s: number) => `Wait ${s} s`,
    wrong: "User and password do not fit. Try again.",
    many: (wait: string) =>
      `Too many attempts: try again in ${wait}. In LuCI or on the router the owner need not wait.`,
    ticket: "The link from the router's own page was used before, or is older than a minute. Open Spinneret there once more, or log in here.",
    cookie: "the router agreed, but this browser kept no cookie: allow cookies for this page",
    forgot: "Forgotten? Come in from LuCI, or use “spinneret password” on the router.",
  },
  setUp: {
    title: "Choose a password",
    body: "Who knows it sees who in your home talks to whom, and can cut devices off. The router's password is never asked for here.",
    rule: (n: number) => `At least ${n} characters; three words will do.`,
    password: "New password",
    again: "The same once more",
    go: "Set password",
    flaw: { short: "it is too short", differs: "the two are not the same" } satisfies Record<Flaw, string>,
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
      owner: "Ends every login on every device, the viewer's too. API tokens stay: revoke those one by one.",
      viewer: "Ends the viewer's login on every device.",
    } satisfies Record<Session["role"], string>,
  },
  passwords: {
    title: "Passwords",
    whose: "Whose",
    about: {
      owner: "Opens this page with all its switches.", viewer: "For others in your home: it opens this page to look only.",
    } satisfies Record<Session["role"], string>,
    current: "The owner's password now",
    ends: "Other logins with the old one end.",
    away: "Let no viewer in",
    wrong: "the owner's password now does not fit",
    done: "The password was changed.",
    gone: "There is no viewer's password now.",
  },
  tokens: {
    title: "API tokens",
    body: "With a token another program reads what this page shows. It can change nothing.",
    none: "There are no tokens.",
    made: (when: string) => `made ${when}`,
    revoke: "Revoke",
    sure: "Really revoke",
    gone: (name: string) => `${name} was revoked.`,
    text: (name: string) => `The token of ${name}`,
    once: "Copy it now: it is shown only this once.",
    copy: "Copy",
    copied: "Copied.",
    uncopied: "This browser does not copy by itself: the token is selected, copy it with the keys.",
    name: "For which program",
    nameless: "say which program it is for",
    make: "Make a token",
  },
};
