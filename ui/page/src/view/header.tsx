import { pick } from "../actions.ts";
import { SHAPE, type Mark } from "../mark.ts";
import { having, helping, link, matches, narrow, past, query, shown, view } from "../state.ts";
import { text } from "../text.ts";
import { Account } from "./account.tsx";
import { Badge } from "./badge.tsx";

/** The bar at the top: is anything wrong, is this live, find, switch. */
export function Header() {
  return (
    <header class="bar">
      <button class="skip" onClick={skip}>{text.skip}</button>
      <h1>{text.title}</h1>
      <nav class="counters" aria-label={text.counters.label}>
        <Counter mark="unusual" />
        <Counter mark="new" />
        <Counter mark="cut" />
        <Counter mark="held" />
      </nav>
      <div class="tools">
        <Badge />
        <LinkState />
        <Search />
        {!narrow.value && <Switch />}
        {!narrow.value && (
          <button class="round" aria-label={text.help.title} onClick={() => (helping.value = true)}>?</button>
        )}
        <Account />
      </div>
    </header>
  );
}

// Past the map, which is drawn for the eye, to the same as text.
function skip() {
  view.value = "table";
  requestAnimationFrame(() => document.getElementById("devices")?.focus());
}

function Counter({ mark }: { mark: "unusual" | "new" | "cut" | "held" }) {
  const devices = having(mark);
  const first = devices[0];
  if (!first) return null;
  return (
    <button class={`counter ${mark}`} onClick={() => pick({ what: "device", id: first.id })}>
      <Shape mark={mark} /> {text.counters[mark](devices.length)}
    </button>
  );
}

/** A state's shape, for the eye only: its word stands beside it. */
export function Shape({ mark }: { mark: Mark }) {
  return <span class={`shape ${mark}`} aria-hidden="true">{SHAPE[mark]}</span>;
}

function LinkState() {
  const at = link.value;
  if (past.value && at.state === "live") return <span class="link past"><span class="dot" aria-hidden="true" />{text.rewind.state}</span>;
  return (
    <span class={`link ${at.state}`}>
      <span class="dot" aria-hidden="true" />
      {at.state === "lost" && at.why === "login" ? text.link.waits : text.link[at.state]}
    </span>
  );
}

function Search() {
  return (
    <input
      id="search" type="search" aria-label={text.search.label} placeholder={text.search.hint} autocomplete="off"
      spellcheck={false} value={query.value}
      onInput={(event) => (query.value = event.currentTarget.value)}
      onKeyDown={(event) => event.key === "Enter" && first()}
    />
  );
}

function first() {
  const found = shown.value.find((d) => matches(d, query.value));
  if (!found || !query.value) return;
  pick({ what: "device", id: found.id });
  query.value = "";
}

function Switch() {
  return (
    <div class="switch" role="group" aria-label={text.view.label}>
      {(["map", "table"] as const).map((v) => (
        <button key={v} aria-pressed={view.value === v} onClick={() => (view.value = v)}>{text.view[v]}</button>
      ))}
    </div>
  );
}
