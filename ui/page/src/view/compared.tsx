import { getHabits } from "../api.ts";
import { bytes, count } from "../format.ts";
import type { Sum } from "../series.ts";
import { text } from "../text.ts";
import type { Device, Habits } from "../wire.ts";
import { amount, nameOf } from "./habits.tsx";
import { Jump } from "./jump.tsx";
import { useLook } from "./look.ts";
import { ownerName, pairsOf } from "./talks.ts";
import { todayOf } from "./traffic.tsx";

const HABITS = ["txBytes", "rxBytes", "connections", "failedConnections", "dnsQuestions"];

interface Known { today: Sum; habits: Habits["habits"] }

async function look({ mac }: Device): Promise<Known> {
  const [today, { habits }] = await Promise.all([todayOf(mac), getHabits(mac)]);
  return { today, habits };
}

/** Devices side by side: a column each. */
export function Compared({ devices }: { devices: readonly Device[] }) {
  const { got: known, failed } = useLook(() => Promise.all(devices.map(look)));
  if (!known) return <p class="muted">{failed || text.busy}</p>;
  return (
    <table class="stores twins" aria-label={text.twins.title}>
      <thead><tr><td />{devices.map((d) => <th key={d.id} scope="col" class="number"><Jump id={d.id}><bdi>{d.name}</bdi></Jump></th>)}</tr></thead>
      <tbody>
        {rowsOf(devices, known).map(([name, ...cells]) => (
          <tr key={name}><th scope="row">{name}</th>{cells.map((cell, i) => <td key={i} class="number">{cell}</td>)}</tr>
        ))}
      </tbody>
    </table>
  );
}

function rowsOf(devices: readonly Device[], known: readonly Known[]): string[][] {
  const parties = devices.map((d) => new Set(pairsOf(d.id).map((p) => ownerName(p.owner))));
  const alone = parties.map((own) => [...own].filter((name) => parties.every((p) => p === own || !p.has(name))));
  const habits = HABITS.filter((what) => known.some((k) => usual(k, what) !== "–"));
  return [
    [text.device.today, ...known.map((k) => `↓ ${bytes(k.today.rx)}\n↑ ${bytes(k.today.tx)}`)],
    [text.twins.parties, ...parties.map((p) => count(p.size))],
    [text.twins.alone, ...alone.map((names) => names.join(", ") || "–")],
    [text.mark.unusual, ...devices.map((d) => count(d.findings.filter((f) => f.state === "open").length))],
    ...habits.map((what) => [`${text.habits.usual}: ${nameOf(what)}`, ...known.map((k) => usual(k, what))]),
  ];
}

function usual({ habits }: Known, what: string): string {
  const habit = habits.find((h) => h.what === what);
  return habit ? amount(what, habit.usual) : "–";
}
