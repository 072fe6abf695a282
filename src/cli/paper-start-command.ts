import { homedir } from 'node:os'
import { resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import { durationName, formatUtc, parseDuration, parseTimeRange } from '../core/time.js'
import type { QuoteFillSettings } from '../execution/quote-fills.js'
import { DEFAULT_HOLD_LIMITS, type HoldLimits } from '../runner/hold.js'
import { known } from '../runner/health-file.js'
import { fillWords, parseFillModel } from '../runner/fill-model.js'
import { defaultKeyFolder } from '../runner/promotion/keys.js'
import {
  promotedRun,
  requireSessionPromoted,
  type PromotionFolders,
} from '../runner/promotion/promoted-session.js'
import { DEFAULT_PROMOTIONS_FOLDER } from '../runner/promotion/promotion-store.js'
import { KEY_VARIABLE, liveAddresses, openLiveFeed } from '../runner/open-live-feed.js'
import { isLoopbackAddress } from '../runner/virtual-clock.js'
import { loopbackClock, realClock } from '../runner/live-clock.js'
import { warmUpFeed } from '../runner/session-data.js'
import { dailyReplays } from '../runner/replay/daily-replay.js'
import { replayElsewhere } from '../runner/replay/replay-elsewhere.js'
import { runPaper, type PaperClose, type PaperListener, type PaperReady } from '../runner/run-paper.js'
import { createSession, DEFAULT_SESSIONS_FOLDER, findSession, readSession } from '../runner/session-folder.js'
import type { SessionFile, StoredSession } from '../runner/session-file.js'
import type { SessionFeed, FeedTrouble } from '../runner/session-feed.js'
import {
  isSyntheticSession,
  onLiveData,
  onStoredData,
  type SessionRequest,
  type TradingRequest,
} from '../runner/session-request.js'
import { loadSession, type LoadedSession } from '../runner/session-settings.js'
import { storedSessionFeed } from '../runner/stored-session-feed.js'
import { findRun } from '../jobs/run-store.js'
import { formatValue } from '../metrics/format.js'
import { plain } from '../jobs/json.js'
import { number, wholeNumber } from './arguments.js'
import { addTradingOptions, backtestRequest, type BacktestFlags } from './backtest-options.js'
import { ioOf, printable, type Io } from './io.js'
import { SESSION_ARGUMENT } from './paper-stop-commands.js'
import { DEFAULT_RUNS_FOLDER } from './runs-commands.js'

interface Folders {
  readonly sessions: string
  readonly runs: string
  readonly promotions: string
  readonly key?: string
}

interface Flags extends BacktestFlags, Folders {
  readonly resume?: string
  readonly run?: string
  readonly unpromoted?: boolean
  readonly feed: 'stored' | 'live'
  readonly from?: string
  readonly to?: string
  readonly speed?: number
  readonly exchangeUrl?: string
  readonly streamUrl?: string
  readonly smartMoneyUrl?: string
  readonly warmUp: number
  readonly warmUpFromData?: boolean
  readonly fillModel?: string
  readonly sendLatencyMs?: number
  readonly answerLatencyMs?: number
  readonly quoteLife?: string
  readonly touchWait?: string
  readonly maxCandleAge?: string
  readonly maxClockOffset?: string
}

/** Options by which a session that was started is what it is: none of them can be given again. */
const OF_RESUMING: readonly string[] = ['sessions', 'runs', 'promotions', 'key', 'resume']

/** `paper start` and `paper resume`. */
export function addPaperStartCommands(paper: Command): void {
  const start = addTradingOptions(paper.command('start').argument('[strategy]', 'name or file of a strategy; with --run it is the run\'s'))
    .description('start a session on paper, and run it until it is stopped')
    .option('--run <run>', 'trade what a promoted run was: its strategy, params, limits, costs and instruments, to the last byte')
    .option('--unpromoted', 'trade something that was not promoted: the session is marked so, and its evidence never counts')
    .option('--resume <session>', 'go on with a session that was started, as paper resume does')
    .option('--feed <source>', 'live: the exchange and the Smart Money API from now on; stored: candles and facts of the data folder', readFeed, 'live')
    .option('--exchange-url <url>', "of live data: another address than the venue's own, such as a loopback world's")
    .option('--stream-url <url>', 'of its streams (default: as the exchange, with ws)')
    .option('--smart-money-url <url>', "of the API (default: its own, or the loopback world's)")
    .option('--warm-up <bars>', 'bars that warm features up before a live session trades (default: 500, or four times what the strategy names)', wholeNumber, 0)
    .option('--from <time>', 'UTC day or instant from which it trades; bars before warm features up (default: the first bar)')
    .option('--to <time>', 'UTC day, included, or instant, of stored data (default: all)')
    .option('--speed <times>', 'of stored data, times real time (default: as fast as they are read)', number)
    .option('--warm-up-from-data', 'warm a live session up with what the data folder holds, facts as they became known; REST goes on from its end')
    .option('--fill-model <name>', 'who fills the orders: quotes, best bid and ask with latency; bars, the venue of backtests (default: quotes live, bars on stored data)')
    .option('--send-latency-ms <ms>', 'of quotes: how long an order is on its way to the venue (default: 100)', number)
    .option('--answer-latency-ms <ms>', 'of quotes: how long what happens there is on its way back (default: 100)', number)
    .option('--quote-life <duration>', 'of quotes: how old one may be that is traded on; older ones also hold entries (default: 10s)')
    .option('--touch-wait <duration>', 'of quotes: how long the other side has to stand at the price of a resting order until it fills (default: until it is traded through)')
    .option('--max-candle-age <duration>', 'hold entries where a close is decided on later than this (default: 60s)')
    .option('--max-clock-offset <duration>', "hold entries where this machine's clock is further from the exchange's (default: 1s)")
  addFolders(start)
    .addHelpText(
      'after',
      `
A session decides at every close with what was known then, and writes down all that it hears, decides and sends before it acts on it. It ends on Ctrl-C or SIGTERM, or where the data
do; whatever ended it, resume goes on where its journal ends. docs/paper-trading.md says the rest.

The key of the Smart Money API is read from ${KEY_VARIABLE} in the environment and from nowhere else.

Examples:
  baleen paper start sma-cross -i binance:BTCUSDT --unpromoted --feed stored --from 2024-03-01
  baleen paper start --run sma-cross-1f0c9a7be24d
  baleen paper start smart-money -i synthetic:BTCUSDT-PERP --unpromoted --exchange-url http://127.0.0.1:8080
  baleen paper start --resume latest`,
    )
    .action(async (strategy: string | undefined, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      if (flags.resume !== undefined) {
        refuseOtherOptions(command, strategy)
        return resume(ioOf(command), flags.resume, flags)
      }
      const stored = await createSession(flags.sessions, await sessionFile(strategy, flags, command))
      await run(ioOf(command), stored, flags)
    })
  addFolders(paper.command('resume').argument('<session>', SESSION_ARGUMENT))
    .description('go on with a session where its journal ends')
    .addHelpText('after', '\nThe session is what it was started as; nothing of it can be changed.\n\nExample:\n  baleen paper resume latest')
    .action(async (name: string, _options: unknown, command: Command) => {
      await resume(ioOf(command), name, command.optsWithGlobals<Folders>())
    })
} // prettier-ignore

function addFolders(command: Command): Command {
  return command
    .option('--sessions <dir>', 'folder of the sessions', DEFAULT_SESSIONS_FOLDER)
    .option('--runs <dir>', 'folder of the stored runs', DEFAULT_RUNS_FOLDER)
    .option('--promotions <dir>', 'folder of the records of promotions', DEFAULT_PROMOTIONS_FOLDER)
    .option('--key <dir>', 'folder of the key that signs them (default: baleen in your settings, ~/.config)')
}

function readFeed(text: string): Flags['feed'] {
  if (text === 'stored' || text === 'live') return text
  throw new ConfigError('must be stored or live', { field: '--feed', value: text })
}

function refuseOtherOptions(command: Command, strategy: string | undefined): void {
  const given = command.options.find((option) => !OF_RESUMING.includes(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli') // prettier-ignore
  const field = strategy === undefined ? given?.long : 'strategy'
  if (field !== undefined && field !== null)
    throw new ConfigError('a session that is resumed is what it was started as', { field })
}

async function sessionFile(
  strategy: string | undefined,
  flags: Flags,
  command: Command,
): Promise<Omit<SessionFile, 'id'>> {
  const { trading, promotion, dataFolder } = await whatToTrade(strategy, flags, command)
  const request: SessionRequest = {
    trading,
    promotion,
    fillModel: flags.fillModel === undefined ? undefined : parseFillModel(flags.fillModel),
    quotes: quotesOf(flags),
    holdLimits: holdLimitsOf(flags),
    now: Date.now(),
  }
  if (flags.feed === 'live') return liveFile(request, flags)
  refuseFlags(
    flags,
    ['exchangeUrl', 'streamUrl', 'smartMoneyUrl'],
    'says where live data are from: leave it out with --feed stored',
  )
  const { startMs } = flags.from === undefined ? { startMs: -Infinity } : parseTimeRange(`${flags.from}..`)
  const { endMs } = flags.to === undefined ? { endMs: Infinity } : parseTimeRange(`..${flags.to}`)
  const { speed = Infinity } = flags
  return onStoredData(request, { dataFolder, startTime: startMs, endTime: endMs, speed })
}

async function liveFile(request: SessionRequest, flags: Flags): Promise<Omit<SessionFile, 'id'>> {
  refuseFlags(flags, ['from', 'to', 'speed'], 'is of stored data: say --feed stored, or leave it out')
  const {
    exchangeUrl: exchange,
    streamUrl: stream,
    smartMoneyUrl: smartMoney,
    warmUp: warmUpBars,
    warmUpFromData,
  } = flags
  const addresses = liveAddresses({
    ...(exchange !== undefined && { exchange }),
    ...(stream !== undefined && { stream }),
    ...(smartMoney !== undefined && { smartMoney }),
  })
  const isLoopback = exchange !== undefined && isLoopbackAddress(exchange)
  const clock = isLoopback ? await loopbackClock(exchange) : realClock()
  return onLiveData(request, {
    addresses,
    warmUpBars,
    warmUpFolder: warmUpFromData === true ? resolve(flags.data) : null,
    isLoopback,
    now: clock.now(),
    speed: clock.speed,
  })
}

function refuseFlags(flags: Flags, names: readonly (keyof Flags)[], why: string): void {
  const given = names.find((name) => flags[name] !== undefined)
  if (given === undefined) return
  const field = `--${given.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`
  throw new ConfigError(why, { field })
}

async function whatToTrade(
  strategy: string | undefined,
  flags: Flags,
  command: Command,
): Promise<
  Pick<SessionRequest, 'promotion'> & { readonly trading: TradingRequest; readonly dataFolder: string }
> {
  if (flags.run === undefined) {
    if (flags.unpromoted !== true)
      throw new ConfigError('name a promoted run with --run, or say --unpromoted: the session is then marked so, and its evidence never counts', { field: '--run' }) // prettier-ignore
    const { dataFolder, ...trading } = await backtestRequest(strategy, flags, { workingFolder: process.cwd(), command: '' }) // prettier-ignore
    return { trading, promotion: null, dataFolder: resolve(dataFolder) }
  }
  const own = new Set(addTradingOptions(command.createCommand('none')).options.map((option) => option.attributeName())) // prettier-ignore
  const given = command.options.find((option) => own.has(option.attributeName()) && command.getOptionValueSource(option.attributeName()) === 'cli') // prettier-ignore
  const field = strategy !== undefined ? 'strategy' : flags.unpromoted === true ? '--unpromoted' : given?.long
  if (field !== undefined && field !== null)
    throw new ConfigError('a promoted run is traded as it was promoted: leave it out', { field })
  const id = await findRun(flags.runs, flags.run)
  const { trading, promotion } = await promotedRun(id, foldersOf(flags))
  return { trading, promotion, dataFolder: resolve(flags.data) }
}

function holdLimitsOf({ maxCandleAge, maxClockOffset }: Flags): HoldLimits {
  return {
    ...DEFAULT_HOLD_LIMITS,
    ...(maxCandleAge !== undefined && { candleAgeMs: parseDuration(maxCandleAge, '--max-candle-age') }),
    ...(maxClockOffset !== undefined && {
      clockOffsetMs: parseDuration(maxClockOffset, '--max-clock-offset'),
    }),
  }
}

function quotesOf({ sendLatencyMs, answerLatencyMs, quoteLife, touchWait }: Flags): Partial<QuoteFillSettings> {
  return {
    ...(sendLatencyMs !== undefined && { sendLatencyMs }),
    ...(answerLatencyMs !== undefined && { answerLatencyMs }),
    ...(quoteLife !== undefined && { quoteLifeMs: parseDuration(quoteLife, '--quote-life') }),
    ...(touchWait !== undefined && { touchWaitMs: parseDuration(touchWait, '--touch-wait') }),
  }
} // prettier-ignore

function foldersOf({ runs, promotions, key }: Folders): PromotionFolders {
  return {
    runsFolder: runs,
    promotionsFolder: promotions,
    keyFolder: key ?? defaultKeyFolder(process.env, homedir()),
    workingFolder: process.cwd(),
  }
}

async function resume(io: Io, name: string, flags: Folders): Promise<void> {
  const id = await findSession(flags.sessions, name)
  await run(io, await readSession(flags.sessions, id), flags)
}

async function run(io: Io, stored: StoredSession, flags: Folders): Promise<void> {
  const loaded = await loadSession(stored)
  await requireSessionPromoted(stored.settings, loaded.strategy, foldersOf(flags))
  const tell = io.json ? jsonListener(stored) : textListener(io, stored)
  const signals = new StopSignals()
  const { end, desk } = await runPaper({
    stored,
    loaded,
    openFeed: (trouble) => openFeed(stored, loaded, trouble, signals.stop),
    stop: signals.stop,
    listener: { ...tell, onDay: dailyReplays(stored, replayElsewhere(stored, signals.stop), tell) },
  }).finally(() => signals.giveBack())
  const { state, trades } = desk.session
  const { markedEquity: equity } = state
  const { id } = stored.settings
  if (io.json) line({ event: 'ended', id, end, equity, trades: trades.length, lastClose: desk.session.lastDecided })
  else {
    io.print(`${end === 'stopped' ? 'Stopped' : 'The data have ended'} at ${timeOf(desk.session.lastDecided)}: equity ${formatValue(equity, 'money')}, ${trades.length} trades closed.`)
    io.print(`Session ${io.bold(id)}, folder ${stored.paths.folder}`)
  }
  if (signals.exitCode !== undefined) process.exit(signals.exitCode)
} // prettier-ignore

function openFeed(
  stored: StoredSession,
  loaded: LoadedSession,
  trouble: FeedTrouble,
  stop: AbortSignal,
): Promise<SessionFeed> {
  const { settings } = stored
  const { source } = settings
  if (source.kind === 'stored') return storedSessionFeed(loaded, settings, source)
  const { warmUpFolder } = source
  const warmUp = warmUpFolder !== null && {
    stored: () => warmUpFeed(loaded.strategy, settings, warmUpFolder),
  }
  return openLiveFeed(stored, source, { environment: process.env, trouble, stop, ...warmUp })
}

/** SIGINT and SIGTERM as a wish to stop, in place of whatever they did before. */
class StopSignals {
  exitCode: number | undefined
  private readonly controller: AbortController = new AbortController()
  private readonly before = (['SIGINT', 'SIGTERM'] as const).map(
    (name) => [name, process.listeners(name)] as const,
  )

  constructor() {
    for (const [name] of this.before)
      process.removeAllListeners(name).on(name, () => {
        this.exitCode ??= name === 'SIGINT' ? 130 : 143
        this.controller.abort()
      })
  }

  get stop(): AbortSignal {
    return this.controller.signal
  }

  giveBack(): void {
    for (const [name, listeners] of this.before) {
      process.removeAllListeners(name)
      for (const listener of listeners) process.on(name, listener)
    }
  }
}

/** One line of JSON on stdout. */
function line(value: object): void {
  process.stdout.write(`${JSON.stringify(plain(value))}\n`)
}

function jsonListener({ settings, paths }: StoredSession): PaperListener {
  const { id, promotion } = settings
  return {
    onReady: ({ recovered, recoveryMs, lastDecided }) =>
      line({ event: 'ready', id, folder: paths.folder, pid: process.pid, promotion, fillModel: settings.fillModel, quotes: settings.quotes ?? null, synthetic: isSyntheticSession(settings), recovered, recoveryMs: Math.round(recoveryMs), lastClose: lastDecided }), // prettier-ignore
    onClose: ({ time, health, desk }) => {
      const { session, mode, holds } = desk
      const { markedEquity: equity, books, halted } = session.state
      const positions = books.map(({ position }) => position.quantity)
      line({ event: 'close', time, equity, positions, trades: session.trades.length, mode, holds, halted, candleAgeMs: known(health.candleAgeMs) }) // prettier-ignore
    },
    onTrouble: (what, message) => line({ event: 'trouble', what, message }),
  }
}

function textListener(io: Io, { settings, paths }: StoredSession): PaperListener {
  const { id, strategy, instruments, timeframeMs, promotion } = settings
  const ids = instruments.map((one) => one.id)
  return {
    onReady: ({ recovered, recoveryMs, lastDecided }: PaperReady) => {
      io.print(`${io.bold(printable(`PAPER  ${strategy.name} on ${ids.join(', ')}, ${durationName(timeframeMs)}`))}${isSyntheticSession(settings) ? io.yellow('  SYNTHETIC DATA') : ''}${promotion === null ? io.yellow('  UNPROMOTED') : ''}`)
      io.print(`Session ${io.bold(id)}\nFolder ${paths.folder}`)
      io.print(`Orders fill ${fillWords(settings)}`)
      if (recovered > 0)
        io.print(`Recovered ${formatValue(recovered, 'count')} rows in ${Math.round(recoveryMs)} ms; goes on after ${timeOf(lastDecided)}`)
      else io.print(`Trades from ${timeOf(settings.startTime)}`)
      io.log('Ctrl-C stops it; baleen paper resume goes on with it.')
    },
    onClose: (close) => io.log(progressOf(close, ids)),
    onTrouble: (what, message) => io.log(io.yellow(printable(`! ${what}: ${message}`))),
  }
} // prettier-ignore

/** `2024-03-01 05:00  equity 10,012.30  binance:BTCUSDT 0.05  hold stale-candle`. */
function progressOf({ time, desk }: PaperClose, ids: readonly string[]): string {
  const { session, mode, holds } = desk
  const { markedEquity, books, halted } = session.state
  const positions = books.flatMap(({ position: { quantity } }, at) => (quantity === 0 ? [] : [`${ids[at]} ${quantity}`])) // prettier-ignore
  return [
    formatUtc(time),
    `equity ${formatValue(markedEquity, 'money')}`,
    positions.length === 0 ? 'flat' : positions.join(', '),
    ...(mode === 'active' ? [] : [mode.toUpperCase()]),
    ...(halted ? ['daily loss limit'] : []),
    ...(holds.length === 0 ? [] : [`hold ${holds.join(', ')}`]),
  ].join('  ')
}

function timeOf(timeMs: number): string {
  return Number.isFinite(timeMs) ? `${formatUtc(timeMs)} UTC` : 'nothing yet'
}
