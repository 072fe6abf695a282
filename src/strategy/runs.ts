import { type Runs, RUNS_END } from '../core/signals.js'

const NO_RUNS: Runs = Int32Array.of(RUNS_END, RUNS_END)

/** Hands out parts of larger pieces: a thousand short lists of their own cost more to make than to fill. */
export class RunMemory {
  private pieces: Int32Array[] = []
  private piece = -1
  private used = 0

  take(numbers: number): Int32Array {
    let from = this.pieces[this.piece]
    while (from === undefined || this.used + numbers > from.length) {
      this.used = 0
      from = this.pieces[++this.piece]
      if (from === undefined) this.pieces.push((from = new Int32Array(Math.max(numbers, 1 << 16))))
    }
    this.used += numbers
    return from.subarray(this.used - numbers, this.used)
  }

  /** Hands out the same pieces again: nobody reads what was taken before. */
  reuse(): void {
    this.piece = -1
    this.used = 0
  }
}

/**
 * Runs of bars in memory that is written anew for each tile: what is computed thousands of times allocates only while it grows.
 * Bars of a tile are `[first, end)`; lists hold no others.
 */
export class RunList {
  /** Ended by the pair of RUNS_END; what lies behind it means nothing. */
  runs: Runs = NO_RUNS
  /** Numbers before the end pair: two for each run. */
  count = 0

  private readonly memory: RunMemory | undefined

  /** `memory` is for lists of which there are many. */
  constructor(memory?: RunMemory) {
    this.memory = memory
  }

  /** Room for `numbers` numbers and the end pair. What was there is lost. */
  room(numbers: number): Runs {
    if (this.runs.length < numbers + 2) this.runs = this.take(numbers + (numbers >> 1) + 8)
    return this.runs
  }

  /** Ends the list after `count` numbers. */
  end(count: number): void {
    this.count = count
    this.runs[count] = RUNS_END
    this.runs[count + 1] = RUNS_END
  }

  private take(numbers: number): Int32Array {
    return this.memory?.take(numbers) ?? new Int32Array(numbers)
  }
}

/** No bar at all. */
export function noRuns(out: RunList): void {
  out.end(0)
}

/** Every bar of the tile. */
export function allRuns(out: RunList, first: number, end: number): void {
  const runs = out.room(2)
  if (first >= end) return out.end(0)
  runs[0] = first
  runs[1] = end
  out.end(2)
}

/** Bars in both. O(runs), as all below. */
export function andRuns(
  out: RunList,
  { runs: a, count: inA }: RunList,
  { runs: b, count: inB }: RunList,
): void {
  const runs = out.room(inA + inB)
  let count = 0
  for (let i = 0, j = 0; i < inA && j < inB;) {
    const startA = a[i] as number
    const startB = b[j] as number
    const endA = a[i + 1] as number
    const endB = b[j + 1] as number
    const start = startA > startB ? startA : startB
    const end = endA < endB ? endA : endB
    if (start < end) {
      runs[count++] = start
      runs[count++] = end
    }
    if (endA < endB) i += 2
    else j += 2
  }
  out.end(count)
}

/** Bars in either; runs that touch become one. */
export function orRuns(
  out: RunList,
  { runs: a, count: inA }: RunList,
  { runs: b, count: inB }: RunList,
): void {
  const runs = out.room(inA + inB)
  let count = 0
  for (let i = 0, j = 0; i < inA || j < inB;) {
    // The end mark is above every bar, so the list that has ended never comes first.
    const fromA = (a[i] as number) <= (b[j] as number)
    const start = (fromA ? a[i] : b[j]) as number
    const end = (fromA ? a[i + 1] : b[j + 1]) as number
    if (fromA) i += 2
    else j += 2
    if (count > 0 && start <= (runs[count - 1] as number)) {
      if (end > (runs[count - 1] as number)) runs[count - 1] = end
    } else {
      runs[count++] = start
      runs[count++] = end
    }
  }
  out.end(count)
}

/** Bars in `a` and not in `b`. */
export function butNotRuns(
  out: RunList,
  { runs: a, count: inA }: RunList,
  { runs: b, count: inB }: RunList,
): void {
  const runs = out.room(inA + inB)
  let count = 0
  for (let i = 0, j = 0; i < inA; i += 2) {
    let start = a[i] as number
    const end = a[i + 1] as number
    while ((b[j + 1] as number) <= start && j < inB) j += 2
    for (; (b[j] as number) < end; j += 2) {
      if ((b[j] as number) > start) {
        runs[count++] = start
        runs[count++] = b[j] as number
      }
      start = b[j + 1] as number
      if (start >= end) break
    }
    if (start < end) {
      runs[count++] = start
      runs[count++] = end
    }
  }
  out.end(count)
}

/** Bars of the tile that are in none of the runs. */
export function notRuns(out: RunList, { runs: a, count: inA }: RunList, first: number, end: number): void {
  const runs = out.room(inA + 2)
  let count = 0
  let start = first
  for (let i = 0; i < inA; i += 2) {
    if ((a[i] as number) > start) {
      runs[count++] = start
      runs[count++] = a[i] as number
    }
    start = a[i + 1] as number
  }
  if (start < end) {
    runs[count++] = start
    runs[count++] = end
  }
  out.end(count)
}

/** The bars of each run but its first: those whose bar before is in the run too. */
export function laterRuns(out: RunList, { runs: a, count: inA }: RunList): void {
  const runs = out.room(inA)
  let count = 0
  for (let i = 0; i < inA; i += 2) {
    const start = (a[i] as number) + 1
    if (start >= (a[i + 1] as number)) continue
    runs[count++] = start
    runs[count++] = a[i + 1] as number
  }
  out.end(count)
}

/** The first bar of each run of `a`, if the bar itself and the one before it lie in one run of `known`. */
export function startsWithin(out: RunList, { runs: a, count: inA }: RunList, { runs: known }: RunList): void {
  const runs = out.room(inA)
  let count = 0
  for (let i = 0, k = 0; i < inA; i += 2) {
    const start = a[i] as number
    while ((known[k + 1] as number) <= start) k += 2
    if ((known[k] as number) >= start) continue
    runs[count++] = start
    runs[count++] = start + 1
  }
  out.end(count)
}

/** The first bar of each run of `a` that follows upon a run of `before` without a bar between them. */
export function startsAfter(out: RunList, { runs: a, count: inA }: RunList, { runs: before }: RunList): void {
  const runs = out.room(inA)
  let count = 0
  for (let i = 0, k = 0; i < inA; i += 2) {
    const start = a[i] as number
    while ((before[k + 1] as number) < start) k += 2
    if (before[k + 1] !== start) continue
    runs[count++] = start
    runs[count++] = start + 1
  }
  out.end(count)
}

/** The part of the runs that lies at or after a bar. */
export function runsFrom(out: RunList, { runs: a, count: inA }: RunList, from: number): void {
  let first = 0
  while ((a[first + 1] as number) <= from) first += 2
  const runs = out.room(inA - first)
  for (let i = first; i < inA; i++) runs[i - first] = a[i] as number
  if (first < inA && (runs[0] as number) < from) runs[0] = from
  out.end(inA - first)
}

/** The part of a list of runs that lies in `[from, to)`, in memory of its own. */
export function slicedRuns(runs: Runs, from: number, to: number): Runs {
  let low = 0
  let high = runs.indexOf(RUNS_END) / 2
  while (low < high) {
    const middle = (low + high) >>> 1
    if ((runs[2 * middle + 1] as number) <= from) low = middle + 1
    else high = middle
  }
  const out: number[] = []
  for (let i = 2 * low; (runs[i] as number) < to; i += 2) {
    out.push(Math.max(from, runs[i] as number), Math.min(to, runs[i + 1] as number))
  }
  out.push(RUNS_END, RUNS_END)
  return Int32Array.from(out)
}

/** Bars on which a question is answered with yes. */
export function runsOf(holds: (bar: number) => boolean, bars: number): RunList {
  const found: number[] = []
  let open = false
  for (let bar = 0; bar < bars; bar++) {
    if (holds(bar) === open) continue
    found.push(bar)
    open = !open
  }
  if (open) found.push(bars)
  const out = new RunList()
  out.room(found.length).set(found)
  out.end(found.length)
  return out
}
