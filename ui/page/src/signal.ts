// Values that may be watched: who reads one in an effect is run again when it changed. Nothing keeps a list of its readers;
// after a change every effect looks whether what it read is as it was, which compares a few numbers each.

type Read = Map<Watched, number>; // what was read, and its version then

interface Watched { version(): number }

/** A value that others may watch. */
export interface Signal<T> { value: T; peek(): T }

let reading: Read | null = null; // where reading is noted
let changes = 1; // of all signals together
let looked = 1; // how many of them the effects have seen
let open = 0; // batches
const effects = new Set<() => void>();

/** A value that is set from outside. */
export function signal<T>(value: T): Signal<T> {
  let version = 0;
  const self = {
    version: () => version,
    peek: () => value,
    get value() {
      reading?.set(self, version);
      return value;
    },
    set value(next: T) {
      if (next === value) return;
      value = next;
      version++;
      changes++;
      batch(() => {});
    },
  };
  return self;
}

/** A value that follows from others. It is worked out when it is read, and anew only where one of those has changed. */
export function computed<T>(work: () => T): { readonly value: T } {
  let value: T;
  let version = 0;
  let at = 0; // changes that it knows of
  let read: Read = new Map();
  const self = {
    version() {
      if (at !== changes && (version === 0 || differs(read))) {
        const [next, from] = noting(work);
        read = from;
        if (version === 0 || next !== value) {
          value = next;
          version++;
        }
      }
      at = changes;
      return version;
    },
    get value() {
      const now = self.version();
      reading?.set(self, now);
      return value;
    },
  };
  return self;
}

/** Does something now, and again whenever a value that it read has changed. The returned function ends that. */
export function effect(job: () => void): () => void {
  let read: Read = new Map();
  const run = () => void ([, read] = noting(job));
  const look = () => void (differs(read) && run());
  effects.add(look);
  batch(run);
  return () => void effects.delete(look);
}

/** Does something that may change several values; the effects see it when it is done. */
export function batch(job: () => void): void {
  open++;
  try {
    job();
    while (open === 1 && looked !== changes) {
      looked = changes;
      for (const look of effects) look();
    }
  } finally {
    open--;
  }
}

/** Does something without watching what it reads. */
export const untracked = <T>(job: () => T): T => noting(job)[0];

function noting<T>(job: () => T): [T, Read] {
  const outer = reading;
  const own: Read = (reading = new Map());
  try {
    return [job(), own];
  } finally {
    reading = outer;
  }
}

function differs(read: Read): boolean {
  for (const [what, version] of read) if (what.version() !== version) return true;
  return false;
}
