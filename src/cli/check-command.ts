import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { thereAre } from '../core/closest-word.js'
import { CheckError, ConfigError } from '../core/errors.js'
import { durationName } from '../core/time.js'
import { type CheckedStrategy, checkStoredRun, checkStrategy, type CheckSettings } from '../jobs/check-strategy.js' // prettier-ignore
import { findRun } from '../jobs/run-store.js'
import { findStrategyFile, listStrategyFiles } from '../jobs/strategy-file.js'
import { outcomeWords } from '../report/index.js'
import type { CheckOutcome } from '../research/overfitting/verdict.js'
import { commandLine, wholeNumber } from './arguments.js'
import { addBacktestOptions, backtestRequest, type BacktestFlags } from './backtest-options.js'
import { ioOf, printable, type Io } from './io.js'
import { copyReport } from './reports-folder.js'
import { DEFAULT_RUNS_FOLDER } from './runs-commands.js'

const DEFAULT_CUTS = 6

interface Flags extends BacktestFlags {
  readonly runs: string
  readonly cuts: number
  readonly reports?: string
}

/** `check STRATEGY` and `check RUN`. */
export function addCheckCommand(program: Command, words: readonly string[]): void {
  addBacktestOptions(
    program.command('check').argument('[strategy or run]', 'name or file of a strategy; or a stored run: its id, or latest'),
  )
    .description('does a strategy look ahead, is it the same twice, is it warm before it decides, does it survive one bar of delay?')
    .option('--cuts <number>', 'at how many closes the data are cut', readCuts, DEFAULT_CUTS)
    .option('--runs <dir>', 'folder of the stored runs', DEFAULT_RUNS_FOLDER)
    .addHelpText(
      'after',
      `
A STRATEGY takes the options of a backtest, and nothing is stored. A RUN is checked as it was made, takes no other option of a backtest, and its
report then shows what was found. --seed draws the shuffles. Finer candles (--detail) are not asked: what lies inside bars goes by policy.
docs/checks.md says what each check does and does not prove.

Exits with 4 where a check fails, or cannot be tested on these data.

Examples:
  baleen check smart-money -i binance:BTCUSDT-PERP --timerange 2026-02-03..2026-02-15
  baleen check ./mine.ts -p fast=12 --cuts 20
  baleen check latest --json`,
    )
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const io = ioOf(command)
      const settings: CheckSettings = {
        cuts: flags.cuts,
        onStart: (key) => (io.showsProgress ? io.log(`${key} …`) : io.detail(`${key} …`)),
      }
      const run = name === undefined ? undefined : await runNamed(name, flags.runs)
      if (run !== undefined) return checkRun(io, run, flags, settings, command)
      const context = { workingFolder: process.cwd(), command: commandLine(words) }
      report(io, await checkStrategy(await backtestRequest(name, flags, context), settings))
    })
} // prettier-ignore

/** The run of that name, where no strategy has it. Throws ConfigError where there is neither. */
async function runNamed(name: string, runs: string): Promise<string | undefined> {
  try {
    findStrategyFile(name, process.cwd())
    return undefined
  } catch (noStrategy) {
    try {
      return await findRun(runs, name)
    } catch (noRun) {
      if (!(noRun instanceof ConfigError) || !(noStrategy instanceof ConfigError)) throw noRun
      // A path can only have meant a strategy.
      if (/[/\\.]/.test(name)) throw noStrategy
      const names = [...listStrategyFiles(process.cwd()).keys()]
      throw new ConfigError(`there is neither a strategy nor a run of this name (runs lie in ${runs})${thereAre(name, names)}`, { field: 'strategy or run', value: name }) // prettier-ignore
    }
  }
}

async function checkRun(
  io: Io,
  id: string,
  { runs, reports, data }: Flags,
  settings: CheckSettings,
  command: Command,
): Promise<void> {
  const other = command.options.find((one) => {
    const isOfCheck = ['cuts', 'runs'].includes(one.attributeName())
    return !isOfCheck && command.getOptionValueSource(one.attributeName()) === 'cli'
  })
  if (other !== undefined)
    throw new ConfigError('a run is checked as it was made: name its strategy to check it otherwise', { field: other.long ?? '', value: id }) // prettier-ignore
  const isDataGiven = command.getOptionValueSourceWithGlobals('data') === 'cli'
  const workingFolder = process.cwd()
  const options = isDataGiven ? { workingFolder, dataFolder: data } : { workingFolder }
  const checked = await checkStoredRun(runs, id, settings, options)
  const page = await copyReport({ id, folder: resolve(runs, id) }, undefined, reports)
  report(io, checked, { runId: id, page })
}

/** Prints what was found; ends in a CheckError where a check failed, or could not be tested. */
function report(io: Io, checked: CheckedStrategy, run?: { readonly runId: string; readonly page: string }): void {
  const { checks, failed, untested } = checked
  if (io.json) io.printJson({ ...run, ...checked })
  else print(io, checked, run)
  const named = (outcome: CheckOutcome['outcome'], words: string): string[] => {
    const names = checks.filter((one) => one.outcome === outcome).map(({ name }) => name)
    return names.length === 0 ? [] : [`${names.length} of ${checks.length} checks ${words}: ${names.join('; ')}`]
  }
  if (failed + untested > 0)
    throw new CheckError([...named('failed', 'failed'), ...named('not tested', 'could not be tested on these data')].join(', and '))
} // prettier-ignore

function print(
  io: Io,
  { strategy, preset, instruments, timeframeMs, synthetic, checks }: CheckedStrategy,
  run: { readonly runId: string; readonly page: string } | undefined,
): void {
  const title = `${strategy}${preset === null ? '' : ` (${preset})`}, checked on ${instruments.join(', ')}, ${durationName(timeframeMs)} bars`
  io.print(io.bold(printable(title)) + (synthetic ? io.yellow('  SYNTHETIC DATA') : ''))
  for (const { name, outcome, detail } of checks) {
    const word = outcomeWords(outcome)
    const isLoud = outcome === 'failed' || outcome === 'not tested'
    io.print(`\n${(isLoud ? io.yellow : io.bold)(word.padEnd(6))}  ${io.bold(name)}`)
    io.print(`        ${printable(detail)}`)
  }
  if (run === undefined) return
  io.print(`\nKept with run ${run.runId}\nReport ${relative(process.cwd(), resolve(run.page))}`)
}

function readCuts(text: string): number {
  const cuts = wholeNumber(text)
  if (cuts < 1) throw new ConfigError('data are cut at least once', { field: '--cuts', value: cuts })
  return cuts
}
