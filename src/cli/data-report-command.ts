import { resolve } from 'node:path'
import { InvalidArgumentError, type Command } from 'commander'
import type { DataSurvey } from '../core/data-survey.js'
import { surveyData, writeDataPage } from '../jobs/data-report.js'
import { pagePath } from '../jobs/write-page.js'
import { dataFindings } from '../report/data-findings.js'
import { findingsTable, surveyTable } from '../report/data-tables.js'
import { openStore } from '../store/store.js'
import { collect, number, programName } from './arguments.js'
import type { Io } from './io.js'
import { openFile } from './open-file.js'
import { PAGE_FOLDERS } from './reports-folder.js'

const PAGE_NAME = 'data-report.html'
/** About one hour in a thousand of eight years of Bitcoin moves further. */
const DEFAULT_DEVIATIONS = 15

interface Flags {
  readonly kind: readonly string[]
  readonly instrument: readonly string[]
  readonly asset: readonly string[]
  readonly outliers: number
  readonly out?: string
  readonly page: boolean
  readonly open?: boolean
}

/** Adds `data report` to the data commands. */
export function addDataReport(data: Command, ioOf: (command: Command) => Io): void {
  data
    .command('report')
    .description('coverage, gaps, outliers, staleness and known-at delays: a table and a page')
    .argument('[series...]', 'ids of series, or parts of them; all where none is given')
    .option('--kind <kind>', 'only series of this kind (repeatable)', collect, [])
    .option('--instrument <id>', 'only candles, marks and funding of this instrument (repeatable)', collect, [])
    .option('--asset <asset>', 'only series about this asset, such as BTC (repeatable)', collect, [])
    .option('--outliers <n>', 'list changes beyond so many robust deviations', deviations, DEFAULT_DEVIATIONS)
    .option('--out <file>', `the page (default: ${PAGE_NAME} in ${PAGE_FOLDERS})`)
    .option('--no-page', 'print the tables only')
    .option('--open', 'open the page in a browser')
    .addHelpText(
      'after',
      `
Examples:
  baleen data report
  baleen data report candles/ --instrument binance:BTCUSDT-PERP --open
  baleen data report --asset BTC --outliers 10 --out btc.html
  baleen data report --kind funding --json

With --json the page is written only where --out names it. Suspicious rows are no failure: the exit code is 0.`,
    )
    .action(async (words: string[], flags: Flags, command: Command) => report(words, flags, command, ioOf(command))) // prettier-ignore
}

function deviations(text: string): number {
  const value = number(text)
  if (!(value > 0)) throw new InvalidArgumentError('Must be above 0.')
  return value
}

async function report(words: readonly string[], flags: Flags, command: Command, io: Io): Promise<void> {
  const folder = command.optsWithGlobals<{ data?: string }>().data ?? 'data'
  const store = openStore(resolve(folder))
  const selection = { words, kinds: flags.kind, instruments: flags.instrument, assets: flags.asset }
  const survey = await surveyData(store, selection, {
    outlierDeviations: flags.outliers,
    progress: (done, total, series) => {
      if (io.showsProgress) process.stderr.write(`\r\u001b[K${done}/${total} ${series}${done === total ? '\r\u001b[K' : ''}`)
    },
  }) // prettier-ignore
  const wantsPage = flags.page && (!io.json || flags.out !== undefined || flags.open === true)
  if (survey.series.length === 0) {
    if (io.json) io.printJson(withFindings(survey))
    else io.print(`no data in ${store.directory} yet: ${programName()} data import FILE --as candles --instrument ID --interval 1h`) // prettier-ignore
    return
  }
  if (io.json) io.printJson(withFindings(survey))
  else {
    io.printTable(surveyTable(survey))
    io.printTable(findingsTable(survey))
    io.print(`data set ${survey.dataSetHash}`)
  }
  if (!wantsPage) return
  const path = pagePath(
    PAGE_NAME,
    flags.out,
    process.cwd(),
    command.optsWithGlobals<{ reports?: string }>().reports,
  )
  await writeDataPage(survey, path)
  if (io.json) io.log(`Page ${path}`)
  else io.print(`Page ${path}`)
  if (flags.open === true) await openFile(path)
}

/** The survey with what is to be known of each series, as --json prints it. */
function withFindings(survey: DataSurvey): unknown {
  return { ...survey, series: survey.series.map((one) => ({ ...one, findings: dataFindings(one) })) }
}
