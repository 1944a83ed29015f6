// Which owners have a place on the right side. There are 27 seats; the rest are summed as "N others". A seat changes
// hands when an outsider reaches rank 22 or a sitter falls behind rank 32, one in ten seconds, so the picture rests.
import type { Home } from "./reduce.ts";

export const SEATS = 27;
/** Pseudo owner that stands for all without a seat. */
export const OTHERS = -1;
const ENTER = 22;
const LEAVE = 32;
const SWAP_EVERY = 10; // seconds
const HALF_LIFE = 1200; // seconds, of what an owner is ranked by: about the last hour counts
const GREY = 600; // seconds of silence after which an owner is drawn grey

export interface Seats {
  at: number; // Unix seconds
  scores: ReadonlyMap<number, number>; // decayed bytes
  seated: readonly number[]; // owner ids, top to bottom
  swapped: number; // Unix seconds of the last swap
}

export const noSeats: Seats = { at: 0, scores: new Map(), seated: [], swapped: 0 };

/** Brings the seats up to the home's present. */
export function reseat(seats: Seats, home: Home, wanted: ReadonlySet<number>): Seats {
  const elapsed = seats.at === 0 ? 60 : Math.min(Math.max(home.now - seats.at, 0), HALF_LIFE);
  const scores = score(seats.scores, home, elapsed);
  const ranking = [...scores.keys()].sort((a, b) => scores.get(b)! - scores.get(a)! || a - b);
  const kept = seats.seated.filter((id) => scores.has(id));
  const fresh = seats.at === 0 ? ranking : ranking.filter((id) => !kept.includes(id));
  const seated = kept.concat(untangle(fresh.slice(0, SEATS - kept.length), home));
  const swap = home.now - seats.swapped >= SWAP_EVERY && exchange(seated, ranking, wanted);
  return { at: home.now, scores, seated: same(seated, seats.seated), swapped: swap ? home.now : seats.swapped };
}

/** Owners that anyone talked to in the last hour; the others have left the picture. */
export function talking(home: Home): Set<number> {
  const ids = new Set<number>();
  for (const p of home.pairs.values()) ids.add(p.owner);
  return ids;
}

function score(old: Seats["scores"], home: Home, elapsed: number): Map<number, number> {
  const fade = 0.5 ** (elapsed / HALF_LIFE);
  const scores = new Map<number, number>();
  for (const id of talking(home)) scores.set(id, (old.get(id) ?? 0) * fade);
  for (const p of home.pairs.values()) scores.set(p.owner, scores.get(p.owner)! + (p.tx + p.rx) * elapsed + 1);
  return scores;
}

// Newcomers sit in the order of their devices, which crosses the fewest lines; later they stay where they are.
function untangle(ids: number[], home: Home): number[] {
  const middle = new Map(ids.map((id) => [id, { sum: 0, n: 0 }]));
  for (const p of home.pairs.values()) {
    const m = middle.get(p.owner);
    if (m) { m.sum += p.device; m.n++; }
  }
  const mean = (id: number) => { const m = middle.get(id)!; return m.n ? m.sum / m.n : Infinity; };
  return ids.sort((a, b) => mean(a) - mean(b) || a - b);
}

// Gives the seat of the worst-ranked sitter to the best outsider, in place. An owner that must be shown comes first.
function exchange(seated: number[], ranking: readonly number[], wanted: ReadonlySet<number>): boolean {
  const place = new Map(ranking.map((id, i) => [id, i]));
  const outside = ranking.filter((id) => !seated.includes(id));
  const comer = outside.find((id) => wanted.has(id)) ?? outside[0];
  if (comer === undefined) return false;
  const loser = seated.filter((id) => !wanted.has(id)).sort((a, b) => place.get(b)! - place.get(a)!)[0];
  if (loser === undefined) return false;
  const fair = place.get(comer)! < ENTER || place.get(loser)! >= LEAVE;
  if (!fair && !wanted.has(comer)) return false;
  seated[seated.indexOf(loser)] = comer;
  return true;
}

const same = (a: number[], b: readonly number[]) => (a.length === b.length && a.every((id, i) => id === b[i]) ? b : a);

/** Whether an owner has been silent for ten minutes. */
export function isGrey(owner: number, home: Home): boolean {
  for (const p of home.pairs.values()) {
    if (p.owner === owner && (p.tx + p.rx > 0 || home.now - p.last < GREY)) return false;
  }
  return true;
}
