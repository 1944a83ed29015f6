import { getHabits } from "../api.ts";
import { clean } from "../clean.ts";
import { bytes, count } from "../format.ts";
import { text } from "../text.ts";
import type { Device, Habits as Learned } from "../wire.ts";
import { Fold } from "./fold.tsx";
import { useLook } from "./look.ts";
import { Said } from "./said.tsx";

const ANEW = 10_000; // ms between two looks

/** What is usual for a device, beside this minute: what its alarms are measured by. */
export const Habits = ({ device }: { device: Device }) => <Fold title={text.habits.title}>{() => <Numbers device={device} />}</Fold>;

function Numbers({ device }: { device: Device }) {
  const { got: known, failed } = useLook(() => getHabits(device.mac), ANEW);
  if (!known) return <p class="muted">{failed || text.busy}</p>;
  return (
    <>
      <p class="muted"><Said say={known.say} words={clean(known.text, 200)} /></p>
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
            <th scope="row">{nameOf(h.what)}</th>
            {[h.now, h.usual, h.most].map((n, i) => <td key={i} class="number">{amount(h.what, n)}</td>)}
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** What a habit is of, in words. */
export const nameOf = (what: string) => text.habits.of[what] ?? clean(what);

/** A number of a habit, as people read it. */
export function amount(what: string, n: number): string {
  if (what.endsWith("Bytes")) return bytes(n);
  return what.endsWith("Share") ? `${count(n)} %` : count(n);
}
