import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { DEFAULT_LEDGER_FOLDER } from '../jobs/ledger.js'
import { recordRun } from '../jobs/ledger-run.js'
import type { ExecutedRun } from '../jobs/run.js'
import { executeRun } from '../jobs/run.js'
import { extraWarnings } from '../jobs/run-extras.js'
import { storeRun, type StoredRun } from '../jobs/run-store.js'
import { writeReport } from '../jobs/stored-report.js'
import { keepVerdict } from '../jobs/sweep/sweep-of-run.js'
import { DEFAULT_SWEEPS_FOLDER } from '../jobs/sweep/sweep-store.js'
import {
  dataTable,
  funnelTable,
  groupTables,
  resultTable,
  sensitivityTable,
  signalTable,
  type RunSummary,
} from '../report/index.js'
import { commandLine } from './arguments.js'
import { addBacktestOptions, backtestRequest, type BacktestFlags } from './backtest-options.js'
import { ioOf, printable, type Io } from './io.js'
import { copyReport, REPORT_COPY, reportPath } from './reports-folder.js'
import { DEFAULT_RUNS_FOLDER } from './runs-commands.js'

interface Flags extends BacktestFlags {
  readonly runs: string
  readonly out?: string
  readonly reports?: string
  readonly ledger: string
  readonly sweeps: string
}

/** `backtest STRATEGY`. */
export function addBacktestCommand(program: Command, words: readonly string[]): void {
  addBacktestOptions(program.command('backtest').argument('[strategy]', 'name or file of a strategy'))
    .description('replay a strategy over stored data, print the result, store the run and its report')
    .option('--runs <dir>', 'folder of the stored runs', DEFAULT_RUNS_FOLDER)
    .option('--out <file or dir>', REPORT_COPY)
    .option('--ledger <dir>', 'folder of the ledger of all trials', DEFAULT_LEDGER_FOLDER)
    .option(
      '--sweeps <dir>',
      'folder of the stored sweeps: of the one that chose these params the verdict is shown',
      DEFAULT_SWEEPS_FOLDER,
    )
    .addHelpText(
      'after',
      `
Examples:
  baleen backtest sma-cross -i binance:BTCUSDT --timerange 2024-01-01..2024-12-31
  baleen backtest ./mine.ts -p fast=12 -p slow=40 --fee 0.001 --slippage 2
  baleen backtest trend-breakout --fee-tier vip1 --half-spread 0.5 --participation 0.05
  baleen backtest trend-breakout --detail 1m --sensitivity
  baleen backtest smart-money --preset relative --facts whales=whale-positions/hyperliquid:biggest
  baleen backtest trend-breakout -S fillAt=same-close --json`,
    )
    .action(async (strategy: string | undefined, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const io = ioOf(command)
      const context = { workingFolder: process.cwd(), command: typedAgain(words, flags.config) }
      const request = await backtestRequest(strategy, flags, context)
      io.detail(`strategy file ${request.strategyFile}`)
      const run = await executeRun(request)
      const stored = await storeRun(flags.runs, run.files)
      await recordRun(flags.ledger, stored.id, request.strategyFile, run)
      const sweepVerdict = await keepVerdict(stored.folder, run.files.manifest.inputs, flags.sweeps)
      if (sweepVerdict !== undefined) await writeReport(flags.runs, stored.id)
      const warnings = [...extraWarnings({ ...(sweepVerdict && { sweepVerdict }) }), ...run.summary.warnings]
      const page = await copyReport(stored, flags.out, flags.reports)
      if (io.json) io.printJson({ ...runJson(run, stored), warnings, sweepVerdict, page })
      else printRun(io, { ...run.summary, warnings }, stored, page)
    })
}

/** The command line with the config file that was found by itself: named, it is read from any folder. */
function typedAgain(words: readonly string[], config: string | undefined): string {
  const isNamed = words.some((word) => word === '--config' || word.startsWith('--config='))
  return commandLine(config === undefined || isNamed ? words : [...words, '--config', config])
}

function runJson({ summary, backtest, files }: ExecutedRun, stored: StoredRun): object {
  const { result, metrics, optimistic, detail, sensitivity, signals } = backtest
  return {
    runId: stored.id,
    folder: stored.folder,
    existed: stored.existed,
    synthetic: summary.synthetic,
    inputs: files.manifest.inputs,
    data: summary.data,
    signals,
    metrics,
    result: {
      finalEquity: result.finalEquity,
      startTime: result.startTime,
      endTime: result.endTime,
      trades: result.trades.length,
      funnel: result.funnel,
      costs: result.costs,
      undecidedExits: result.undecidedExits,
      flags: result.flags,
      path: result.path,
    },
    optimistic,
    detail,
    sensitivity,
    warnings: summary.warnings,
  }
}

/** The run as a person reads it: what it saw first, then what came of it, then what to doubt. */
export function printRun(
  io: Io,
  summary: RunSummary,
  stored: StoredRun,
  page: string = reportPath(stored),
): void {
  const title = `${summary.strategy}${summary.preset === undefined ? '' : ` (${summary.preset})`}`
  io.print(io.bold(printable(title)) + (summary.synthetic ? io.yellow('  SYNTHETIC DATA') : ''))
  io.printTable(dataTable(summary))
  const signals = signalTable(summary)
  if (signals !== undefined) io.printTable(signals)
  io.printTable(funnelTable(summary.result.funnel))
  io.printTable(resultTable(summary))
  const { sensitivity, result } = summary
  if (sensitivity !== undefined) io.printTable(sensitivityTable(sensitivity, result.startingBalance))
  for (const group of groupTables(summary)) io.printTable(group)
  if (summary.warnings.length > 0)
    io.print(`
${io.bold('Warnings')}`)
  for (const warning of summary.warnings) io.print(`${io.yellow('!')} ${printable(warning)}`)
  const state = stored.existed ? 'stored already, with the same bytes' : 'stored'
  io.print(`\nRun ${io.bold(stored.id)} ${state}`)
  io.print(`Report ${relative(process.cwd(), resolve(page))}`)
}
