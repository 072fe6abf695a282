import { availableParallelism } from 'node:os'
import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import { DAY_MS, formatUtcDay, parseDuration } from '../core/time.js'
import type { RunRequest } from '../jobs/run.js'
import { loadStrategyFile } from '../jobs/strategy-file.js'
import { TrialWorkers } from '../jobs/trial-workers.js'
import { walkForward, type WalkForwardSettings } from '../jobs/walk-forward/walk-forward.js'
import { storeWalkForward, type StoredWalkForward } from '../jobs/walk-forward/walk-forward-store.js'
import {
  walkForwardFiguresTable,
  walkForwardParamsTable,
  walkForwardSettingsTable,
  walkForwardWindowsTable,
  type WalkForwardReport,
} from '../report/index.js'
import { spaceSize } from '../research/search-space.js'
import { parseSearch } from '../research/search-syntax.js'
import { parseConditions } from '../research/sweep/conditions.js'
import { SAMPLER_NAMES } from '../research/samplers/make-sampler.js'
import { parseObjective, STATISTIC_KEYS } from '../research/sweep/objective.js'
import { compileStrategy } from '../strategy/compile.js'
import type { Strategy } from '../strategy/define.js'
import { DEFAULT_LEDGER_FOLDER } from '../jobs/ledger.js'
import { recordWalkForward } from '../jobs/ledger-run.js'
import { collect, commandLine, wholeNumber } from './arguments.js'
import { addBacktestOptions, backtestRequest, type BacktestFlags } from './backtest-options.js'
import { ioOf, printable, type Io } from './io.js'
import { openFile } from './open-file.js'

const DEFAULTS = { sampler: 'sobol', trials: 200, train: '365d', test: '60d', objective: 'sharpe', folder: '.baleen/walkforwards' } as const // prettier-ignore

interface Flags extends BacktestFlags {
  readonly sampler: string
  readonly trials?: number
  readonly objective: string
  readonly constraint: readonly string[]
  readonly windows?: number
  readonly train: string
  readonly test: string
  readonly anchored?: boolean
  readonly rolling?: boolean
  readonly purge?: string
  readonly jobs: number
  readonly ledger: string
  readonly walkforwards: string
  readonly open?: boolean
}

/** `walkforward STRATEGY`. */
export function addWalkForwardCommand(program: Command, words: readonly string[]): void {
  const command = addBacktestOptions(program.command('walkforward').argument('[strategy]', 'name or file of a strategy'))
  const param = command.options.find(({ long }) => long === '--param')
  if (param !== undefined)
    param.description = 'what is searched (repeatable): fast=5:50:5 (lowest:highest:step), slow=20:400, size=0.01:1:log, mode=a,b, fast=12 (fixed), fast (its declared range); none: every parameter over its declared range'
  const seed = command.options.find(({ long }) => long === '--seed')
  if (seed !== undefined) seed.description = 'another number, other trials of random, sobol, tpe and a part of a grid (default: 0)'
  for (const option of command.options)
    if (['--detail', '--sensitivity', '--no-sensitivity'].includes(option.long ?? '')) option.hideHelp()
  command
    .description('search parameters on some months, trade the next ones with them, move on: what did choosing earn on days it had not seen?')
    .option('--sampler <name>', `who proposes the trials: ${SAMPLER_NAMES.join(', ')}`, DEFAULTS.sampler)
    .option('--trials <n>', `how many in each window (default: ${DEFAULTS.trials}; the whole grid for grid, fewer are drawn from it by the seed)`, wholeNumber)
    .option('--objective <figure>', `what to choose by: ${STATISTIC_KEYS.join(', ')}`, DEFAULTS.objective)
    .option('--constraint <text>', "between parameters, 'fast<slow', or on what came of a trial, 'trades>=30' (repeatable)", collect, [])
    .option('--windows <n>', 'the newest so many windows, 6 or more (default: as many as the data hold)', wholeNumber)
    .option('--train <days>', 'length of each training', DEFAULTS.train)
    .option('--test <days>', 'length of each test, 30d to 90d', DEFAULTS.test)
    .option('--rolling', 'training keeps its length and moves on (default)')
    .option('--anchored', 'training begins at the start and grows')
    .option('--purge <duration>', "training ends so long before its test (default: the longest holding of the strategy's own parameters in the first training)")
    .option('--jobs <n>', 'threads; any number gives the same result', wholeNumber, availableParallelism())
    .option('--ledger <dir>', 'folder of the ledger of all trials', DEFAULT_LEDGER_FOLDER)
    .option('--walkforwards <dir>', 'folder of the stored analyses', DEFAULTS.folder)
    .option('--open', 'open the page in your browser')
    .addHelpText(
      'after',
      `
Takes the options of a backtest; trials do not read finer candles. Positions at the edges of windows are closed, with costs. docs/walk-forward.md
says how every figure is calculated.

Examples:
  baleen walkforward sma-cross -p fast=5:50:5 -p slow=20:200:20 --constraint 'fast<slow' --sampler grid
  baleen walkforward trend-breakout --trials 500 --train 180d --test 30d --anchored --constraint 'trades>=30'
  baleen walkforward ./mine.ts --windows 8 --objective calmar --json`,
    )
    .action(async (name: string | undefined, _options: unknown, action: Command) => {
      const flags = action.optsWithGlobals<Flags>()
      const io = ioOf(action)
      const context = { workingFolder: process.cwd(), command: commandLine(words) }
      const request = await backtestRequest(name, { ...flags, param: [] }, context)
      if (request.detailMs !== undefined)
        throw new ConfigError('trials do not read finer candles', { field: '--detail', value: flags.detail })
      const strategy = await loadStrategyFile(request.strategyFile)
      const settings = settingsOf(flags, request, strategy)
      const workers = new TrialWorkers(atLeastOne('--jobs', flags.jobs))
      const onWindow = (window: number, windows: number, { startMs, endMs }: { startMs: number; endMs: number }): void => {
        const text = `Window ${window} of ${windows}: searching ${formatUtcDay(startMs)} to ${formatUtcDay(endMs - 1)} …`
        if (io.showsProgress) io.log(text)
        else io.detail(text)
      }
      const run = await walkForward(request, strategy, settings, workers, onWindow).finally(() => workers.close())
      const stored = await storeWalkForward(flags.walkforwards, request, settings, run)
      await recordWalkForward(flags.ledger, stored.id, request.strategyFile, request.instruments, run.report)
      if (io.json) io.printJson({ ...stored, ...run.report })
      else print(io, run.report, stored)
      if (flags.open === true) await openFile(resolve(stored.page))
    })
} // prettier-ignore

/** Reads how to walk and to search. Throws ConfigError naming the option. */
function settingsOf(flags: Flags, request: RunRequest, strategy: Strategy): WalkForwardSettings {
  const objective = parseObjective(flags.objective)
  const { constraints, conditions } = parseConditions(strategy.params, flags.constraint)
  const { params } = compileStrategy(strategy, request.params, request.preset ?? 'default')
  const space = parseSearch(strategy.params, flags.param, constraints, params)
  const sampler = SAMPLER_NAMES.find((one) => one === flags.sampler)
  if (sampler === undefined)
    throw new ConfigError(`no such sampler; there are ${SAMPLER_NAMES.join(', ')}`, { field: '--sampler', value: flags.sampler }) // prettier-ignore
  if (flags.anchored === true && flags.rolling === true)
    throw new ConfigError('training is either anchored or rolling', { field: '--anchored' })
  const trials = flags.trials === undefined ? undefined : atLeastOne('--trials', flags.trials)
  return {
    space,
    ranking: { objective, conditions },
    sampler,
    trials: trials ?? (sampler === 'grid' ? spaceSize(space) : DEFAULTS.trials),
    seed: request.seed ?? 0,
    windows: flags.windows,
    trainDays: wholeDays('--train', flags.train),
    testDays: wholeDays('--test', flags.test),
    isAnchored: flags.anchored === true,
    purgeMs: flags.purge === undefined ? undefined : parseDuration(flags.purge, '--purge'),
  }
}

function wholeDays(option: string, text: string): number {
  const days = parseDuration(text, option) / DAY_MS
  if (Number.isInteger(days)) return days
  throw new ConfigError('is a whole number of days, such as 60d', { field: option, value: text })
}

function atLeastOne(option: string, value: number): number {
  if (value >= 1) return value
  throw new ConfigError('must be at least 1', { field: option, value })
}

function print(io: Io, report: WalkForwardReport, { id, page, existed }: StoredWalkForward): void {
  const { strategy, preset, synthetic, instruments, verdict, reason, warnings } = report
  const title = `${strategy}${preset === null ? '' : ` (${preset})`}: walk-forward on ${instruments.join(', ')}`
  io.print(io.bold(printable(title)) + (synthetic ? io.yellow('  SYNTHETIC DATA') : ''))
  io.printTable(walkForwardSettingsTable(report))
  io.printTable(walkForwardWindowsTable(report))
  io.printTable(walkForwardParamsTable(report))
  io.printTable(walkForwardFiguresTable(report))
  io.print(`\n${io.bold(`${verdict.slice(0, 1).toUpperCase()}${verdict.slice(1)}`)}: ${reason}.`)
  if (warnings.length > 0) io.print(`\n${io.bold('Warnings')}`)
  for (const warning of warnings) io.print(`${io.yellow('!')} ${printable(warning)}`)
  io.print(`\nWalk-forward ${io.bold(id)} ${existed ? 'stored already, with the same result' : 'stored'}`)
  io.print(`Page ${relative(process.cwd(), resolve(page))}`)
}
