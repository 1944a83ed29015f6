import { useRef, useState } from "preact/hooks";
import { flawOf, MIN_PASSWORD, type Flaw } from "../password.ts";
import { text } from "../text.ts";
import { Secret } from "./secret.tsx";

/** A new password while it is typed, twice. */
export function useNewPassword() {
  const password = useRef<HTMLInputElement>(null);
  const again = useRef<HTMLInputElement>(null);
  const [flaw, setFlaw] = useState<Flaw | "refused" | null>(null);
  const [failed, setFailed] = useState("");
  const tell = (what: typeof flaw, words: string, at: HTMLInputElement | null) => {
    setFlaw(what);
    setFailed(words);
    at?.select();
  };
  /** The password, or null where the page itself sees what is wrong, and says it. */
  const take = (): string | null => {
    const found = flawOf(password.current!.value, again.current!.value);
    tell(found, found ? text.failed(text.setUp.flaw[found]) : "", found && (found === "short" ? password : again).current);
    return found ? null : password.current!.value;
  };
  /** Says why the router refused it, or what belongs to it: then `at` is the field that is wrong. */
  const refuse = (why: string, at?: HTMLInputElement | null) =>
    tell(at === undefined ? "refused" : null, text.failed(why), at === undefined ? password.current : at);
  return { password, again, flaw, failed, take, refuse };
}

/** The two fields. The unseen third tells password managers whose password it is. */
export function NewPassword({ user, typed }: { user: string; typed: ReturnType<typeof useNewPassword> }) {
  const [shown, show] = useState(false);
  return (
    <>
      <input hidden name="user" autocomplete="username" value={user} readOnly />
      <Secret
        id="new-password" label={text.setUp.password} autocomplete="new-password" field={typed.password} hint={text.setUp.rule(MIN_PASSWORD)}
        wrong={typed.flaw === "short" || typed.flaw === "refused"} shown={shown} show={show}
      />
      <Secret id="again" label={text.setUp.again} autocomplete="new-password" field={typed.again} wrong={typed.flaw === "differs"} shown={shown} />
    </>
  );
}
