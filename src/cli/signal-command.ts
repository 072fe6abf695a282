import { relative } from 'node:path'
import type { Command } from 'commander'
import { InvalidArgumentError } from 'commander'
import { ConfigError } from '../core/errors.js'
import { parseDuration } from '../core/time.js'
import { loadPageKit } from '../jobs/page-kit.js'
import { pagePath, writePage } from '../jobs/write-page.js'
import { researchSignal, type SignalRequest } from '../jobs/signal-research.js'
import {
  signalPage,
  signalTextTables,
  figureWords,
  poolingWords,
  type SignalSummary,
} from '../report/index.js'
import { commandLine, wholeNumber } from './arguments.js'
import { addBacktestOptions, backtestRequest, type BacktestFlags } from './backtest-options.js'
import { ioOf, printable, type Io } from './io.js'
import { openFile } from './open-file.js'
import { PAGE_FOLDERS } from './reports-folder.js'

const DEFAULT_HORIZONS = '1,2,4,8,24,72,168'
const DEFAULT_SHIFTS = 999

interface Flags extends BacktestFlags {
  readonly horizons: string
  readonly focus?: string
  readonly shifts: number
  readonly out?: string
  /** Folder for pages, of the config file. */
  readonly reports?: string
  readonly open?: boolean
}

/** `signal STRATEGY`. */
export function addSignalCommand(program: Command, words: readonly string[]): void {
  addBacktestOptions(program.command('signal').argument('[strategy]', 'name or file of a strategy'))
    .description(
      'what the signal of a strategy says of later returns, before any trade: coefficients, deciles, legs, turnover',
    )
    .option('--horizons <list>', 'bars ahead, or durations such as 4h or 3d', DEFAULT_HORIZONS)
    .option(
      '--focus <horizon>',
      'the horizon of deciles, months and legs (default: 24 bars if listed, else the middle one)',
    )
    .option(
      '--shifts <number>',
      'how many times entries are moved to other times, for their band',
      readShifts,
      DEFAULT_SHIFTS,
    )
    .option('--out <file>', `the page to write (default: signal-STRATEGY.html in ${PAGE_FOLDERS})`)
    .option('--open', 'open the page in your browser')
    .addHelpText(
      'after',
      `
Takes the options of a backtest; those that only an account reads (--balance, --participation, --detail, --sensitivity) change nothing.
--seed draws the shifts. Nothing is stored but the page. docs/signals.md says how each figure is calculated.

Examples:
  baleen signal smart-money -i binance:BTCUSDT-PERP --timerange 2026-02-03..2026-02-15
  baleen signal ./mine.ts -p fast=12 --horizons 1h,4h,1d,1w --focus 1d --fee 0.0004 --slippage 2
  baleen signal trend-breakout --out breakout.html --open
  baleen signal smart-money --preset relative --json`,
    ) // prettier-ignore
    .action(async (strategy: string | undefined, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const io = ioOf(command)
      const context = { workingFolder: process.cwd(), command: commandLine(words) }
      const request = await backtestRequest(strategy, flags, context)
      const horizons = readHorizons(flags.horizons, request.timeframeMs)
      const focus = readFocus(flags.focus, horizons, request.timeframeMs)
      io.detail(`strategy file ${request.strategyFile}`)
      const { summary, columns } = await researchSignal({ ...request, horizons, focus, shifts: flags.shifts } satisfies SignalRequest) // prettier-ignore
      const page = pagePath(`signal-${summary.strategy}.html`, flags.out, process.cwd(), flags.reports)
      io.detail(`writing ${page}`)
      await writePage(page, signalPage(await loadPageKit(), summary, columns))
      if (flags.open === true) await openFile(page)
      if (io.json) io.printJson({ ...summary, page })
      else print(io, summary, page)
    })
}

function print(io: Io, summary: SignalSummary, page: string): void {
  const title = `${summary.strategy}${summary.preset === undefined ? '' : ` (${summary.preset})`}: the signal before any trade`
  io.print(io.bold(printable(title)) + (summary.synthetic ? io.yellow('  SYNTHETIC DATA') : ''))
  for (const one of signalTextTables(summary)) io.printTable(one)
  if (summary.study.score !== undefined) io.print(`\n${poolingWords(summary.study)}`)
  io.print(`${summary.study.score === undefined ? '\n' : ''}${figureWords(summary.study)}`)
  if (summary.warnings.length > 0) io.print(`\n${io.bold('Warnings')}`)
  for (const warning of summary.warnings) io.print(`${io.yellow('!')} ${printable(warning)}`)
  io.print(`\nPage ${relative(process.cwd(), page)}`)
}

/** Horizons in bars, rising, each once. Throws ConfigError naming the one that is none. */
function readHorizons(text: string, timeframeMs: number): number[] {
  const horizons = text.split(',').map((word) => readHorizon(word, timeframeMs, '--horizons'))
  return [...new Set(horizons)].sort((a, b) => a - b)
}

function readHorizon(word: string, timeframeMs: number, field: string): number {
  const text = word.trim()
  const bars = /^\d+$/.test(text) ? Number(text) : parseDuration(text, field) / timeframeMs
  if (Number.isSafeInteger(bars) && bars >= 1) return bars
  throw new ConfigError('a horizon is a whole number of bars, or a duration that is one', {
    field,
    value: word,
  })
}

function readFocus(text: string | undefined, horizons: readonly number[], timeframeMs: number): number {
  if (text === undefined) return horizons.includes(24) ? 24 : horizons[Math.floor((horizons.length - 1) / 2)]!
  const focus = readHorizon(text, timeframeMs, '--focus')
  if (horizons.includes(focus)) return focus
  throw new ConfigError(`must be one of --horizons: ${horizons.join(', ')} bars`, {
    field: '--focus',
    value: text,
  })
}

function readShifts(text: string): number {
  const shifts = wholeNumber(text)
  if (shifts < 19) throw new InvalidArgumentError('At least 19: fewer cannot tell one in twenty.')
  return shifts
}
