import type { Operand } from '../features/feature.js'

/** Writes `[start, end)` pairs of the bars that pass into `out` and answers how many numbers it wrote. */
export type Scan = (
  left: Float64Array | number,
  right: Float64Array | number,
  bars: number,
  out: Int32Array,
) => number

export type ScanTest = '>' | '>=' | 'known'

const scans = new Map<string, Scan>()

/** The scan for one comparison of columns and numbers: text of its own, so that each keeps monomorphic type feedback. */
export function scanFor(test: ScanTest, left: Operand, right: Operand): Scan {
  const a = typeof left === 'number' ? 'left' : 'left[i]'
  const b = typeof right === 'number' ? 'right' : 'right[i]'
  const holds = test === 'known' ? `${a} === ${a} && ${b} === ${b}` : `${a} ${test} ${b}`
  const made = scans.get(holds)
  if (made !== undefined) return made
  const text = [
    'let i = 0, count = 0',
    'for (;;) {',
    `  while (i < bars && !(${holds})) i++`,
    '  if (i >= bars) return count',
    '  out[count++] = i',
    `  while (i < bars && ${holds}) i++`,
    '  out[count++] = i',
    '}',
  ].join('\n')
  const scan = new Function('left', 'right', 'bars', 'out', text) as Scan
  scans.set(holds, scan)
  return scan
}

/** Asks a row function on each bar from `from` on. `fail` throws; it is told the bar and what was answered or thrown. */
export type RowLoop = (
  columns: readonly Float64Array[],
  from: number,
  signal: (row: never, params: never) => unknown,
  params: unknown,
  out: Float64Array,
  fail: (bar: number, answer: unknown, thrown: boolean) => void,
) => void

/**
 * The loop of one strategy. Each row is a fresh literal of plain numbers: the function cannot reach a column, another row, or leave
 * anything behind in this one. Text of its own per strategy, for the reason given in features/loop.ts.
 */
export function rowLoop(strategy: string, names: readonly string[]): RowLoop {
  const columns = names.map((_, index) => `c${index}`)
  const row = names.map((name, index) => `${JSON.stringify(name)}: c${index}[i]`)
  const text = [
    `// ${JSON.stringify(strategy)}`,
    `const [${columns.join(', ')}] = columns`,
    'const bars = out.length',
    'let i = from, score = 0, bad = false',
    'try {',
    '  for (; i < bars; i++) {',
    `    score = signal({ ${row.join(', ')} }, params)`,
    "    if (typeof score !== 'number' || score < 0 || score > 1) { bad = true; break }",
    '    out[i] = Math.round(score * 1e12) / 1e12',
    '  }',
    '} catch (error) { fail(i, error, true) }',
    'if (bad) fail(i, score, false)',
  ]
  return new Function('columns', 'from', 'signal', 'params', 'out', 'fail', text.join('\n')) as RowLoop
}
