import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError, DataError } from '../core/errors.js'
import { durationName, formatUtc, parseDuration } from '../core/time.js'
import { table } from '../report/table.js'
import { defaultKeyFolder } from '../runner/promotion/keys.js'
import { KEY_VARIABLE } from '../sources/download/smart-money-download.js'
import { venueInstrument } from '../sources/download/exchange-download.js'
import { BINANCE } from '../sources/exchange/public-requests.js'
import type { Limits } from '../sources/smart-money/budget.js'
import { compactDay } from '../sources/recorder/compact.js'
import { CANDLE_INTERVALS } from '../sources/recorder/derive.js'
import type { PollPlan } from '../sources/recorder/plan-polls.js'
import { record } from '../sources/recorder/recorder.js'
import { isThere, placesOf, readPlans, unpackedDays } from '../sources/recorder/recording.js'
import { apiSeries, baseOf, exchangeSeries, type PolledSeries } from '../sources/recorder/series.js'
import { recordingStatus, type RecordingStatus } from '../sources/recorder/status.js'
import { withStoreLock } from '../store/lock.js'
import { openStore } from '../store/store.js'
import { keyOf } from './download-command.js'
import { type Io, ioOf } from './io.js'
import { loopbackWorld, REAL_WORLD, type SourceWorld } from './loopback-source.js'

interface Flags {
  readonly data: string
  readonly recording: string
  readonly assets: string
  readonly smartMoney: boolean
  readonly timeframe: string
  readonly bookEvery: string
  readonly loopback?: string
}

const VENUES = ['binance']

/** Nobody waits longer than this for a program that was told to end. */
const END_WITHIN_MS = 9_000

/** Adds `data record`, `data record status` and `data record import`. */
export function addRecordCommand(data: Command): void {
  const command = data
    .command('record')
    .description(
      'record the Smart Money API, and instruments of an exchange, for months: every answer as it came, then day by day into the data folder',
    )
    .argument('[instruments...]', 'of an exchange, such as binance:BTCUSDT-PERP or binance:BTCUSDT')
    .option('--recording <dir>', 'folder of the recording', 'recording')
    .option('--assets <list>', 'whose confirmations are asked for, most valuable first', 'BTC,ETH,SOL')
    .option('--no-smart-money', 'records the exchange alone')
    .option('--timeframe <duration>', `of the candles: ${CANDLE_INTERVALS.join(', ')}`, '1m')
    .option('--book-every <duration>', 'how often best bid and offer are sampled', '1m')
    .option('--loopback <url>', 'ask a world of `baleen simulate serve` in place of the network')
    .addHelpText(
      'after',
      `
The key of the Smart Money API is read from the environment variable ${KEY_VARIABLE}; without one only its open endpoints are asked. At the start it says how often each
series is asked for, and which ones the plan does not cover. Ctrl-C or SIGTERM ends it; started again, also after kill -9, it goes on where it was.

Facts are known from when the answer that told them had come, and never before: that is what a backtest will believe. docs/recording.md says what lies where.

Examples:
  baleen data record binance:BTCUSDT-PERP binance:ETHUSDT-PERP
  baleen data record --assets BTC --recording /var/lib/baleen/recording
  baleen data record status --recording /var/lib/baleen/recording
  baleen data record import`,
    )
    .action(async (instruments: string[], _flags: unknown, running: Command) => {
      await startRecording(ioOf(running), instruments, running.optsWithGlobals<Flags>())
    })
  command
    .command('status')
    .description(
      'last answers, coverage, gaps, quarantine, budget and disk of a recording, which may be running',
    )
    .addHelpText(
      'after',
      '\nExample:\n  baleen data record status --recording /var/lib/baleen/recording --json',
    )
    .action(async (_flags: unknown, running: Command) => {
      const { recording, loopback } = running.optsWithGlobals<Flags>()
      const world = loopback === undefined ? REAL_WORLD : await loopbackWorld(loopback)
      const status = await recordingStatus(resolve(recording), world.now())
      const io = ioOf(running)
      if (io.json) io.printJson(status)
      else printStatus(io, status)
    })
  command
    .command('import')
    .description('put what was recorded so far into the data folder now, the day under way included; while nothing records')
    .addHelpText('after', '\nExample:\n  baleen data record import --recording /var/lib/baleen/recording')
    .action(async (_flags: unknown, running: Command) => {
      await importNow(ioOf(running), running.optsWithGlobals<Flags>())
    }) // prettier-ignore
}

async function worldOf({ loopback }: Flags): Promise<SourceWorld> {
  return loopback === undefined ? REAL_WORLD : loopbackWorld(loopback)
}

function instrumentsOf(ids: readonly string[], { loopback }: Flags): ReturnType<typeof venueInstrument>[] {
  const instruments = ids.map(venueInstrument)
  const stranger = instruments.find(({ venue }) => loopback === undefined && !VENUES.includes(venue))
  if (stranger !== undefined) throw new ConfigError(`only ${VENUES.join(', ')} can be recorded`, { field: 'instrument', value: stranger.id }) // prettier-ignore
  for (const instrument of instruments) baseOf(instrument)
  return instruments
}

async function startRecording(io: Io, ids: readonly string[], flags: Flags): Promise<void> {
  const instruments = instrumentsOf(ids, flags)
  const key = flags.smartMoney ? keyOf(process.env) : undefined
  const candlesMs = parseDuration(flags.timeframe, '--timeframe')
  if (!CANDLE_INTERVALS.includes(flags.timeframe)) throw new ConfigError(`the exchange has ${CANDLE_INTERVALS.join(', ')}`, { field: '--timeframe', value: flags.timeframe }) // prettier-ignore
  const polls = { candlesMs, bookEveryMs: parseDuration(flags.bookEvery, '--book-every') }
  const assets = flags.assets.split(',').map((word) => word.trim()).filter((word) => word !== '') // prettier-ignore
  const series: PolledSeries[] = [
    ...instruments.flatMap((one) => exchangeSeries(one, polls)),
    ...(flags.smartMoney ? apiSeries(assets, key !== undefined) : []),
  ]
  if (series.length === 0)
    throw new ConfigError('there is nothing to record: name an instrument, or leave --no-smart-money out', { field: 'instruments' }) // prettier-ignore
  const world = await worldOf(flags)
  const store = openStore(resolve(flags.data))
  const folder = resolve(flags.recording)
  const ending = new AbortController()
  let exitCode = 0
  for (const [signal, code] of [
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)
    // prettier-ignore
    process.removeAllListeners(signal).on(signal, () => {
      exitCode = code
      ending.abort()
      // What dies on its way is recovered at the next start.
      setTimeout(() => process.exit(code), END_WITHIN_MS).unref()
    })
  await record({
    folder,
    store,
    clock: { now: world.now, pause: (durationMs, stop) => world.pause(durationMs, stop) },
    series,
    instruments,
    smartMoneyApi: world.smartMoneyApi,
    ...(key !== undefined && { key }),
    settingsFolder: defaultKeyFolder(process.env, homedir()),
    addresses: world.exchange ?? BINANCE,
    flags: world.flags,
    ...(world.source !== undefined && { source: world.source }),
    stop: ending.signal,
    told: {
      began: (plan, limits, said) => printPlan(io, folder, plan, limits, said),
      phase: (name, what) => io.detail(`${name} ${what}`),
      note: (text) => io.log(`${formatUtc(world.now())} ${text}`),
    },
  })
  io.log(`Stopped at ${formatUtc(world.now())} UTC: everything that was answered is kept.`)
  process.exit(exitCode)
}

let isPlanPrinted = false

/** The first plan is the command's result; later ones, when limits change, are said on stderr. */
function printPlan(io: Io, folder: string, plan: PollPlan, limits: Limits, said: string): void {
  const { covered, uncovered, requestsPerDay } = plan
  if (io.json && !isPlanPrinted) {
    io.printJson({
      folder,
      pid: process.pid,
      limits,
      limitsSaid: said,
      requestsPerDay,
      covered: covered.map(({ series: { id, what }, everyMs }) => ({ id, what, everyMs })),
      uncovered: uncovered.map(({ series: { id, what }, reason }) => ({ id, what, reason })),
    })
  } else if (!io.json && !isPlanPrinted) {
    const rows = covered.map(({ series, everyMs }) => [series.what, durationName(everyMs), series.from === 'api' ? String((series.questions.length * 86_400_000) / everyMs) : '', series.id]) // prettier-ignore
    io.printTable(table(`Recording into ${folder}`, ['series', 'every', 'API requests a day#', 'as'], rows))
    if (rows.some(([, , requests]) => requests !== '')) io.print(`The API allows ${limits.perDay} requests a day and ${limits.perMinute} a minute (${said}); ${requestsPerDay} are planned, the rest is for further pages and for asking again.`) // prettier-ignore
    for (const { series, reason } of uncovered) io.print(io.yellow(`NOT COVERED: ${series.what}: ${reason}${series.needsKey && reason === 'needs a key' ? ` (${KEY_VARIABLE})` : ''}`)) // prettier-ignore
  } else {
    const every = covered.map(({ series: { id }, everyMs }) => `${id} ${durationName(everyMs)}`)
    io.log(`New limits, ${limits.perDay} requests a day: ${every.join(', ')}; not covered: ${uncovered.map(({ series: { id } }) => id).join(', ') || 'none'}`) // prettier-ignore
  }
  isPlanPrinted = true
}

async function importNow(io: Io, flags: Flags): Promise<void> {
  const folder = resolve(flags.recording)
  if (!(await isThere(placesOf(folder).plans)))
    throw new DataError('nothing was recorded there yet: baleen data record begins', { file: folder })
  const { now } = await worldOf(flags)
  const store = openStore(resolve(flags.data))
  const today = new Date(now()).toISOString().slice(0, 10)
  const summaries = await withStoreLock(
    folder,
    async () => {
      const plans = await readPlans(folder)
      const done = []
      for (const day of await unpackedDays(folder))
        done.push(await compactDay(day, { folder, store, plans, now: now(), isUnderWay: day >= today })) // prettier-ignore
      return done
    },
    0,
    'recording into this folder',
  )
  const days = summaries.flatMap((summary) => summary ?? [])
  if (io.json)
    io.printJson({ folder, days: days.map(({ day, tables, quarantine, refused }) => ({ day, tables, quarantine, refused })) }) // prettier-ignore
  else if (days.length === 0) io.print('everything that was recorded is in the data folder')
  else
    for (const { day, tables, quarantine, refused } of days) {
      io.printTable(table(day, ['table', 'rows#'], Object.entries(tables).map(([name, rows]) => [name, String(rows)]))) // prettier-ignore
      for (const [reason, rows] of Object.entries(quarantine)) io.print(`${rows} in quarantine: ${reason}`)
      for (const [name, why] of Object.entries(refused)) io.print(`${name} was refused: ${why}`)
    }
}

function printStatus(io: Io, status: RecordingStatus): void {
  const { series, gaps, openGaps, quarantine, budget, disk, days, running, refused, lastStart } = status
  const ageOf = (ms: number | null): string => (ms === null ? 'never' : ms < 60_000 ? `${Math.floor(ms / 1_000)}s` : ms < 3_600_000 ? `${Math.floor(ms / 60_000)}m` : `${(ms / 3_600_000).toFixed(1)}h`) // prettier-ignore
  const rows = series.map(({ id, everyMs, ageMs, answeredToday, coverage, gaps: count, trouble }) => [
    id,
    everyMs === null ? 'no more' : durationName(everyMs),
    ageOf(ageMs),
    String(answeredToday),
    coverage === null ? '' : `${(100 * coverage).toFixed(2)} %`,
    String(count),
    trouble ?? '',
  ])
  io.printTable(table(`Recording in ${status.folder}`, ['series', 'every', 'last answer', 'today#', 'coverage#', 'gaps#', 'trouble'], rows)) // prettier-ignore
  io.print(running ?? io.yellow(`NOTHING RECORDS THERE NOW; last started ${lastStart === null ? 'never' : `${formatUtc(lastStart)} UTC`}`)) // prettier-ignore
  for (const gap of openGaps) io.print(io.yellow(`OPEN GAP ${gap.series}: since ${formatUtc(gap.fromMs)}: ${gap.reason}`)) // prettier-ignore
  for (const gap of gaps.slice(-10)) io.print(`gap ${gap.series}: ${formatUtc(gap.fromMs)} to ${formatUtc(gap.toMs)}: ${gap.reason}`) // prettier-ignore
  for (const [reason, count] of Object.entries(quarantine.byReason))
    io.print(`${count} in quarantine: ${reason}`)
  for (const [what, why] of Object.entries(refused))
    io.print(io.yellow(`refused by the import: ${what}: ${why}`))
  const wait = budget.notBefore === null ? '' : `, nothing before ${formatUtc(budget.notBefore)}`
  io.print(`Budget of the API: ${budget.usedToday} of ${budget.perDay} requests used today${wait}`)
  const mb = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`
  io.print(`Disk: ${mb(disk.bytes)}, ${mb(disk.freeBytes)} free${disk.daysLeft === null ? '' : `: about ${disk.daysLeft} days`}`) // prettier-ignore
  io.print(`Days: ${days.first ?? 'none'} to ${days.last ?? 'none'}, ${days.imported} in the data folder, ${days.waiting} to come`) // prettier-ignore
}
