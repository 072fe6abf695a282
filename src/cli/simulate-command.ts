import { resolve } from 'node:path'
import type { Command } from 'commander'
import { durationName, formatUtc, HOUR_MS, parseDuration, parseTimeRange } from '../core/time.js'
import { simulateIntoStore, type SimulatedData, type SimulationProgress } from '../jobs/simulated-data.js'
import { formatValue } from '../metrics/format.js'
import { table } from '../report/table.js'
import { number, programName, shellQuote, wholeNumber } from './arguments.js'
import { ioOf, type Io } from './io.js'

interface Flags {
  readonly days: number
  readonly from: string
  readonly timeframe: string
  readonly instruments: string
  readonly seed: number
  readonly edge: number
  readonly drift: number
  readonly gaps?: boolean
  readonly yes?: boolean
  readonly data: string
}

/** `data simulate`: an invented market in the data folder, from a seed. */
export function addSimulateCommand(data: Command, now: () => number = () => Date.now()): void {
  data
    .command('simulate')
    .description(
      'invent a market from a seed and add it as SYNTHETIC series, with an instruments file; works offline',
    )
    .option('--days <number>', 'whole UTC days', wholeNumber, 730)
    .option('--from <day>', 'the first one', '2024-01-01')
    .option('--timeframe <duration>', 'of the candles, 1m to 1d; up to 1h one seed is one market', '1h')
    .option(
      '--instruments <which>',
      'how many, or ids with commas between, such as synthetic:BTCUSDT-PERP,synthetic:ALT07USDT-PERP',
      '3',
    )
    .option('--seed <number>', 'another number, another market', wholeNumber, 1)
    .option(
      '--edge <correlation>',
      'of what the facts know with the return of the next hour, from 0 (nothing can be known) to below 1; 0.03 is strong',
      number,
      0,
    )
    .option('--drift <fraction>', 'expected total return a year, funding included: 0.3 is 30 %', number, 0)
    .option('--gaps', 'leave out bars and facts, and let some facts be known late')
    .option(
      '--yes',
      'replace another synthetic market, or stand beside real series; real series are never replaced',
    )
    .addHelpText(
      'after',
      `\nExamples:
  baleen data simulate --days 730 --timeframe 1h --seed 7 --edge 0.05
  baleen --data data/noise data simulate --seed 3 --gaps
docs/simulator.md says what the numbers are made of, and what they are good for.`,
    )
    .action(async (flags: Flags, command: Command) => {
      const io = ioOf(command)
      const { data: folder } = command.optsWithGlobals<{ readonly data: string }>()
      const made = await simulate(io, flags, folder, now())
      if (io.json) io.printJson(made)
      else print(io, made, folder)
    })
}

async function simulate(io: Io, flags: Flags, folder: string, now: number): Promise<SimulatedData> {
  const what =
    flags.edge === 0 ? 'without any edge: nothing can be expected to earn in it' : `edge ${flags.edge}`
  io.log(`Simulating a SYNTHETIC market, seed ${flags.seed}, ${what}.`)
  const made = await simulateIntoStore(
    {
      days: flags.days,
      startTime: readDay(flags.from),
      timeframeMs: parseDuration(flags.timeframe, '--timeframe'),
      instruments: readInstruments(flags.instruments),
      seed: flags.seed,
      edge: flags.edge,
      driftPerYear: flags.drift,
      gaps: flags.gaps === true,
    },
    { folder: resolve(folder), now, replace: flags.yes === true, progress: drawProgress(io) },
  )
  if (io.showsProgress) process.stderr.write('\r\u001b[K')
  return made
}

function readDay(text: string): number {
  const { startMs } = parseTimeRange(`${text}..`)
  return startMs
}

function readInstruments(text: string): number | string[] {
  return /^\d+$/.test(text) ? Number(text) : text.split(',').map((id) => id.trim())
}

function drawProgress(io: Io): (progress: SimulationProgress) => void {
  return ({ step, what, done, total }) => {
    if (io.showsProgress)
      process.stderr.write(`\r\u001b[K${step} ${what}${step === 'importing' ? ` (${done} of ${total})` : ''}`) // prettier-ignore
    else io.detail(`${step} ${what}`)
  }
}

function print(io: Io, made: SimulatedData, folder: string): void {
  const columns = ['Series', 'Rows#', 'From', 'To', 'Missing#', 'Hash']
  const rows = made.series.map(({ id, rows: count, firstEventTime, lastEventTime, missing, sha256 }) => [
    id,
    formatValue(count, 'count'),
    formatUtc(firstEventTime),
    formatUtc(lastEventTime),
    missing === undefined ? '' : formatValue(missing, 'count'),
    sha256.slice(0, 12),
  ])
  io.printTable(table(`SYNTHETIC series in ${folder}`, columns, rows))
  io.print(made.isUnchanged ? 'Nothing to do: the very same market was there already.' : made.recipe)
  io.print(`Instruments with invented terms: ${made.instrumentsFile}`)
  io.print(io.yellow('SYNTHETIC DATA: invented prices and facts. They say nothing about any real market.'))
  const [first] = made.instruments
  const where = folder === 'data' ? '' : ` --data ${shellQuote(folder)}`
  const timeframe = made.timeframeMs === HOUR_MS ? '' : ` --timeframe ${durationName(made.timeframeMs)}`
  io.print(`\nNext:\n  ${programName()}${where} backtest smart-money -i ${first?.id ?? ''}${timeframe}`)
}
