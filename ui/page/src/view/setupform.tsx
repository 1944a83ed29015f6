import { useEffect, useRef, useState } from "preact/hooks";
import { choose } from "../door.ts";
import { flawOf, MIN_PASSWORD } from "../password.ts";
import { text } from "../text.ts";
import { Secret } from "./secret.tsx";

/** The first password of the page, typed twice. The unseen field tells password managers whose it is. */
export function SetupForm() {
  const password = useRef<HTMLInputElement>(null);
  const again = useRef<HTMLInputElement>(null);
  const [shown, show] = useState(false);
  const [busy, setBusy] = useState(false);
  const [failed, setFailed] = useState("");
  useEffect(() => password.current?.focus(), []);

  const go = async (event: Event) => {
    event.preventDefault();
    if (busy) return;
    const flaw = flawOf(password.current!.value, again.current!.value);
    setFailed(flaw ? text.setUp.flaw[flaw] : "");
    if (flaw) return (flaw === "short" ? password : again).current?.select();
    setBusy(true);
    const refused = await choose(password.current!.value);
    setBusy(false);
    if (!refused) return;
    setFailed(text.setUp.failed(refused.message));
    password.current?.select();
  };
  return (
    <form method="post" noValidate onSubmit={(event) => void go(event)}>
      {failed && <p class="failed" role="alert">▲ {failed}</p>}
      <input hidden name="user" autocomplete="username" value="owner" readOnly />
      <Secret
        id="password" label={text.setUp.password} autocomplete="new-password" field={password} hint={text.setUp.rule(MIN_PASSWORD)}
        wrong={failed !== ""} shown={shown} show={show}
      />
      <Secret id="again" label={text.setUp.again} autocomplete="new-password" field={again} wrong={failed !== ""} shown={shown} />
      <div class="buttons"><button class="primary" disabled={busy}>{busy ? text.setUp.going : text.setUp.go}</button></div>
    </form>
  );
}
