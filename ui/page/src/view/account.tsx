import { useState } from "preact/hooks";
import { leave } from "../door.ts";
import { who } from "../state.ts";
import { text } from "../text.ts";
import { Failed } from "./failed.tsx";
import { Passwords } from "./passwords.tsx";
import { Sheet, shut } from "./sheet.tsx";
import { Tokens } from "./tokens.tsx";

interface Opens { show: (sheet: "passwords" | "tokens") => void; close: () => void }

/** Who is logged in, with a way to what that one may do with logins. Where no login is wanted there is nothing of that. */
export function Account() {
  const [sheet, show] = useState<"menu" | "passwords" | "tokens" | null>(null);
  if (!who.value?.login) return null;
  const role = text.account.role[who.value.role];
  const close = () => show(null);
  return (
    <>
      <button aria-label={`${text.account.label}: ${role}`} onClick={() => show("menu")}>{role}</button>
      {sheet === "menu" && <Menu show={show} close={close} />}
      {sheet === "passwords" && <Passwords close={close} />}
      {sheet === "tokens" && <Tokens close={close} />}
    </>
  );
}

// The ways to passwords and tokens, and the ways out.
function Menu({ show, close }: Opens) {
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  const role = who.value!.role;
  const to = (sheet: "passwords" | "tokens") => (event: Event) => {
    shut(event);
    show(sheet);
  };
  const go = async (all: boolean) => {
    setBusy(true);
    setFailed("");
    const failure = await leave(all);
    setBusy(false);
    if (failure) setFailed(text.failed(failure.message));
  };
  return (
    <Sheet name="account" title={text.account.label} close={close}>
      <p class="muted">{text.account.may[role]}</p>
      {role === "owner" && <button onClick={to("passwords")}>{text.passwords.title}…</button>}
      {role === "owner" && <button onClick={to("tokens")}>{text.tokens.title}…</button>}
      <button disabled={busy} onClick={() => go(false)}>{text.account.out}</button>
      <button disabled={busy} aria-describedby="out-all" onClick={() => go(true)}>{text.account.outAll}</button>
      <p id="out-all" class="muted">{text.account.allHint[role]}</p>
      <Failed words={failed} />
    </Sheet>
  );
}
