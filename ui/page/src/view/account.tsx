import { useEffect, useRef, useState } from "preact/hooks";
import { say } from "../actions.ts";
import { leave } from "../door.ts";
import { who } from "../state.ts";
import { text } from "../text.ts";
import { Passwords } from "./passwords.tsx";
import { Tokens } from "./tokens.tsx";

type Sheet = "passwords" | "tokens";

/** Who is logged in, passwords and tokens, and the ways out: a small menu that opens under its button. Where no login
 * is wanted there is nothing of that. */
export function Account() {
  const [open, setOpen] = useState(false);
  const [sheet, setSheet] = useState<Sheet | null>(null);
  const frame = useRef<HTMLDivElement>(null);
  const button = useRef<HTMLButtonElement>(null);
  useEffect(() => {
    if (!open) return;
    const away = (event: Event) => { if (!frame.current?.contains(event.target as Node)) setOpen(false); };
    document.addEventListener("pointerdown", away);
    document.addEventListener("focusin", away);
    return () => { document.removeEventListener("pointerdown", away); document.removeEventListener("focusin", away); };
  }, [open]);
  if (!who.value?.login) return null;
  const show = (next: Sheet | null) => {
    setOpen(false);
    setSheet(next);
    if (!next) requestAnimationFrame(() => button.current?.focus());
  };
  const onKey = (event: KeyboardEvent) => {
    if (event.key !== "Escape" || !open) return;
    event.stopPropagation();
    setOpen(false);
    button.current?.focus();
  };
  return (
    <div ref={frame} class="account" onKeyDown={onKey}>
      <button ref={button} aria-expanded={open} aria-controls="account" aria-label={`${text.account.label}: ${text.account.role[who.value.role]}`} onClick={() => setOpen(!open)}>
        {text.account.role[who.value.role]} <span aria-hidden="true">▾</span>
      </button>
      <div id="account" class="card" role="group" aria-label={text.account.label} hidden={!open}>{open && <Menu show={show} />}</div>
      {sheet === "passwords" && <Passwords close={() => show(null)} />}
      {sheet === "tokens" && <Tokens close={() => show(null)} />}
    </div>
  );
}

function Menu({ show }: { show: (sheet: Sheet) => void }) {
  const [busy, setBusy] = useState(false);
  const role = who.value!.role;
  const go = async (all: boolean) => {
    setBusy(true);
    const failure = await leave(all);
    setBusy(false);
    if (failure) say(text.failed(failure.message));
  };
  return (
    <>
      <p class="muted">{text.account.may[role]}</p>
      {role === "owner" && <button onClick={() => show("passwords")}>{text.passwords.title}…</button>}
      {role === "owner" && <button onClick={() => show("tokens")}>{text.tokens.title}…</button>}
      <button disabled={busy} onClick={() => go(false)}>{text.account.out}</button>
      <button disabled={busy} aria-describedby="out-all" onClick={() => go(true)}>{text.account.outAll}</button>
      <p id="out-all" class="muted">{text.account.allHint[role]}</p>
    </>
  );
}
