import { homedir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  durationName,
  formatUtc,
  parseDuration,
  parseTimeRange,
} from '../core/time.js'
import { table } from '../report/table.js'
import { defaultKeyFolder } from '../runner/promotion/keys.js'
import { type ArchiveReport, ARCHIVE_TABLES, archiveAnswers, downloadArchive, KEY_VARIABLE, keptAnswers } from '../sources/download/smart-money-download.js' // prettier-ignore
import { type DownloadReport, downloadFromExchange, DOWNLOADS_FOLDER, EXCHANGE_SERIES, type ExchangeSeries, type VenueInstrument, venueInstrument } from '../sources/download/exchange-download.js' // prettier-ignore
import { type Binance, openBinance } from '../sources/exchange/binance.js'
import { answerLog } from '../sources/smart-money/answer-log.js'
import { openBudget } from '../sources/smart-money/shared-budget.js'
import { SmartMoneyClient } from '../sources/smart-money/client.js'
import { readLimits } from '../sources/smart-money/limits.js'
import { Secret } from '../sources/smart-money/secret.js'
import { withStoreLock } from '../store/lock.js'
import { openStore, type Store } from '../store/store.js'
import { type Io, ioOf } from './io.js'
import { loopbackWorld, REAL_WORLD, type SourceWorld } from './loopback-source.js'

interface Flags {
  readonly data: string
  readonly what?: string
  readonly timeframe: string
  readonly timerange?: string
  readonly smartMoney?: string
  readonly knownLag?: string
  readonly loopback?: string
}

/** Venues whose public protocol is read here. */
const VENUES = ['binance']

/** Adds `data download`. */
export function addDownloadCommand(data: Command): void {
  data
    .command('download')
    .description(
      'download candles, funding and open interest of an exchange, and the archive of the Smart Money API, into the data folder',
    )
    .argument('[instruments...]', 'such as binance:BTCUSDT-PERP (a perpetual) or binance:BTCUSDT (spot)')
    .option('--what <list>', `of each instrument: ${EXCHANGE_SERIES.join(', ')} (default: all that it has)`)
    .option('--timeframe <duration>', 'of the candles', '1h')
    .option('--timerange <range>', 'UTC days, such as 2024-01-01..2024-06-30 (default: the last 30 days)')
    .option(
      '--smart-money <tables>',
      `tables of the API's archive: ${Object.keys(ARCHIVE_TABLES).join(', ')}`,
    )
    .option('--known-lag <duration>', 'archive: how long after its event a row is taken to have been known')
    .option('--loopback <url>', 'ask a world of `baleen simulate serve` in place of the network')
    .addHelpText(
      'after',
      `
What was answered is kept at once and never asked for again: after an interruption, type the same command. What the venue does not have after being asked
twice is a gap, and is listed as one. Known-at: candles at their close and funding at its settlement; open interest and the archive are ASSUMED to have been known
some time after their event, which is good enough for research only (docs/data.md); \`baleen data record\` records when things were really known.

A key of the Smart Money API is read from the environment variable ${KEY_VARIABLE}; the archive answers without one.

Examples:
  baleen data download binance:BTCUSDT-PERP --timerange 2024-01-01..2024-06-30
  baleen data download binance:BTCUSDT binance:ETHUSDT --what candles --timeframe 1m --timerange 2024-06-01..
  baleen data download --smart-money whale_positions,onchain,confirmations --timerange 2026-03-18..

Exit codes: 2 an unknown symbol, a key that is missing or a plan that does not cover it, 5 no network or no answer.`,
    )
    .action(async (instruments: string[], _flags: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      await download(ioOf(command), instruments, flags)
    })
}

async function download(io: Io, ids: readonly string[], flags: Flags): Promise<void> {
  const tables = wordsOf(flags.smartMoney)
  if (ids.length === 0 && tables.length === 0)
    throw new ConfigError('say what to download: an instrument such as binance:BTCUSDT-PERP, or --smart-money TABLE', { field: 'instruments' }) // prettier-ignore
  const what = seriesOf(flags.what)
  const timeframeMs = parseDuration(flags.timeframe, '--timeframe')
  const unknown = tables.find((name) => !Object.hasOwn(ARCHIVE_TABLES, name))
  if (unknown !== undefined) throw new ConfigError(`series are made of ${Object.keys(ARCHIVE_TABLES).join(', ')}`, { field: '--smart-money', value: unknown }) // prettier-ignore
  const instruments = ids.map(venueInstrument)
  const stranger = instruments.find(({ venue }) => flags.loopback === undefined && !VENUES.includes(venue))
  if (stranger !== undefined) throw new ConfigError(`only ${VENUES.join(', ')} can be asked; files of other venues are imported by \`baleen data import\``, { field: 'instrument', value: stranger.id }) // prettier-ignore
  const world = flags.loopback === undefined ? REAL_WORLD : await loopbackWorld(flags.loopback)
  const { startMs, endMs } = rangeOf(flags.timerange, world.now())
  const store = openStore(resolve(flags.data))
  const work = { io, world, store, startMs, endMs }
  const reports = await withStoreLock(
    join(store.directory, DOWNLOADS_FOLDER),
    async () => ({
      exchange: await fromExchange(work, instruments, what, timeframeMs),
      smartMoney: await fromArchive(work, tables, flags.knownLag),
    }),
    0,
    'downloading into this data folder',
  )
  if (io.json) io.printJson({ folder: store.directory, from: startMs, to: endMs, ...reports })
  else print(io, reports.exchange, reports.smartMoney)
}

interface Work {
  readonly io: Io
  readonly world: SourceWorld
  readonly store: Store
  readonly startMs: number
  readonly endMs: number
}

async function fromExchange(
  { io, world, store, startMs, endMs }: Work,
  instruments: readonly VenueInstrument[],
  what: readonly ExchangeSeries[] | undefined,
  timeframeMs: number,
): Promise<DownloadReport[]> {
  const venues = new Map<boolean, Binance>()
  const reports: DownloadReport[] = []
  for (const instrument of instruments) {
    const { isPerpetual } = instrument
    let venue = venues.get(isPerpetual)
    if (venue === undefined) {
      const { exchange: addresses, now, pause } = world
      venue = await openBinance({ isPerpetual, now, pause, ...(addresses !== undefined && { addresses }) })
      venues.set(isPerpetual, venue)
    }
    const has = EXCHANGE_SERIES.filter((one) => one === 'candles' || isPerpetual)
    for (const one of what ?? has) {
      const { now, pause, flags, source } = world
      const progress = progressOf(io)
      reports.push(
        await downloadFromExchange(venue, instrument, one, { store, fromMs: startMs, toMs: endMs, timeframeMs, now, pause, flags, ...(source !== undefined && { source }), progress }), // prettier-ignore
      )
    }
  }
  clear(io)
  return reports
}

async function fromArchive(
  { io, world, store, startMs, endMs }: Work,
  tables: readonly string[],
  lag: string | undefined,
): Promise<ArchiveReport[]> {
  if (tables.length === 0) return []
  const { now, pause, flags, source, smartMoneyApi } = world
  const folder = archiveAnswers(store)
  const kept = await keptAnswers(folder)
  const key = keyOf(process.env)
  const ownFile = join(store.directory, DOWNLOADS_FOLDER, 'budget.json')
  const budget = await openBudget({ baseUrl: smartMoneyApi, key, settingsFolder: defaultKeyFolder(process.env, homedir()), ownFile }) // prettier-ignore
  const client = new SmartMoneyClient({ baseUrl: smartMoneyApi, budget, now, log: answerLog(folder), ...(key !== undefined && { key }) }) // prettier-ignore
  await readLimits(client, budget, now)
  const reports: ArchiveReport[] = []
  for (const name of tables) {
    const draw = progressOf(io)
    const report = await downloadArchive(name, kept, {
      store,
      client,
      fromMs: startMs,
      toMs: endMs,
      now,
      pause,
      flags,
      ...(source !== undefined && { source }),
      ...(lag !== undefined && { lagMs: parseDuration(lag, '--known-lag') }),
      progress: (one, done, total, words) => draw(`history/${one} (${words})`, done, total),
    })
    reports.push(report)
  }
  clear(io)
  return reports
}

/** The key in the environment, of which nothing is ever shown. */
export function keyOf(environment: NodeJS.ProcessEnv): Secret | undefined {
  const text = environment[KEY_VARIABLE]
  return text === undefined || text === '' ? undefined : new Secret(text)
}

function wordsOf(text: string | undefined): string[] {
  return (text ?? '').split(',').map((word) => word.trim()).filter((word) => word !== '') // prettier-ignore
}

function seriesOf(text: string | undefined): ExchangeSeries[] | undefined {
  if (text === undefined) return undefined
  return wordsOf(text).map((word) => {
    const found = EXCHANGE_SERIES.find((one) => one === word)
    if (found === undefined) throw new ConfigError(`must be of ${EXCHANGE_SERIES.join(', ')}`, { field: '--what', value: word }) // prettier-ignore
    return found
  })
}

/** Whole minutes, so that the same command a moment later means the same pages. */
function rangeOf(
  text: string | undefined,
  nowMs: number,
): { readonly startMs: number; readonly endMs: number } {
  const now = Math.floor(nowMs / MINUTE_MS) * MINUTE_MS
  const { startMs, endMs } = text === undefined ? { startMs: -Infinity, endMs: Infinity } : parseTimeRange(text) // prettier-ignore
  const from = Number.isFinite(startMs) ? startMs : Math.floor((now - 30 * DAY_MS) / HOUR_MS) * HOUR_MS
  const to = Math.min(endMs, now)
  if (to > from) return { startMs: from, endMs: to }
  throw new ConfigError('nothing of the time range is past', { field: '--timerange', value: text })
}

function progressOf(io: Io): (what: string, done: number, total: number) => void {
  let lastMs = -Infinity
  return (what, done, total) => {
    if (!io.showsProgress || performance.now() - lastMs < 100) return
    lastMs = performance.now()
    process.stderr.write(`\r\u001b[K${what}: ${Math.floor((100 * done) / Math.max(1, total))} %`)
  }
}

function clear(io: Io): void {
  if (io.showsProgress) process.stderr.write('\r\u001b[K')
}

function print(io: Io, exchange: readonly DownloadReport[], archive: readonly ArchiveReport[]): void {
  if (exchange.length > 0) {
    const rows = exchange.map(({ series, import: report, gaps, pages }) => {
      const [one] = report?.series ?? []
      return [
        series,
        String(one?.rowsAdded ?? 0),
        String(one?.rows ?? 0),
        String(one?.quarantined ?? 0),
        one === undefined ? '' : `${formatUtc(one.firstEventTime)} to ${formatUtc(one.lastEventTime)}`,
        gaps.length === 0 ? 'none' : String(gaps.length),
        `${pages.asked}${pages.remembered === 0 ? '' : ` (${pages.remembered} kept from before)`}`,
      ]
    })
    io.printTable(table('Downloaded', ['series', 'added#', 'in all#', 'quarantined#', 'range', 'gaps', 'pages'], rows)) // prettier-ignore
    for (const { series, gaps, unreadable, asked } of exchange) {
      if (asked.length === 0) io.print(`${series}: all of it was downloaded before`)
      for (const [from, to] of gaps.slice(0, 5)) io.print(`${series}: gap from ${formatUtc(from)} to ${formatUtc(to)}: the venue has nothing there`) // prettier-ignore
      if (gaps.length > 5) io.print(`${series}: ${gaps.length - 5} more gaps`)
      for (const { reason, count } of unreadable)
        io.print(`${series}: ${count} rows cannot be read: ${reason}`)
    }
  }
  for (const { table: name, imports, answers, assumedLagMs, quarantined, asked } of archive) {
    const rows = imports.flatMap(({ series }) => series.map((one) => [one.id, String(one.rowsAdded), String(one.rows), String(one.quarantined), `${formatUtc(one.firstEventTime)} to ${formatUtc(one.lastEventTime)}`])) // prettier-ignore
    io.printTable(table(`history/${name}`, ['series', 'added#', 'in all#', 'quarantined#', 'range'], rows))
    if (asked.length === 0) io.print('all of it was downloaded before')
    else io.print(`${answers.asked} answers${answers.remembered === 0 ? '' : `, ${answers.remembered} kept from before`}; known-at ASSUMED: ${durationName(assumedLagMs)} after the event, or when the row says it was available`) // prettier-ignore
    for (const { reason, count } of quarantined) io.print(`${count} rows in quarantine: ${reason}`)
  }
}
