import { readFileSync } from 'node:fs'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { DAY_MS, formatUtc, parseDuration, parseTimeRange } from '../core/time.js'
import { checkSpeed, runningClock, type VirtualClock } from '../loopback/clock.js'
import { type FaultPlan, NO_FAULTS, parseFaultPlan } from '../loopback/faults/plan.js'
import { truthLog } from '../loopback/faults/truth-log.js'
import { type Loopback, serveLoopback } from '../loopback/server.js'
import { defaultClockStart, simulatedWorld } from '../loopback/simulated-world.js'
import { LOOPBACK_KEYS } from '../loopback/smart-money/plans.js'
import { storedWorld } from '../loopback/stored-world.js'
import type { World } from '../loopback/world.js'
import { table } from '../report/table.js'
import { openStore, storeManifest } from '../store/store.js'
import { number, wholeNumber } from './arguments.js'
import { DEFAULT_INSTRUMENTS_FILE, instrumentsBeside, readInstruments } from './instruments-file.js'
import { ioOf, type Io } from './io.js'

interface Flags {
  readonly data: string
  readonly days: number
  readonly from: string
  readonly timeframe: string
  readonly instruments?: string
  readonly seed: number
  readonly edge: number
  readonly gaps?: boolean
  readonly speed: number
  readonly at?: string
  readonly faults?: string
  readonly truth?: string
  readonly port: number
}

/** `simulate serve`: an exchange and the Smart Money API on this machine, over an invented market or a data folder. */
export function addServeCommand(simulate: Command): void {
  simulate
    .command('serve')
    .description(
      'serve an exchange (in the public protocol of Binance) and the Smart Money API on 127.0.0.1, over an invented market, or over a data folder with --data DIR; works offline',
    )
    .option('--days <number>', 'whole UTC days of the invented market', wholeNumber, 90)
    .option('--from <day>', 'the first one', '2024-01-01')
    .option('--timeframe <duration>', 'of its finest candles, 1m to 1d', '1m')
    .option(
      '--instruments <which>',
      'how many, or ids with commas between (default: 3, or all of the data folder)',
    ) // prettier-ignore
    .option('--seed <number>', 'another number, another market', wholeNumber, 1)
    .option('--edge <correlation>', 'of what the facts know with the return of the next hour', number, 0)
    .option('--gaps', 'leave out bars and facts, and let some facts be known late')
    .option('--speed <times>', 'virtual time a real one, 1 to 10000', number, 1)
    .option(
      '--at <time>',
      'where the clock begins, a UTC day or instant (default: after a third of the world, 30 days at most)',
    ) // prettier-ignore
    .option('--faults <file>', 'what is to go wrong (docs/loopback.md)')
    .option('--truth <file>', 'write each fault that was injected to this file, as lines of JSON')
    .option('--port <number>', 'of 127.0.0.1 (default: any that is free)', wholeNumber, 0)
    .addHelpText(
      'after',
      `
Examples:
  baleen simulate serve
  baleen simulate serve --days 120 --speed 600 --faults faults.json --truth truth.ndjson
  baleen --data data simulate serve --instruments binance:BTCUSDT-PERP --at 2024-02-01

Nobody but this machine reaches it, and nothing it says is of a real market. Ctrl-C ends it. docs/loopback.md lists the endpoints.`,
    )
    .action(async (_flags: unknown, command: Command) => {
      const io = ioOf(command)
      const flags = command.optsWithGlobals<Flags>()
      const isStored = command.getOptionValueSourceWithGlobals('data') === 'cli'
      if (isStored) refuseMarketOptions(command)
      checkSpeed(flags.speed)
      const port = portOf(flags)
      const faults = flags.faults === undefined ? NO_FAULTS : readFaults(flags.faults)
      const world = isStored ? await stored(flags) : invented(io, flags)
      const startMs = startOf(flags, world)
      const truth = await truthLog(flags.truth === undefined ? undefined : resolve(flags.truth))
      const clock = runningClock({ startMs, endMs: world.endTime, speed: flags.speed })
      const loopback = await serveLoopback({ world, clock, faults, truth, port })
      print(io, loopback, world, clock)
      const exitCode = await untilSignal(io, loopback, world, clock)
      clock.stop()
      await loopback.close()
      process.exit(exitCode)
    })
}

/** A data folder is what it is: options that invent a market would be forgotten silently. */
function refuseMarketOptions(command: Command): void {
  for (const name of ['days', 'from', 'timeframe', 'seed', 'edge', 'gaps'])
    if (command.getOptionValueSource(name) === 'cli')
      throw new ConfigError('invents a market, and --data serves one that is there: leave one of them out', { field: `--${name}` }) // prettier-ignore
}

function invented(io: Io, flags: Flags): World {
  io.log(`Simulating a SYNTHETIC market, seed ${flags.seed}.`)
  const which = flags.instruments ?? '3'
  return simulatedWorld({
    days: flags.days,
    startTime: parseTimeRange(`${flags.from}..`).startMs,
    timeframeMs: parseDuration(flags.timeframe, '--timeframe'),
    instruments: /^\d+$/.test(which) ? Number(which) : idsOf(which),
    seed: flags.seed,
    edge: flags.edge,
    gaps: flags.gaps === true,
  })
}

async function stored({ data, instruments }: Flags): Promise<World> {
  const folder = resolve(data)
  const ids = instruments === undefined ? [] : idsOf(instruments)
  const listed = readInstruments(DEFAULT_INSTRUMENTS_FILE, ids, undefined, folder)
  if (ids.length > 0) return storedWorld(folder, listed)
  const { series } = await storeManifest(openStore(folder))
  const candles = Object.values(series).filter(({ kind }) => kind === 'candles')
  // Those of an invented market are listed beside it, whatever the user's own file lists.
  const beside = instrumentsBeside(folder)
  const all = [...listed, ...(beside === undefined ? [] : readInstruments(beside, []))]
  const isFirst = ({ id }: Instrument, at: number): boolean => all.findIndex((one) => one.id === id) === at
  const there = all.filter(isFirst).filter(({ id }) => candles.some(({ subject }) => subject === id))
  if (there.length > 0) return storedWorld(folder, there)
  const subjects = [...new Set(candles.map(({ subject }) => subject))].join(', ')
  throw new ConfigError(`no instrument that is listed has candles there: there are ${subjects === '' ? 'none' : `those of ${subjects}`}, and ${DEFAULT_INSTRUMENTS_FILE} lists ${all.map(({ id }) => id).join(', ')}`, { file: folder, field: 'instruments' }) // prettier-ignore
}

function idsOf(text: string): string[] {
  return text.split(',').map((id) => id.trim())
}

function readFaults(file: string): FaultPlan {
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    throw new ConfigError(`no JSON: ${error instanceof Error ? error.message : String(error)}`, { file })
  }
  return parseFaultPlan(json, file)
}

function startOf({ at }: Flags, world: World): number {
  const startMs = at === undefined ? defaultClockStart(world) : parseTimeRange(`${at}..`).startMs
  if (startMs >= world.startTime && startMs < world.endTime) return startMs
  throw new ConfigError(`the world runs from ${formatUtc(world.startTime)} to ${formatUtc(world.endTime)}`, {
    field: '--at',
    value: at,
    unit: 'UTC',
  })
}

function portOf({ port }: Flags): number {
  if (port >= 0 && port <= 65_535) return port
  throw new ConfigError('a port is a whole number up to 65535', { field: '--port', value: port })
}

function print(io: Io, { urls, port }: Loopback, world: World, clock: VirtualClock): void {
  const { name, synthetic, startTime, endTime } = world
  const instruments = world.instruments.map(({ instrument }) => instrument.id)
  const keys = [...LOOPBACK_KEYS.keys()]
  if (io.json) {
    io.printJson({ port, urls, world: name, synthetic, instruments, startTime, endTime, now: clock.now(), speed: clock.speed, smartMoneyKeys: keys, pid: process.pid }) // prettier-ignore
    return
  }
  const rows = [
    ['Exchange, spot', urls.spotRest],
    ['Exchange, perpetuals', urls.usdmRest],
    ['  its history of open interest', urls.usdmData],
    ['Streams, spot', urls.spotStreams],
    ['Streams, perpetuals', urls.usdmStreams],
    ['Smart Money API', `${urls.smartMoneyApi}/v1`],
    ['Status and clock', urls.status],
  ]
  io.printTable(table(synthetic ? 'SYNTHETIC loopback world' : 'Loopback world', ['Server', 'Address'], rows))
  io.print(`${name}\nInstruments: ${instruments.join(', ')}`)
  io.print(`Keys of the Smart Money API, which open nothing else: ${keys.join(', ')}`)
  const days = (endTime - clock.now()) / DAY_MS
  io.print(`Clock: ${formatUtc(clock.now())} UTC, ${clock.speed} times real time, ${days.toFixed(1)} days to the end of the world`) // prettier-ignore
  if (synthetic) io.print(io.yellow('SYNTHETIC DATA: invented prices and facts. They say nothing about any real market.')) // prettier-ignore
  io.log('Ctrl-C ends it.')
}

/** Waits for SIGINT or SIGTERM in place of ending at once; answers the code to exit with. */
async function untilSignal(io: Io, loopback: Loopback, world: World, clock: VirtualClock): Promise<number> {
  clock.at(world.endTime, () => io.log(`The world has ended at ${formatUtc(world.endTime)}: its clock stands still.`)) // prettier-ignore
  const drawn = setInterval(() => {
    if (io.showsProgress) process.stderr.write(`\r\u001b[K${formatUtc(clock.now())} UTC, ${loopback.truth.faults.length} faults injected`) // prettier-ignore
  }, 1_000)
  const code = await new Promise<number>((end) => {
    process.removeAllListeners('SIGINT').on('SIGINT', () => end(130))
    process.removeAllListeners('SIGTERM').on('SIGTERM', () => end(143))
  })
  clearInterval(drawn)
  io.log(`${io.showsProgress ? '\r\u001b[K' : ''}Stopped at ${formatUtc(clock.now())} UTC, ${loopback.truth.faults.length} faults injected.`) // prettier-ignore
  return code
}
