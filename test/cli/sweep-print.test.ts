import { expect, it } from 'vitest'
import type { Io } from '../../src/cli/io.js'
import { printSweep } from '../../src/cli/sweep-print.js'
import type { SweepFolder } from '../../src/jobs/sweep/sweep-store.js'
import type { SweepResult } from '../../src/jobs/sweep/result.js'
import type { Table } from '../../src/report/index.js'
import { known } from '../../src/metrics/statistic.js'

/** What is printed of a sweep over so many params, whose best trial is its only one. */
function printed(params: number): { readonly lines: readonly string[]; readonly columns: readonly string[] } {
  const names = Array.from({ length: params }, (_, at) => `param${at}`)
  const lines: string[] = []
  let columns: readonly string[] = []
  const io = {
    print: (text: string) => lines.push(text),
    printTable: (table: Table) => (columns = table.columns.map(({ name }) => name)),
    bold: (text: string) => text,
    yellow: (text: string) => text,
  } as unknown as Io
  const search = { dimensions: names.map((name) => ({ name })), fixed: {}, constraints: [] }
  const asked = {
    strategy: { name: 'many', params: {} },
    objective: 'sharpe',
    sampler: 'sobol',
    trials: 1,
    search,
  }
  const statistics = Object.fromEntries(['sharpe', 'totalReturn', 'maxDrawdown', 'trades'].map((key) => [key, known(1)])) // prettier-ignore
  const best = [{ number: 0, params: Object.fromEntries(names.map((name, at) => [name, at])), statistics }]
  const counts = { complete: 1, constraint: 0, unrated: 0, failed: 0 }
  printSweep(io, { question: { asked } } as unknown as SweepFolder, { synthetic: false, trials: 1, counts, best } as unknown as SweepResult) // prettier-ignore
  return { lines, columns }
}

it('shows the params of the best trials as far as a table has room, and says where the others are', () => {
  const [few, many] = [printed(8), printed(46)]
  for (const { columns } of [few, many]) expect(columns.filter((name) => name.startsWith('param'))).toHaveLength(8) // prettier-ignore
  expect(few.lines.join()).not.toContain('params that were searched')
  expect(many.lines.join()).toContain('The first 8 of 46 params that were searched')
})
