import { relative } from 'node:path'
import { compareStoredRuns, writeComparison } from '../jobs/compare-runs.js'
import { pagePath } from '../jobs/write-page.js'
import type { Comparison } from '../report/comparison.js'
import {
  deltasTable,
  differencesTable,
  matrixTable,
  metricsTable,
  runsTable,
} from '../report/comparison-tables.js'
import { type Io, printable } from './io.js'
import { openFile } from './open-file.js'

export interface CompareFlags {
  readonly runs: string
  readonly out?: string
  /** Folder for pages, of the config file. */
  readonly reports?: string
  readonly open?: boolean
}

/** `report RUN --compare RUN…`: prints what differs and writes the page. */
export async function compareReport(io: Io, names: readonly string[], flags: CompareFlags): Promise<void> {
  const comparison = await compareStoredRuns(flags.runs, names)
  const path = pagePath(pageName(comparison), flags.out, process.cwd(), flags.reports)
  await writeComparison(comparison, path)
  if (io.json) io.printJson({ ...comparisonJson(comparison), page: path })
  else {
    printComparison(io, comparison)
    io.print(`\nPage ${relative(process.cwd(), path)}`)
  }
  if (flags.open === true) await openFile(path)
}

function pageName({ runs }: Comparison): string {
  const [first, second] = runs
  const more = runs.length > 2 ? `-and-${runs.length - 2}-more` : ''
  return `compare-${first?.id ?? ''}-${second?.id ?? ''}${more}.html`
}

function printComparison(io: Io, comparison: Comparison): void {
  const { doubts, differences, headline, common, overlap } = comparison
  io.printTable({ ...runsTable(comparison), title: 'Runs' })
  if (differences.length > 0) io.printTable({ ...differencesTable(comparison), title: 'What was set differently' }) // prettier-ignore
  io.printTable(metricsTable(doubts.isComparable ? 'Figures (* the best)' : 'Figures, each on its own data and period', comparison, headline)) // prettier-ignore
  io.printTable(deltasTable(comparison))
  if (common !== undefined) {
    io.printTable(metricsTable(`On the ${common.days} days that all of them cover`, comparison, common.metrics)) // prettier-ignore
    io.printTable(matrixTable('Correlation of daily returns', common.correlation, 'ratio'))
  }
  io.printTable(matrixTable('Time in a position that both held', overlap.sharedTime, 'fraction'))
  if (doubts.warnings.length > 0) io.print(`\n${io.bold('Warnings')}`)
  for (const warning of doubts.warnings) io.print(`${io.yellow('!')} ${printable(warning)}`)
}

/** A comparison as --json prints it: without the curves and trades, which lie in the runs. */
export function comparisonJson(comparison: Comparison): Record<string, unknown> {
  const { runs, doubts, differences, headline, sections, common, overlap, monthly } = comparison
  return {
    runs: runs.map(({ id, strategy, preset, synthetic, startingBalance, timeframeMs, startTime, endTime, dataHash }) => {
      return { id, strategy, preset, synthetic, startingBalance, timeframeMs, startTime, endTime, dataHash }
    }),
    comparable: doubts.isComparable,
    warnings: doubts.warnings,
    inputs: differences.map(({ path, values }) => ({ path, values: values.map((value) => value ?? null) })),
    headline,
    sections,
    common,
    overlap,
    monthly,
  } // prettier-ignore
}
