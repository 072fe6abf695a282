import type { Policies } from '../core/policies.js'
import type { Feature } from '../features/feature.js'
import type { CompiledDefinition } from '../strategy/compile.js'
import { signalTiles } from '../strategy/compile.js'
import { columnTiles } from '../strategy/column-tiles.js'
import type { CompiledStrategy, StrategyTiles } from '../strategy/compiled.js'
import type { ScannerKind } from '../strategy/scanner.js'
import { ProgramTiles, type TileMemory } from '../strategy/signal-tiles.js'
import type { ClosedTrade } from '../trading/commands.js'
import type { TradeListener } from '../trading/observer.js'
import type { Book } from '../trading/state.js'
import { tradeRecord } from '../trading/trade-record.js'
import { effectivePolicies, requireLeverage } from './market.js'
import { needsLevelsOnly, PlainMarket, PlainRules } from './plain-market.js'
import { PlainTrial } from './plain-trial.js'
import { newRooms, type RoomForReturns } from './room-for-returns.js'
import { Simulation, type Market, type TradingRules } from './simulation.js'
import { forEachTile, loadLanes, TILE_SLOTS } from './tiles.js'
import { opensAtMidnight, wholeDays } from './timeline.js'
import type { Track } from './track.js'
import { TrialKeeper } from './trial-keeper.js'
import { EndedTrades, TrialTally } from './trial-tally.js'

/** Trials that run side by side through a tile: more books than this no longer fit the cache beside its columns. */
export const BATCH_TRIALS = 512
/**
 * Where one tile is the whole run, trials follow one another and leave nothing behind: a batch may be so long if all of it shares so few
 * features, each of which is then computed once.
 */
export const BATCH_OF_ONE_TILE = { trials: 4_096, features: 1_024 } as const

export interface TrialOptions {
  readonly market: Market
  /** One compiled strategy a trial, usually one strategy with many params. */
  readonly trials: readonly CompiledStrategy[]
  /** Win over the strategies'. */
  readonly policies?: Partial<Policies>
  /** Keep the trades themselves, not only their hash. */
  readonly keepTrades?: boolean
  readonly scanner?: ScannerKind
  readonly path?: 'skipping' | 'bar-by-bar'
  readonly batchTrials?: number
  readonly tileSlots?: number
  /** Called for each trial as it ends: where its daily returns are to be written, of which `wholeDays` tells how many they are. Default: new memory. */
  readonly roomForReturns?: RoomForReturns
}

/** What a trial leaves behind. Money in quote units. */
export interface TrialOutcome {
  /** Index in the options' list. */
  readonly trial: number
  readonly params: CompiledStrategy['params']
  readonly finalEquity: number
  readonly totalReturn: number
  /** Deepest fall of the closes below their running peak, a fraction ≤ 0. */
  readonly maxDrawdown: number
  /** Net return of each whole UTC day of the run, flat days included; edges at 00:00 UTC. */
  readonly dailyReturns: Float64Array
  readonly trades: number
  /** Trades that did not end with the data, and those of them that made money. */
  readonly decidedTrades: number
  readonly wins: number
  readonly undecidedExits: number
  readonly fees: number
  readonly slippage: number
  readonly funding: number
  readonly grossProfit: number
  readonly grossLoss: number
  readonly barsHeld: number
  /**
   * Net exposure, a fraction of equity, negative where short: Σ side · share · bars held of every closed trade, over the bars of the run; shares by the
   * trapezoidal rule between entry and exit. The report's figure, which asks every bar, differs from it in the second or third digit.
   */
  readonly meanNetExposure: number
  readonly tradeHash: string
  readonly path: 'skipping' | 'bar-by-bar'
  readonly steps: number
  readonly closedTrades: readonly ClosedTrade[] | undefined
}

/**
 * Runs many trials over one market: time is cut into tiles, and each tile is taken through all trials of a batch while its columns are
 * in the cache; distinct features, comparisons and rules are computed once a tile. Outcomes come batch by batch, in order of trials, and
 * nothing of a batch is kept: memory is that of a tile and of a batch of books.
 * O(tiles · distinct features · bars + Σ what happens in each trial).
 *
 * @param before what an earlier call answered, which must not be used again: its memory is. Memory that was never written to is slow.
 */
export function runTrials(
  options: TrialOptions,
  onOutcome: (outcome: TrialOutcome) => void,
  before?: UsedTiles,
): UsedTiles {
  const { market, trials } = options
  const slots = market.timeline.openTime.length
  const tileSlots = options.tileSlots ?? tileFor(slots)
  const room = options.roomForReturns ?? newRooms()
  for (let from = 0; from < trials.length;) {
    const end =
      from + (options.batchTrials ?? (tileSlots < slots ? BATCH_TRIALS : batchOfOneTile(trials, from)))
    before = runBatch(options, market, trials.slice(from, end), from, tileSlots, room, before, onOutcome)
    from = end
  }
  return before ?? []
}

/** How many trials from one on go through a single tile together. O(features of the trials). */
function batchOfOneTile(trials: readonly CompiledStrategy[], from: number): number {
  const most = Math.min(trials.length - from, BATCH_OF_ONE_TILE.trials)
  const features = new Set<string>()
  const reads: Feature[] = []
  for (let count = 0, seen = 0; count < most; count++) {
    const strategy = trials[from + count] as CompiledStrategy
    if (!isDefinition(strategy)) return BATCH_TRIALS
    strategy.program.addSignalFeatures(reads)
    for (; seen < reads.length; seen++) features.add((reads[seen] as Feature).key)
    if (features.size > BATCH_OF_ONE_TILE.features) return Math.max(count, BATCH_TRIALS)
  }
  return most
}

/** Memory of the tiles of trials that have ended, by instrument, and nothing else of them: what they held of thousands of trials can go. */
export type UsedTiles = readonly (TileMemory | undefined)[]

/** A trial on its way, whichever way that is. */
interface Trial {
  load(signals: readonly StrategyTiles[], at: number): void
  advance(from: number, to: number): void
  /** Ends it, and says what has come of it. */
  finish(of: TrialName, returns: DailyReturns): TrialOutcome
}

type TrialName = Pick<TrialOutcome, 'trial' | 'params' | 'path'>

/** A trial that needs no more than levels. */
class LevelTrial implements Trial {
  private readonly trial: PlainTrial
  private readonly shared: PlainMarket

  constructor(shared: PlainMarket, rules: TradingRules) {
    this.shared = shared
    this.trial = new PlainTrial(shared, new PlainRules(rules, shared))
  }

  /** Starts over, once it has ended. */
  begin(rules: TradingRules): void {
    this.trial.begin(new PlainRules(rules, this.shared))
  }

  load(signals: readonly StrategyTiles[], at: number): void {
    this.trial.load((signals[0] as StrategyTiles).tile(at))
  }

  advance(from: number, to: number): void {
    this.trial.advance(from, to)
  }

  finish(of: TrialName, returns: DailyReturns): TrialOutcome {
    const { trial, shared } = this
    const finalEquity = trial.finish()
    const daily = returns.of(trial.keeper.edgeEquity)
    return outcomeOf(of, shared.market, trial.keeper, daily, trial.tally, finalEquity, trial.steps, undefined)
  }
}

/** Any other: with books of orders. */
class OrderTrial implements Trial, TradeListener {
  private readonly simulation: Simulation
  private readonly tally: TrialTally = new TrialTally()
  private readonly ended: EndedTrades
  private readonly closedTrades: ClosedTrade[] = []
  private readonly keepsTrades: boolean
  private readonly byBar: boolean
  private keeper!: TrialKeeper

  constructor(market: Market, rules: TradingRules, { keepTrades, path }: TrialOptions, ended: EndedTrades) {
    this.ended = ended
    this.simulation = new Simulation(
      market,
      rules,
      ({ state }) =>
        (this.keeper = new TrialKeeper(market, state, state.account, rules.policies.drawdownPeak)),
      undefined,
    )
    this.keepsTrades = keepTrades === true
    this.byBar = path === 'bar-by-bar'
    this.simulation.state.tradeListener = this
  }

  tradeEnded(book: Book): void {
    this.ended.add(book.trade, book.instrument, this.simulation.state.account)
    if (this.ended.isFull) this.tally.addAll(this.ended)
    if (this.keepsTrades) this.closedTrades.push(tradeRecord(book))
  }

  load(signals: readonly StrategyTiles[], at: number): void {
    loadLanes(this.simulation, signals, at)
  }

  advance(from: number, to: number): void {
    if (this.byBar) this.simulation.advanceByBar(from, to)
    else this.simulation.advance(from, to)
    this.tally.addAll(this.ended)
  }

  finish(of: TrialName, returns: DailyReturns): TrialOutcome {
    const { simulation, keeper, tally } = this
    simulation.finish()
    tally.addAll(this.ended)
    const finalEquity = simulation.state.equity()
    keeper.finish(finalEquity)
    const closedTrades = this.keepsTrades ? this.closedTrades : undefined
    const daily = returns.of(keeper.edgeEquity)
    return outcomeOf(of, simulation.market, keeper, daily, tally, finalEquity, simulation.steps, closedTrades)
  }
}

/** Begins the trials of a batch, each by the shortest way that there is for it. */
class Beginner {
  private readonly market: Market
  private readonly options: TrialOptions
  private readonly trials: number
  private shared: PlainMarket | undefined
  private policies: Policies | undefined
  private setBy: CompiledStrategy['policies'] | undefined
  private last: LevelTrial | undefined
  private readonly ended: EndedTrades = new EndedTrades()

  /** `trials`: how many will be on their way at once. */
  constructor(market: Market, options: TrialOptions, trials: number) {
    this.market = market
    this.options = options
    this.trials = trials
  }

  begin(strategy: CompiledStrategy): Trial {
    const { market, options } = this
    const { keepTrades, path } = options
    const rules = { risk: strategy.risk, policies: this.policiesOf(strategy), decide: strategy.decide }
    if (path === 'bar-by-bar' || keepTrades === true || !needsLevelsOnly(market, rules))
      return new OrderTrial(market, rules, options, this.ended)
    this.shared ??= new PlainMarket(market, this.trials)
    // Where one trial ends before the next begins, all of them are one.
    if (this.trials > 1) return new LevelTrial(this.shared, rules)
    if (this.last === undefined) return (this.last = new LevelTrial(this.shared, rules))
    this.last.begin(rules)
    return this.last
  }

  /** Trials of one strategy share what it sets. */
  private policiesOf(strategy: CompiledStrategy): Policies {
    const { policies } = this.options
    if (this.policies === undefined || strategy.policies !== this.setBy) {
      this.policies = effectivePolicies({ strategy, ...(policies === undefined ? {} : { policies }) })
      this.setBy = strategy.policies
    }
    return this.policies
  }
}

function runBatch(
  options: TrialOptions,
  market: Market,
  strategies: readonly CompiledStrategy[],
  firstTrial: number,
  tileSlots: number,
  room: RoomForReturns,
  before: UsedTiles | undefined,
  onOutcome: (outcome: TrialOutcome) => void,
): UsedTiles {
  for (const { risk } of strategies) requireLeverage(market, risk.leverage)
  const signals = market.tracks.map((track, index) =>
    tilesOf(strategies, track, options.scanner, before?.[index]),
  )
  const slots = market.timeline.openTime.length
  const beginner = new Beginner(market, options, tileSlots < slots ? strategies.length : 1)
  const returns = new DailyReturns(market, room)
  const batch: Trial[] = []
  forEachTile(
    market,
    signals,
    (from, to) => {
      for (let at = 0; at < strategies.length; at++) {
        const strategy = strategies[at] as CompiledStrategy
        const trial = batch[at] ?? beginner.begin(strategy)
        trial.load(signals, at)
        trial.advance(from, to)
        // A trial ends while what it has left behind is in the cache; one of a single tile is kept no longer than that.
        if (to === slots) onOutcome(trial.finish(nameOf(strategy, firstTrial + at, options), returns))
        else batch[at] = trial
      }
    },
    tileSlots,
  )
  return signals.map((tiles) => (tiles instanceof ProgramTiles ? tiles.giveUp() : undefined))
}

function nameOf({ params, decide }: CompiledStrategy, trial: number, { path }: TrialOptions): TrialName {
  return {
    trial,
    params,
    path: path === 'bar-by-bar' || decide !== undefined ? 'bar-by-bar' : 'skipping',
  }
}

/** Tiles of about the usual size, of which the last is no small rest. */
export function tileFor(slots: number): number {
  const tiles = Math.max(1, Math.round(slots / TILE_SLOTS))
  // A whole number to the machine too: slots that are reckoned from it are then none with a fraction.
  return Math.ceil(slots / tiles) | 0
}

/** Signals of a batch, in the memory that the batch before it has done with. */
function tilesOf(
  strategies: readonly CompiledStrategy[],
  { data }: Track,
  scanner: ScannerKind | undefined,
  before: TileMemory | undefined,
): StrategyTiles {
  const { candles, facts } = data
  const inputs = { candles, facts }
  if (strategies.every(isDefinition)) {
    return signalTiles(strategies, inputs, {
      ...(scanner !== undefined && { scanner }),
      ...(before !== undefined && { after: before }),
    })
  }
  return columnTiles(
    strategies.map((strategy) => strategy.columns(inputs)),
    candles.close.length,
  )
}

function isDefinition(strategy: CompiledStrategy): strategy is CompiledDefinition {
  return 'program' in strategy
}

/** Written out, since spreading costs. */
function outcomeOf(
  { trial, params, path }: TrialName,
  market: Market,
  keeper: TrialKeeper,
  daily: Float64Array,
  tally: TrialTally,
  finalEquity: number,
  steps: number,
  closedTrades: readonly ClosedTrade[] | undefined,
): TrialOutcome {
  return {
    trial,
    params,
    finalEquity,
    totalReturn: finalEquity / market.startingBalance - 1,
    maxDrawdown: keeper.leastRatio - 1,
    dailyReturns: daily,
    trades: tally.trades,
    decidedTrades: tally.decided,
    wins: tally.wins,
    undecidedExits: tally.undecided,
    fees: tally.fees,
    slippage: tally.slippage,
    funding: tally.funding,
    grossProfit: tally.grossProfit,
    grossLoss: tally.grossLoss,
    barsHeld: tally.barsHeld,
    meanNetExposure: tally.netShareBars / market.timeline.openTime.length,
    tradeHash: tally.hash,
    path,
    steps,
    closedTrades,
  }
}

/** Calculates the daily returns of trials of one market. */
class DailyReturns {
  private readonly opensAtMidnight: boolean
  private readonly startingBalance: number
  private readonly days: number
  private readonly room: RoomForReturns

  constructor({ timeline, startingBalance }: Market, room: RoomForReturns) {
    this.opensAtMidnight = opensAtMidnight(timeline)
    this.startingBalance = startingBalance
    this.days = wholeDays(timeline)
    this.room = room
  }

  /** Returns from one 00:00 UTC to the next; a run that opens on one begins there. NaN from where equity was not positive on. */
  of(edgeEquity: Float64Array): Float64Array {
    const { days, opensAtMidnight } = this
    const returns = this.room(days)
    const first = opensAtMidnight ? 0 : 1
    let before = opensAtMidnight ? this.startingBalance : (edgeEquity[0] as number)
    for (let day = 0; day < days; day++) {
      const after = edgeEquity[first + day] as number
      // What stands still returns exactly 0 this way too: to ask would be guessed wrong too often.
      returns[day] = before > 0 ? after / before - 1 : Number.NaN
      before = after
    }
    return returns
  }
}
