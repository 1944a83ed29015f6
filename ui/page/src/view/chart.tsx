import { area, KEPT, type Point } from "../history.ts";

const WIDTH = 300;
const HALF = 34; // pixels for each direction
const LEAST = 30; // seconds that the axis spans at least

/** Download above the line, upload below it, between two Unix times. */
export function Chart({ points, from, to, label }: { points: readonly Point[]; from: number; to: number; label: string }) {
  const top = Math.max(1, ...points.map((p) => Math.max(p.rx, p.tx)));
  const box = (height: number) => ({ width: WIDTH, base: HALF + 1, height });
  return (
    <svg class="chart" role="img" aria-label={label} viewBox={`0 0 ${WIDTH} ${2 * HALF + 2}`} preserveAspectRatio="none">
      <path class="down" d={area(points, "rx", box(HALF), top, from, to)} />
      <path class="up" d={area(points, "tx", box(-HALF), top, from, to)} />
      <line x1="0" x2={WIDTH} y1={HALF + 1} y2={HALF + 1} />
    </svg>
  );
}

/** The last two minutes, or as long as is known. */
export function Recent({ points, now, label }: { points: readonly Point[]; now: number; label: string }) {
  const from = now - Math.min(KEPT, Math.max(LEAST, now - (points[0]?.at ?? now)));
  return <Chart points={points} from={from} to={now + 1} label={label} />; // the last point has its second too
}

/** Two lengths on one bar: download, then upload, of `of` in all. */
export function Bar({ rx, tx, of }: { rx: number; tx: number; of: number }) {
  const share = (n: number) => (of > 0 ? (100 * n) / of : 0);
  return (
    <svg class="split" aria-hidden="true" height="4" width="100%">
      <rect class="rail" width="100%" height="4" rx="2" />
      <rect class="down" width={`${share(rx).toFixed(1)}%`} height="4" rx="2" />
      <rect class="up" x={`${share(rx).toFixed(1)}%`} width={`${share(tx).toFixed(1)}%`} height="4" rx="2" />
    </svg>
  );
}
