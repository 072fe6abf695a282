import { existsSync, readdirSync } from 'node:fs'
import { join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import { formatUtcDay } from '../core/time.js'
import { CONFIG_FILES } from '../jobs/config-file.js'
import { PACKAGE_ROOT } from '../jobs/package-info.js'
import { executeRun, type ExecutedRun } from '../jobs/run.js'
import { storeRun } from '../jobs/run-store.js'
import { SYNTHETIC, simulateIntoStore, type SimulatedData } from '../jobs/simulated-data.js'
import { formatMetric } from '../metrics/format.js'
import { findMetric } from '../metrics/metrics-report.js'
import { table, type Table } from '../report/index.js'
import { openStore, storeManifest } from '../store/store.js'
import { number, programName, shellQuote, wholeNumber } from './arguments.js'
import { printRun } from './backtest-command.js'
import { backtestRequest } from './backtest-options.js'
import { ioOf, type Io } from './io.js'
import { copyReport } from './reports-folder.js'
import { DEFAULT_RUNS_FOLDER } from './runs-commands.js'

const STRATEGY = 'smart-money'
const DAYS = 240
/** Small, and enough for the report to show something; said wherever its result is. */
const EDGE = 0.03

interface Flags {
  readonly out: string
  readonly seed: number
  readonly edge: number
  readonly runs: string
  readonly reports?: string
  readonly yes?: boolean
}

/** `demo`: everything from data to report on an invented market, offline. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('invent a small market, backtest smart-money on it, write the report; works offline')
    .option('--out <dir>', 'data folder to make; the market of an earlier demo is replaced', 'data/demo')
    .option('--seed <number>', 'another number, another market', wholeNumber, 1)
    .option(
      '--edge <correlation>',
      'of what the facts know with the return of the next hour; with 0 all results are luck',
      number,
      EDGE,
    )
    .option('--runs <dir>', 'folder of the stored runs', DEFAULT_RUNS_FOLDER)
    .option('--yes', 'write into the folder even if it holds other things; real series are never replaced')
    .addHelpText(
      'after',
      '\nExamples:\n  baleen demo\n  baleen demo --edge 0 --out data/luck\n  baleen demo --seed 7 --out /tmp/demo',
    )
    .action(async (_flags: unknown, command: Command) => demo(ioOf(command), command.optsWithGlobals<Flags>()))
} // prettier-ignore

async function demo(io: Io, { out, seed, edge, runs, reports, yes }: Flags): Promise<void> {
  if (yes !== true) await refuseOthers(out)
  io.log(`Inventing a market (SYNTHETIC, ${DAYS} days, seed ${seed}) …`)
  const data = await simulateIntoStore(
    { days: DAYS, seed, edge },
    { folder: out, now: Date.now(), replace: true, progress: ({ what }) => io.detail(what) },
  )
  io.log(`Backtesting ${STRATEGY} …`)
  const run = await backtest(data)
  const stored = await storeRun(runs, run.files)
  const report = relative(process.cwd(), resolve(await copyReport(stored, undefined, reports)))
  const next = nextCommands(stored.id, data, runs, edge)
  const { recipe, instrumentsFile, series } = data
  if (io.json) {
    const rows = series.reduce((sum, one) => sum + one.rows, 0)
    io.printJson({ synthetic: true, seed, edge, recipe, folder: out, instrumentsFile, series: series.length, rows, runId: stored.id, page: report, next }) // prettier-ignore
    return
  }
  if (io.verbose) printRun(io, run.summary, stored)
  io.print(io.yellow('SYNTHETIC DATA: prices and facts are invented, and say nothing about any real market.'))
  io.print(edgeWords(edge))
  io.printTable(resultTable(run, data))
  io.print(`\nReport  ${report}\n\nNext:\n${next.map((line) => `  ${line}`).join('\n')}`)
}

/** A folder that holds something else than an invented market is somebody's. */
async function refuseOthers(folder: string): Promise<void> {
  if (!existsSync(folder) || readdirSync(folder).length === 0) return
  const series = Object.values((await storeManifest(openStore(resolve(folder)))).series)
  if (series.length > 0 && series.every(({ flags }) => flags.includes(SYNTHETIC))) return
  throw new ConfigError(
    'the folder is there and was not made by demo: name another, or write into it with --yes',
    { field: '--out', value: folder },
  )
}

async function backtest({ folder, instrumentsFile }: SimulatedData): Promise<ExecutedRun> {
  const words = ['baleen', '--data', folder, 'backtest', STRATEGY, '--instruments', instrumentsFile]
  const flags = { param: [], instrument: [], set: [], facts: [], instruments: instrumentsFile, data: folder }
  // The shipped strategy, whatever lies in the user's own folder.
  const context = { workingFolder: PACKAGE_ROOT, command: words.map(shellQuote).join(' ') }
  return executeRun(await backtestRequest(STRATEGY, flags, context))
}

function edgeWords(edge: number): string {
  return edge === 0
    ? 'No edge was put in: whatever a strategy makes here is luck.'
    : `An edge of ${edge} was put in: what the facts come from knows that much (a correlation) of the next hour's return. It is why acting on them can earn here.`
}

/** The strategy beside holding, and beside holding no more than the strategy held on average. */
function resultTable({ backtest: { metrics } }: ExecutedRun, { instruments, startTime, endTime }: SimulatedData): Table {
  const cell = (key: string): string => formatMetric(findMetric(metrics, key))
  const figures = [
    ['Return', 'totalReturn', 'holdReturn', 'scaledHoldReturn'],
    ['Sharpe', 'sharpe', 'holdSharpe', 'scaledHoldSharpe'],
    ['Max drawdown', 'maxDrawdown', 'holdMaxDrawdown', 'scaledHoldMaxDrawdown'],
    ['Trades', 'trades'],
    ['Win rate', 'tradeWinRate'],
  ] as const
  const rows = figures.map(([label, ...keys]) => [label, ...keys.map(cell), ...['', '', ''].slice(keys.length)])
  const title = `${STRATEGY} on ${instruments.length} invented perpetuals, ${formatUtcDay(startTime)} to ${formatUtcDay(endTime - 1)}, costs included`
  return table(title, ['', `${STRATEGY}#`, 'Holding#', 'Holding as much#'], rows)
} // prettier-ignore

/** What to type now; each is run by the tests. */
function nextCommands(
  runId: string,
  { folder, instrumentsFile }: SimulatedData,
  runs: string,
  edge: number,
): string[] {
  const inRuns = runs === DEFAULT_RUNS_FOLDER ? '' : ` --runs ${shellQuote(runs)}`
  const own = CONFIG_FILES.some((file) => existsSync(file)) && existsSync(join('strategies', 'my-first.ts'))
  const strategy = own ? 'my-first' : 'trend-breakout'
  const market = `--data ${shellQuote(folder)}`
  return [
    `report ${runId}${inRuns} --open`,
    `${market} backtest ${strategy} --instruments ${shellQuote(instrumentsFile)}${inRuns}`,
    edge === 0 ? `runs replay ${runId}${inRuns}` : `demo --edge 0 --out data/luck${inRuns}`,
  ].map((words) => `${programName()} ${words}`)
}
