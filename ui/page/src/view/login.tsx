import { useEffect, useRef } from "preact/hooks";
import { door } from "../state.ts";
import { text } from "../text.ts";
import { LanguageChoice } from "./language.tsx";
import { LoginForm } from "./loginform.tsx";
import { SetupForm } from "./setupform.tsx";
import { keepPlace } from "./place.ts";

/** The page before anybody logged in. It knows nothing of the home. */
export function LoginPage() {
  const { setup } = shut();
  return (
    <main class="door">
      <section class="card" aria-labelledby="door-title">
        <Sign />
        <h1 id="door-title">{setup ? text.setUp.title : text.login.title}</h1>
        <Forms />
      </section>
      <LanguageChoice />
    </main>
  );
}

/** The login over what was seen, when a session ends in the middle of work. It does not go away by itself. */
export function LoginAgain() {
  const dialog = useRef<HTMLDialogElement>(null);
  useEffect(() => {
    const goBack = keepPlace();
    dialog.current?.showModal(); // which takes the focus
    dialog.current?.querySelector<HTMLElement>("[type=password]")?.focus();
    return goBack;
  }, []);
  const { setup, undone } = shut();
  return (
    <dialog
      ref={dialog} class="sheet again" aria-labelledby="door-title" aria-describedby="door-why"
      onCancel={(event) => event.preventDefault()} onClose={() => dialog.current?.showModal()}
      onKeyDown={(event) => { if (event.key === "Escape") event.preventDefault(); /* a second one could not be cancelled */ }}
    >
      <h2 id="door-title">{setup ? text.setUp.title : text.login.again}</h2>
      <p id="door-why">{text.login.why} {text.login.stands} {undone && <strong>{text.login.undone}</strong>}</p>
      <Forms />
    </dialog>
  );
}

function Forms() {
  const { setup, note } = shut();
  if (!setup) return <LoginForm note={note} />;
  return <><p>{text.setUp.body}</p><SetupForm /></>;
}

// Only drawn while the door is shut; the last drawing before it opens may still ask.
function shut() {
  const at = door.value;
  return at.state === "shut" ? at : { setup: false, undone: false, note: "" };
}

/** The page's own sign. */
export function Sign() {
  return (
    <svg class="sign" viewBox="0 0 32 32" width="44" height="44" aria-hidden="true">
      <rect width="32" height="32" rx="8" />
      <path d="M8 9c8 0 8 7 16 7M8 16h16M8 23c8 0 8-7 16-7" />
      <circle cx="24" cy="16" r="4" />
    </svg>
  );
}
