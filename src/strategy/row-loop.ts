import type { Grading } from './grades.js'

/** A strategy's function of one bar's feature values and its params. */
export type RowFunction = (row: never, params: never) => unknown

/** Rows as columns of their values: row `k` has the k-th value of each. */
export type RowColumns = readonly Float64Array[]

/**
 * Asks a row function on the rows `[from, end)` and writes what it answers, not rounded yet. Answers the first row on which it says
 * what is no score, `end` where there is none. What the function throws goes through.
 */
export type ScoreLoop = (
  columns: RowColumns,
  from: number,
  end: number,
  signal: RowFunction,
  params: unknown,
  out: Float64Array,
) => number

/**
 * The same, but what becomes of a score is its grade, and only changes of it are written: see `Grading`. Answers how many there are; −1 − row
 * where the function says what is no score.
 */
export type GradeLoop = (
  columns: RowColumns,
  from: number,
  end: number,
  signal: RowFunction,
  params: unknown,
  grading: Grading,
) => number

export interface RowLoop {
  readonly scores: ScoreLoop
  readonly grades: GradeLoop
}

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
 * and where those hold objects numbers become objects too; both loops share it, so that the function only ever meets one shape. Text of its own per
 * strategy, for the reason given in features/loop.ts.
 */
function rowLoop(strategy: string, names: readonly string[]): RowLoop {
  const all = (text: (name: string, index: number) => string, joined: string = ', '): string =>
    names.map((name, index) => text(JSON.stringify(name), index)).join(joined)
  const columns = all((_, index) => `c${index}`)
  const score = `signal(new Row(${all((_, index) => `c${index}[i]`)}), params)`
  const isSame = `(score = ${score}, i++, score === before)`
  const text = [
    `// ${JSON.stringify(strategy)} #${made++}`,
    'class Row {',
    `  constructor(${all((_, index) => `v${index}`)}) { ${all((name, index) => `this[${name}] = v${index}`, '; ')} }`,
    '}',
    "const isNone = (score) => typeof score !== 'number' || score < 0 || score > 1",
    `const scores = ([${columns}], from, end, signal, params, out) => {`,
    '  for (let i = from; i < end; i++) {',
    `    const score = ${score}`,
    '    if (isNone(score)) return i',
    '    out[i] = score',
    '  }',
    '  return end',
    '}',
    // Four rows a turn, as long as the score is the one before: that one has been looked at.
    `const grades = ([${columns}], from, end, signal, params, { buyFrom, sellBelow, rows, grades }) => {`,
    '  const lastFour = end - 4',
    '  let before = -1, last = -1, count = 0, i = from',
    '  for (;;) {',
    '    let score',
    '    another: {',
    `      while (i <= lastFour) if (!(${Array.from({ length: 4 }, () => isSame).join(' && ')})) break another`,
    '      do if (i >= end) return count',
    `      while (${isSame})`,
    '    }',
    '    if (isNone(score)) return -i',
    '    before = score',
    '    const grade = score >= buyFrom ? 2 : score < sellBelow ? 0 : score === score ? 1 : 3',
    '    if (grade !== last) {',
    '      rows[count] = i - 1',
    '      grades[count++] = grade',
    '      last = grade',
    '    }',
    '  }',
    '}',
    'return { scores, grades }',
  ]
  return (new Function(text.join('\n')) as () => RowLoop)()
}

/** The row of the first fault, what was answered or thrown there, and which of the two. */
export interface RowFault {
  readonly row: number
  readonly answer: unknown
  readonly thrown: boolean
}

/** Asks again, one row at a time, to tell what a loop came upon; undefined where the function does not do it twice. */
export function findFault(
  columns: Readonly<Record<string, Float64Array>>,
  from: number,
  end: number,
  signal: RowFunction,
  params: unknown,
): RowFault | undefined {
  for (let row = from; row < end; row++) {
    const values = Object.fromEntries(Object.entries(columns).map(([name, column]) => [name, column[row]]))
    try {
      const answer = signal(values as never, params as never)
      if (!isScore(answer)) return { row, answer, thrown: false }
    } catch (error) {
      return { row, answer: error, thrown: true }
    }
  }
  return undefined
}

/** NaN is one: the score is not known. */
function isScore(answer: unknown): boolean {
  return typeof answer === 'number' && !(answer < 0 || answer > 1)
}
