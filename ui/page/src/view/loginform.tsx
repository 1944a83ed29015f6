import { useEffect, useRef, useState } from "preact/hooks";
import type { Failure } from "../api.ts";
import { logIn } from "../door.ts";
import { who } from "../state.ts";
import { span } from "../format.ts";
import { text } from "../text.ts";
import { Failed } from "./failed.tsx";
import { Secret } from "./secret.tsx";

/** User and password, under what the door has to say until something is tried. The fields keep their values
 * themselves, so that password managers may fill them unseen. */
export function LoginForm({ note }: { note: string }) {
  const user = useRef<HTMLInputElement>(null);
  const password = useRef<HTMLInputElement>(null);
  const [shown, show] = useState(false);
  const [busy, setBusy] = useState(false);
  const [tried, setTried] = useState<string | null>(null);
  const [wrong, setWrong] = useState(false);
  const [wait, setWait] = useWait();
  const failed = tried ?? note;
  useEffect(() => password.current?.focus(), []);

  const go = async (event: Event) => {
    event.preventDefault();
    if (busy || wait > 0) return;
    setBusy(true);
    setTried("");
    const refused = await logIn({ user: user.current!.value.trim(), password: password.current!.value });
    setBusy(false);
    if (!refused) return;
    setTried(wordsFor(refused));
    setWrong(refused.status === 401);
    if (refused.status === 429) setWait(refused.more.wait || 1);
    password.current?.select();
  };
  return (
    <form method="post" onSubmit={go}>
      <Failed words={failed} />
      <div class="field">
        <label for="user">{text.login.user}</label>
        <input
          ref={user} id="user" name="user" autocomplete="username" autocapitalize="off" spellcheck={false} required
          defaultValue={who.value?.role ?? "owner"} aria-describedby="user-hint"
        />
        <p id="user-hint" class="muted">{text.login.userHint}</p>
      </div>
      <Secret
        id="password" label={text.login.password} autocomplete="current-password" field={password} hint={text.login.passwordHint}
        wrong={wrong} shown={shown} show={show}
      />
      <div class="buttons">
        <button class="primary" disabled={busy || wait > 0}>
          {wait > 0 ? text.login.wait(wait) : busy ? text.busy : text.login.go}
        </button>
      </div>
      <p class="muted forgot">{text.login.forgot}</p>
    </form>
  );
}

function wordsFor(refused: Failure): string {
  if (refused.status === 401) return text.login.wrong;
  return refused.status === 429 ? text.login.many(span(refused.more.wait || 1).replace(" ", "\u00a0")) : text.failed(refused.message);
}

// Seconds that are left to wait.
function useWait(): [number, (seconds: number) => void] {
  const [left, setLeft] = useState(0);
  useEffect(() => {
    if (left <= 0) return;
    const timer = setTimeout(() => setLeft(left - 1), 1000);
    return () => clearTimeout(timer);
  }, [left]);
  return [left, setLeft];
}
