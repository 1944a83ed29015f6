// How what is drawn follows the signals and the state of its own: a component is drawn again when a signal that it read
// or a state of it changed, or when it is given something else. The builder makes a call of `element` of each element of JSX.
import { effect } from "./signal.ts";
import { Component, createElement as make, Fragment as Group, type ComponentChild, type FunctionComponent, type RefObject } from "preact";

type Props = Record<string, unknown>;
type Draw = FunctionComponent<Props>;
type Job = () => void | (() => void);

interface Cell { value: unknown; end?: ReturnType<Job> }

let drawing: Follower; // whose cells are meant
let cell = 0; // the next of them

abstract class Follower extends Component<Props> {
  cells: Cell[] = [];
  jobs: (() => void)[] = []; // for when it is in its place
  #stop = () => {};

  abstract draw(props: Props): ComponentChild;

  override shouldComponentUpdate(next: Props): boolean {
    for (const name in next) if (this.props[name] !== next[name]) return true;
    for (const name in this.props) if (!(name in next)) return true;
    return false;
  }

  override componentDidMount(): void {
    for (const job of this.jobs.splice(0)) job();
  }

  override componentDidUpdate(): void {
    this.componentDidMount();
  }

  override componentWillUnmount(): void {
    this.#stop();
    for (const { end } of this.cells) end?.();
  }

  // The first run draws and thereby reads; the second says that something changed. The run before it ends after that, so
  // that what nobody else reads is not worked out anew.
  override render(props: Props): ComponentChild {
    let drawn: { is: ComponentChild } | undefined;
    const before = this.#stop;
    this.#stop = effect(() => {
      if (drawn) return this.forceUpdate();
      drawing = this;
      cell = 0;
      drawn = { is: this.draw(props) };
    });
    before();
    return drawn!.is;
  }
}

const following = new WeakMap<Draw, typeof Component<Props>>();

/** An element of the page; a function of ours becomes a component that follows what it reads. */
export const element = ((type: unknown, ...rest: [Props | null, ...ComponentChild[]]) =>
  make((typeof type === "function" && type !== Group ? followed(type as Draw) : type) as string, ...rest)) as typeof make;

function followed(draw: Draw): typeof Component<Props> {
  const known = following.get(draw) ?? class extends Follower { draw = draw as Follower["draw"]; };
  following.set(draw, known);
  return known;
}

// What a component keeps under the place of the call in its drawing.
const keep = (begin: () => unknown): Cell => (drawing.cells[cell++] ??= { value: begin() });

/** A state of the component that is drawn, and the way to change it. */
export function useState<T>(begin: T | (() => T)): [T, (next: T | ((old: T) => T)) => void];
export function useState<T>(): [T | undefined, (next: T) => void];
export function useState(begin?: unknown) {
  const own = drawing;
  const kept = keep(() => (begin instanceof Function ? begin() : begin));
  return [kept.value, (next: unknown) => {
    const value = next instanceof Function ? next(kept.value) : next;
    if (value !== kept.value) own.forceUpdate();
    kept.value = value;
  }];
}

/** Something that stays the same as long as the component is there. */
export function useRef<T>(begin: T): { current: T };
export function useRef<T extends Element>(begin: null): RefObject<T>;
export function useRef(begin: unknown) {
  return keep(() => ({ current: begin })).value;
}

/** Does something once the component is in its place, and anew when one of `why` has changed; what the job returns ends it. */
export function useEffect(job: () => unknown, why: readonly unknown[]): void {
  const kept = keep(() => null);
  const old = kept.value as readonly unknown[] | null;
  if (old && why.every((value, i) => value === old[i])) return;
  kept.value = why;
  drawing.jobs.push(() => {
    kept.end?.();
    kept.end = job() as ReturnType<Job>;
  });
}
