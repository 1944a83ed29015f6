import { useEffect, useState } from "preact/hooks";
import { choose } from "../door.ts";
import { text } from "../text.ts";
import { Failed } from "./failed.tsx";
import { NewPassword, useNewPassword } from "./newpassword.tsx";

/** The first password of the page. */
export function SetupForm() {
  const typed = useNewPassword();
  const [busy, setBusy] = useState(false);
  useEffect(() => typed.password.current?.focus(), []);

  const go = async (event: Event) => {
    event.preventDefault();
    const password = busy ? null : typed.take();
    if (password === null) return;
    setBusy(true);
    const refused = await choose(password);
    setBusy(false);
    if (refused) typed.refuse(refused.message);
  };
  return (
    <form method="post" noValidate onSubmit={go}>
      <Failed words={typed.failed} />
      <NewPassword user="owner" typed={typed} />
      <div class="buttons"><button class="primary" disabled={busy}>{busy ? text.busy : text.setUp.go}</button></div>
    </form>
  );
}
