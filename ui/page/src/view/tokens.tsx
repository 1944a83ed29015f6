import { useEffect, useRef, useState } from "preact/hooks";
import { say, words } from "../actions.ts";
import { getTokens, makeToken, revokeToken } from "../api.ts";
import { clean } from "../clean.ts";
import { isOpen } from "../state.ts";
import { text } from "../text.ts";
import type { Token } from "../wire.ts";
import { Failed } from "./failed.tsx";
import { FreshToken } from "./freshtoken.tsx";
import { Sheet } from "./sheet.tsx";
import { when } from "./when.ts";

const LONGEST = 64; // characters of a name, as the router has it

/** Where the owner makes and revokes the keys of other programs. */
export function Tokens({ close }: { close: () => void }) {
  const [list, setList] = useState<Token[] | null>(null);
  const [fresh, setFresh] = useState<Token | null>(null);
  const [failed, setFailed] = useState("");
  const open = isOpen.value;
  const read = () => getTokens().then(({ tokens }) => setList(tokens), (error) => setFailed(text.failed(words(error))));
  useEffect(() => { if (open) read(); }, [open]); // again after a login in between

  const make = async (name: string) => {
    setFailed("");
    const made = await makeToken(name).catch((error) => setFailed(text.failed(words(error))));
    if (!made) return false;
    setFresh(made);
    await read();
    return true;
  };
  const revoke = async (token: Token) => {
    setFailed("");
    try {
      await revokeToken(token.id);
      say(text.tokens.gone(clean(token.name)));
      if (fresh?.id === token.id) setFresh(null);
      await read();
    } catch (error) {
      setFailed(text.failed(words(error)));
    }
  };
  return (
    <Sheet name="tokens" title={text.tokens.title} close={close}>
      <p class="muted">{text.tokens.body}</p>
      {list?.length === 0 && <p>{text.tokens.none}</p>}
      <ul class="rows">{list?.map((t) => <Row key={t.id} token={t} revoke={() => revoke(t)} />)}</ul>
      {fresh?.token && <FreshToken key={fresh.id} name={clean(fresh.name)} token={fresh.token} />}
      <NewToken make={make} fail={setFailed} />
      <Failed words={failed} />
    </Sheet>
  );
}

// One token. Revoking cannot be taken back, so it is asked for twice.
function Row({ token, revoke }: { token: Token; revoke: () => void }) {
  const [sure, setSure] = useState(false);
  const name = clean(token.name);
  const at = when(token.created);
  const ask = sure ? text.tokens.sure : text.tokens.revoke;
  return (
    <li>
      <span><bdi>{name}</bdi>{at && <small class="muted"> {text.tokens.made(at)}</small>}</span>
      <button
        class="small" aria-label={`${ask}: ${name}`} disabled={!isOpen.value}
        onBlur={() => setSure(false)} onClick={() => (sure ? revoke() : setSure(true))}
      >
        {ask}
      </button>
    </li>
  );
}

function NewToken({ make, fail }: { make: (name: string) => Promise<boolean>; fail: (words: string) => void }) {
  const field = useRef<HTMLInputElement>(null);
  const [busy, setBusy] = useState(false);
  const go = async (event: Event) => {
    event.preventDefault();
    const name = field.current!.value.trim();
    if (busy) return;
    if (!name) {
      fail(text.failed(text.tokens.nameless));
      return field.current!.focus();
    }
    setBusy(true);
    if (await make(name)) field.current!.value = "";
    setBusy(false);
  };
  return (
    <form method="post" noValidate onSubmit={go}>
      <div class="field">
        <label for="token-name">{text.tokens.name}</label>
        <span class="pair">
          <input ref={field} id="token-name" name="token-name" autocomplete="off" maxLength={LONGEST} required />
          <button disabled={busy || !isOpen.value}>{text.tokens.make}</button>
        </span>
      </div>
    </form>
  );
}
