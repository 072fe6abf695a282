/** A strategy's function of one bar's feature values and its params. */
export type RowFunction = (row: never, params: never) => unknown

/**
 * Asks a row function on the places `[from, end)`; what it answers is not rounded yet. Answers the first place on which it says what is
 * no score, `end` where there is none. What the function throws goes through.
 */
export type RowLoop = (
  columns: readonly Float64Array[],
  from: number,
  end: number,
  signal: RowFunction,
  params: unknown,
  out: Float64Array,
) => number

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
 * Each row is a fresh object of plain numbers: the function cannot reach a column, another row, or leave anything behind in this one.
 * Rows have a class of their own: V8 would give a literal the shape of any other with these names, such as the strategy's features,
 * and where those hold objects numbers become objects too. Text of its own per strategy, for the reason given in features/loop.ts.
 */
function rowLoop(strategy: string, names: readonly string[]): RowLoop {
  const all = (text: (name: string, index: number) => string, joined: string = ', '): string =>
    names.map((name, index) => text(JSON.stringify(name), index)).join(joined)
  const text = [
    `// ${JSON.stringify(strategy)} #${made++}`,
    'class Row {',
    `  constructor(${all((_, index) => `v${index}`)}) { ${all((name, index) => `this[${name}] = v${index}`, '; ')} }`,
    '}',
    'return (columns, from, end, signal, params, out) => {',
    `  const [${all((_, index) => `c${index}`)}] = columns`,
    '  for (let i = from; i < end; i++) {',
    `    const score = signal(new Row(${all((_, index) => `c${index}[i]`)}), params)`,
    "    if (typeof score !== 'number' || score < 0 || score > 1) return i",
    '    out[i] = score',
    '  }',
    '  return end',
    '}',
  ]
  return (new Function(text.join('\n')) as () => RowLoop)()
}

/** The place of the first fault, what was answered or thrown there, and which of the two. */
export interface RowFault {
  readonly place: number
  readonly answer: unknown
  readonly thrown: boolean
}

/** Asks again, one place at a time, to tell what a loop came upon; undefined where the function does not do it twice. */
export function findFault(
  columns: Readonly<Record<string, Float64Array>>,
  from: number,
  end: number,
  signal: RowFunction,
  params: unknown,
): RowFault | undefined {
  for (let place = from; place < end; place++) {
    const row = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[place]]))
    try {
      const answer = signal(row as never, params as never)
      if (!isScore(answer)) return { place, answer, thrown: false }
    } catch (error) {
      return { place, answer: error, thrown: true }
    }
  }
  return undefined
}

/** NaN is one: the score is not known. */
function isScore(answer: unknown): boolean {
  return typeof answer === 'number' && !(answer < 0 || answer > 1)
}
