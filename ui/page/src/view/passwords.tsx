import { useRef, useState } from "preact/hooks";
import { say, words } from "../actions.ts";
import { Failure, setPassword } from "../api.ts";
import { isOpen, who } from "../state.ts";
import { text } from "../text.ts";
import type { Session } from "../wire.ts";
import { Failed } from "./failed.tsx";
import { NewPassword, useNewPassword } from "./newpassword.tsx";
import { Radios } from "./radios.tsx";
import { Secret } from "./secret.tsx";
import { Sheet, shut } from "./sheet.tsx";

const WHOSE: Session["role"][] = ["owner", "viewer"];

/** Where the owner changes the passwords of the page. Who came from LuCI need not know the old one. */
export function Passwords({ close }: { close: () => void }) {
  const current = useRef<HTMLInputElement>(null);
  const [user, setUser] = useState<Session["role"]>("owner");
  const [wrong, setWrong] = useState(false);
  const [busy, setBusy] = useState(false);
  const typed = useNewPassword();

  const send = async (password: string | null) => {
    setBusy(true);
    setWrong(false);
    const change = { user, ...(password !== null && { password }), ...(current.current && { current: current.current.value }) };
    const refused = await setPassword(change).then(() => null, (error: unknown) => error);
    setBusy(false);
    if (!refused) {
      say(password === null ? text.passwords.gone : text.passwords.done);
      return typed.password.current?.closest("dialog")?.close();
    }
    const old = refused instanceof Failure && refused.more.member === "current";
    setWrong(old);
    if (old) typed.refuse(text.passwords.wrong, current.current);
    else typed.refuse(words(refused));
  };
  const go = (event: Event) => {
    event.preventDefault();
    const password = busy ? null : typed.take();
    if (password !== null) send(password);
  };
  return (
    <Sheet name="passwords" title={text.passwords.title} asks close={close}>
      <form method="post" noValidate onSubmit={go}>
        <Radios name="whose" title={text.passwords.whose} of={WHOSE.map((u) => [u, text.account.role[u], text.passwords.about[u]])} value={user} set={setUser} />
        {who.value?.user === "owner" && (
          <Secret id="current" label={text.passwords.current} autocomplete="current-password" field={current} wrong={wrong} shown={false} />
        )}
        <NewPassword user={user} typed={typed} />
        <p class="muted">{text.passwords.ends}</p>
        <Failed words={typed.failed} />
        <div class="buttons">
          {user === "viewer" && <button type="button" disabled={busy || !isOpen.value} onClick={() => send(null)}>{text.passwords.away}</button>}
          <button type="button" onClick={shut}>{text.cancel}</button>
          <button class="primary" disabled={busy || !isOpen.value}>{text.setUp.go}</button>
        </div>
      </form>
    </Sheet>
  );
}
