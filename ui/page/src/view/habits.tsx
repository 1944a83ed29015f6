import { useEffect, useState } from "preact/hooks";
import { words } from "../actions.ts";
import { getHabits } from "../api.ts";
import { clean } from "../clean.ts";
import { bytes, count } from "../format.ts";
import { live } from "../state.ts";
import { text } from "../text.ts";
import type { Device, Habits as Learned } from "../wire.ts";

const ANEW = 10_000; // ms between two looks

/** What is usual for a device, beside this minute: what its alarms are measured by. */
export function Habits({ device }: { device: Device }) {
  const [open, setOpen] = useState(false);
  return (
    <details onToggle={(event) => setOpen(event.currentTarget.open)}>
      <summary>{text.habits.title}</summary>
      {open && <Numbers device={device} />}
    </details>
  );
}

function Numbers({ device }: { device: Device }) {
  const [known, set] = useState<Learned | null>(null);
  const [failed, setFailed] = useState("");
  useEffect(() => {
    const look = () => { if (live.value && !document.hidden) void getHabits(device.mac).then(set, (error) => setFailed(words(error))); };
    look();
    const timer = setInterval(look, ANEW);
    return () => clearInterval(timer);
  }, [device.mac]);
  if (!known) return <p class="muted">{failed || text.trend.looking}</p>;
  return (
    <>
      <p class="muted" lang="en">{clean(known.text, 200)}</p>
      {known.habits.length > 0 && <Table list={known.habits} />}
    </>
  );
}

function Table({ list }: { list: Learned["habits"] }) {
  const words = text.habits;
  return (
    <table class="stores" aria-label={words.title}>
      <thead>
        <tr><th scope="col">{words.what}</th>{[words.now, words.usual, words.most].map((w) => <th key={w} scope="col" class="number">{w}</th>)}</tr>
      </thead>
      <tbody>
        {list.map((h) => (
          <tr key={h.what} class={h.now > h.usual ? "full" : undefined}>
            <th scope="row">{words.of[h.what] ?? clean(h.what)}</th>
            {[h.now, h.usual, h.most].map((n, i) => <td key={i} class="number">{amount(h.what, n)}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

function amount(what: string, n: number): string {
  if (what.endsWith("Bytes")) return bytes(n);
  return what.endsWith("Share") ? `${count(n)} %` : count(n);
}
