import { type Runs, RUNS_END } from '../core/signals.js'

/** No bar at all. */
export function noRuns(): Runs {
  return Int32Array.of(RUNS_END, RUNS_END)
}

/** Every bar of `bars`. */
export function allRuns(bars: number): Runs {
  return bars === 0 ? noRuns() : Int32Array.of(0, bars, RUNS_END, RUNS_END)
}

/** Closes a list of `count` numbers with the end pair. */
export function closeRuns(pairs: Int32Array, count: number): Runs {
  const runs = new Int32Array(count + 2)
  runs.set(pairs.subarray(0, count))
  runs[count] = RUNS_END
  runs[count + 1] = RUNS_END
  return runs
}

/** Bars in both. O(runs). */
export function andRuns(a: Runs, b: Runs): Runs {
  const out = new Int32Array(a.length + b.length)
  let count = 0
  for (let i = 0, j = 0; a[i] !== RUNS_END && b[j] !== RUNS_END;) {
    const start = Math.max(a[i] as number, b[j] as number)
    const end = Math.min(a[i + 1] as number, b[j + 1] as number)
    if (start < end) {
      out[count++] = start
      out[count++] = end
    }
    if ((a[i + 1] as number) < (b[j + 1] as number)) i += 2
    else j += 2
  }
  return closeRuns(out, count)
}

/** Bars in either; runs that touch become one. O(runs). */
export function orRuns(a: Runs, b: Runs): Runs {
  const out = new Int32Array(a.length + b.length)
  let count = 0
  for (let i = 0, j = 0; a[i] !== RUNS_END || b[j] !== RUNS_END;) {
    // The end mark is above every bar, so the list that has ended never comes first.
    const fromA = (a[i] as number) <= (b[j] as number)
    const start = (fromA ? a[i] : b[j]) as number
    const end = (fromA ? a[i + 1] : b[j + 1]) as number
    if (fromA) i += 2
    else j += 2
    if (count > 0 && start <= (out[count - 1] as number))
      out[count - 1] = Math.max(out[count - 1] as number, end)
    else {
      out[count++] = start
      out[count++] = end
    }
  }
  return closeRuns(out, count)
}

/** Bars of `[0, bars)` that are in none of the runs. O(runs). */
export function notRuns(runs: Runs, bars: number): Runs {
  const out = new Int32Array(runs.length + 2)
  let count = 0
  let start = 0
  for (let i = 0; runs[i] !== RUNS_END; i += 2) {
    if ((runs[i] as number) > start) {
      out[count++] = start
      out[count++] = runs[i] as number
    }
    start = runs[i + 1] as number
  }
  if (start < bars) {
    out[count++] = start
    out[count++] = bars
  }
  return closeRuns(out, count)
}

/** Each run moved one bar later; what would start at `bars` is dropped. */
export function laterRuns(runs: Runs, bars: number): Runs {
  const out = new Int32Array(runs.length)
  let count = 0
  for (let i = 0; runs[i] !== RUNS_END && (runs[i] as number) + 1 < bars; i += 2) {
    out[count++] = (runs[i] as number) + 1
    out[count++] = Math.min((runs[i + 1] as number) + 1, bars)
  }
  return closeRuns(out, count)
}

/** The first bar of each run. */
export function runStarts(runs: Runs): Runs {
  const out = runs.slice()
  for (let i = 0; out[i] !== RUNS_END; i += 2) out[i + 1] = (out[i] as number) + 1
  return out
}

/** Bars on which a question is answered with yes. */
export function runsOf(holds: (bar: number) => boolean, bars: number): Runs {
  const out: number[] = []
  let open = false
  for (let bar = 0; bar < bars; bar++) {
    if (holds(bar) === open) continue
    out.push(bar)
    open = !open
  }
  if (open) out.push(bars)
  return closeRuns(Int32Array.from(out), out.length)
}
