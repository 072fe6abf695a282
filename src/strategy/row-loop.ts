/** A strategy's function of one bar's feature values and its params. */
export type RowFunction = (row: never, params: never) => unknown

/** Asks a row function on the places `[from, end)`; what it answers is not rounded yet. `fail` throws; it is told the place and what was answered or thrown. */
export type RowLoop = (
  columns: readonly Float64Array[],
  from: number,
  end: number,
  signal: RowFunction,
  params: unknown,
  out: Float64Array,
  fail: (place: number, answer: unknown, thrown: boolean) => void,
) => void

let made = 0

/** The loops of one strategy's row function, by the names of the features in a row; made when first asked for. */
export class RowLoops {
  private readonly byNames = new Map<string, RowLoop>()

  constructor(private readonly strategy: string) {}

  of(names: readonly string[]): RowLoop {
    const key = names.join()
    const loop = this.byNames.get(key) ?? rowLoop(this.strategy, names)
    this.byNames.set(key, loop)
    return loop
  }
}

/**
 * Each row is a fresh literal of plain numbers: the function cannot reach a column, another row, or leave
 * anything behind in this one. Text of its own per strategy, for the reason given in features/loop.ts.
 */
function rowLoop(strategy: string, names: readonly string[]): RowLoop {
  const columns = names.map((_, index) => `c${index}`)
  const row = names.map((name, index) => `${JSON.stringify(name)}: c${index}[i]`)
  const text = [
    `// ${JSON.stringify(strategy)} #${made++}`,
    `const [${columns.join(', ')}] = columns`,
    'let i = from, score = 0, bad = false',
    'try {',
    '  for (; i < end; i++) {',
    `    score = signal({ ${row.join(', ')} }, params)`,
    "    if (typeof score !== 'number' || score < 0 || score > 1) { bad = true; break }",
    '    out[i] = score',
    '  }',
    '} catch (error) { fail(i, error, true) }',
    'if (bad) fail(i, score, false)',
  ]
  return new Function('columns', 'from', 'end', 'signal', 'params', 'out', 'fail', text.join('\n')) as RowLoop
}
