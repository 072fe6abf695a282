import { ConfigError } from '../core/errors.js'
import { effectivePolicies } from '../engine/replay.js'
import { codeHashes } from '../jobs/code-hash.js'
import { packageVersion } from '../jobs/package-info.js'
import type { RunRequest } from '../jobs/run.js'
import { loadStrategyFile } from '../jobs/strategy-file.js'
import { compileStrategy, type CompiledDefinition } from '../strategy/compile.js'
import type { QuoteFillSettings } from '../execution/quote-fills.js'
import { QUOTE_OPTIONS, quoteFillSettings, type FillModel } from './fill-model.js'
import type { HoldLimits } from './hold.js'
import { requireLiveQuotes } from './live-quotes.js'
import { loadSessionData } from './session-data.js'
import {
  SESSION_SCHEMA,
  type LiveAddresses,
  type SessionFile,
  type SessionPromotion,
  type SessionSource,
} from './session-file.js'
import { requireDenseQuotes } from './stored-quotes.js'

/** What is to be traded, as a backtest is asked for. */
export type TradingRequest = Pick<RunRequest, 'strategyFile' | 'preset' | 'params' | 'instruments' | 'timeframeMs' | 'startingBalance' | 'costs' | 'policies' | 'funding' | 'factOverrides'> // prettier-ignore

export interface SessionRequest {
  readonly trading: TradingRequest
  /** Undefined: `quotes` live, `bars` on stored data. */
  readonly fillModel: FillModel | undefined
  /** Of the fill model `quotes`; what is left out is as in DEFAULT_QUOTE_FILLS. */
  readonly quotes?: Partial<QuoteFillSettings>
  readonly holdLimits: HoldLimits
  /** Null: unpromoted. */
  readonly promotion: SessionPromotion | null
  /** UTC ms. */
  readonly now: number
}

/** Everything of session.json but where its data are from. */
export type SessionBasis = Omit<SessionFile, 'id' | 'source' | 'startTime'>

/** Loads the strategy and writes out every choice. Throws ConfigError where it cannot be compiled. */
export async function sessionBasis(
  request: SessionRequest & { readonly fillModel: FillModel },
): Promise<{ readonly basis: SessionBasis; readonly strategy: CompiledDefinition }> {
  const { trading, fillModel, promotion, now } = request
  const quotes = quotesOf(request)
  const holdLimits = { ...request.holdLimits, ...(quotes && { quoteAgeMs: quotes.quoteLifeMs }) }
  const { strategyFile, preset, params, policies, ...rest } = trading
  const strategy = compileStrategy(await loadStrategyFile(strategyFile), params, preset ?? 'default')
  const { instruments, timeframeMs, startingBalance, costs, funding, factOverrides } = rest
  const basis: SessionBasis = {
    schema: SESSION_SCHEMA,
    createdAt: new Date(now).toISOString(),
    baleen: packageVersion(),
    strategy: {
      name: strategy.name,
      file: strategyFile,
      preset,
      params: strategy.params,
      factsRead: strategy.factsRead,
    },
    instruments,
    timeframeMs,
    startingBalance,
    costs,
    policies: effectivePolicies({ strategy, policies }),
    funding,
    factOverrides,
    fillModel,
    ...(quotes && { quotes }),
    holdLimits,
    code: codeHashes(strategyFile),
    promotion,
  }
  return { basis, strategy }
}

function quotesOf({ fillModel, quotes = {} }: SessionRequest): QuoteFillSettings | undefined {
  if (fillModel === 'quotes') return quoteFillSettings(quotes)
  const [given] = Object.keys(quotes)
  if (given === undefined) return undefined
  throw new ConfigError('it says how orders fill by quotes, and these fill by bars: leave it out, or say --fill-model quotes', { field: QUOTE_OPTIONS[given as keyof QuoteFillSettings] })
} // prettier-ignore

export interface StoredSourceOptions {
  readonly dataFolder: string
  /** Open of the first bar that is traded, −Infinity for the first that there is; close of the last, Infinity. UTC ms. */
  readonly startTime: number
  readonly endTime: number
  /** Times real time; Infinity: as fast as it is read. */
  readonly speed: number
}

/** A session on stored data. Throws DataError where they are not there, ConfigError for a speed that is none. */
export async function onStoredData(
  request: SessionRequest,
  { dataFolder, startTime, endTime, speed }: StoredSourceOptions,
): Promise<Omit<SessionFile, 'id'>> {
  if (!(speed > 0)) throw new ConfigError('a speed is above 0', { field: '--speed', value: speed, unit: 'times real time' }) // prettier-ignore
  const { fillModel = 'bars' } = request
  const { basis, strategy } = await sessionBasis({ ...request, fillModel })
  const data = await loadSessionData(strategy, { ...basis, startTime }, dataFolder, endTime)
  if (data.quotes !== undefined && basis.quotes !== undefined)
    requireDenseQuotes(data.quotes, basis.quotes.quoteLifeMs)
  const firstOpen = Math.min(...data.instruments.map(({ candles }) => candles.openTime[0] ?? Infinity))
  const { dataHash, isSynthetic } = data
  const source: SessionSource = { kind: 'stored', dataFolder, endTime, speed, dataHash, isSynthetic }
  return { ...basis, startTime: Math.max(startTime, firstOpen), source }
}

export interface LiveSourceOptions {
  readonly addresses: LiveAddresses
  /** Bars before the first that is traded; 0: as many as the strategy's features surely need. */
  readonly warmUpBars: number
  /** Full path of a data folder that warms features up with what it holds; null: REST alone. */
  readonly warmUpFolder: string | null
  /** By the clock that the session will live by, UTC ms, and its speed. */
  readonly now: number
  readonly speed: number
  readonly isLoopback: boolean
}

/** Bars that warm a live session up at least: means that never quite forget are told apart by nothing after so many. */
const LEAST_WARM_UP_BARS = 500

/** A session on what the venue tells from now on. It trades the bar that is under way, whose close is the first to be decided on. Throws ConfigError for instruments of other venues. */
export async function onLiveData(
  request: SessionRequest,
  { addresses, warmUpBars, warmUpFolder, now, speed, isLoopback }: LiveSourceOptions,
): Promise<Omit<SessionFile, 'id'>> {
  const { fillModel = 'quotes' } = request
  const { basis, strategy } = await sessionBasis({ ...request, fillModel })
  const { timeframeMs, instruments, holdLimits } = basis
  const foreign = instruments.find(({ venue }) => venue !== 'binance' && !(isLoopback && venue === 'synthetic'))
  if (foreign !== undefined)
    throw new ConfigError('live data come from binance alone', { field: 'instrument', value: foreign.id })
  if (fillModel === 'quotes') await requireLiveQuotes(addresses, instruments)
  const startTime = Math.floor(now / timeframeMs) * timeframeMs
  const bars = warmUpBars > 0 ? warmUpBars : Math.max(LEAST_WARM_UP_BARS, 4 * strategy.program.warmUp(timeframeMs))
  // What is a second there is less here.
  const inWorld = (ms: number): number => ms * Math.max(1, speed)
  const { candleAgeMs, clockOffsetMs, quoteAgeMs, ...rest } = holdLimits
  const limits = { ...rest, candleAgeMs: inWorld(candleAgeMs), clockOffsetMs: inWorld(clockOffsetMs), quoteAgeMs: inWorld(quoteAgeMs) }
  const quotes = basis.quotes && { ...basis.quotes, quoteLifeMs: inWorld(basis.quotes.quoteLifeMs) }
  const source: SessionSource = { kind: 'live', addresses, warmUpStartTime: startTime - bars * timeframeMs, warmUpFolder, isLoopback, speed }
  return { ...basis, ...(quotes && { quotes }), holdLimits: limits, startTime, source }
} // prettier-ignore

/** Whether it hears a world on this machine, which is no market. */
export function isLoopbackSession({ source }: Pick<SessionFile, 'source'>): boolean {
  return source.kind === 'live' && source.isLoopback
}

/** Whether what is traded is invented. */
export function isSyntheticSession({
  source,
  instruments,
}: Pick<SessionFile, 'source' | 'instruments'>): boolean {
  const isInvented = source.kind === 'stored' && source.isSynthetic
  return isInvented || instruments.some(({ venue }) => venue === 'synthetic')
}
