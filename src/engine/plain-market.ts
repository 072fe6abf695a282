import type { FullTerms } from '../core/instrument-terms.js'
import type { Policies } from '../core/policies.js'
import type { RiskSettings } from '../risk/settings.js'
import { EntrySizing } from '../risk/sizing.js'
import { prepareSizing } from '../trading/entries.js'
import { adverseFraction } from './options.js'
import { PendingFill } from './pending-fill.js'
import type { Market, TradingRules } from './simulation.js'
import { Stretches } from './stretches.js'
import { NO_SLOT } from './timeline.js'
import { TrailAhead } from './touch.js'
import type { Track } from './track.js'
import { EndedTrades } from './trial-tally.js'

/**
 * Whether a trial trades one instrument by market orders that fill whole at the next open, on last prices, without other terms or a
 * delisting on the way: what most sweeps do. Bars may be missing: slots are this one instrument's own bars then.
 */
export function tradesPlainly(
  { tracks, terms, costs }: Market,
  { risk, policies, decide }: TradingRules,
): boolean {
  const [track] = tracks
  return (
    tracks.length === 1 &&
    track !== undefined &&
    track.slotOfBar === undefined &&
    track.mark === undefined &&
    track.delistSlot === NO_SLOT &&
    terms[0]?.terms.length === 1 &&
    risk.entry.kind === 'market' &&
    costs.participation === undefined &&
    policies.fillAt === 'next-open' &&
    decide === undefined
  )
}

/**
 * Whether, beside that, a position needs no more than one stop and one target, each a price that changes at most with the best one since
 * entry: no ladder, no liquidation, no finer candles, no stop that waits to be placed.
 */
export function needsLevelsOnly(market: Market, rules: TradingRules): boolean {
  const { risk } = rules
  return (
    tradesPlainly(market, rules) &&
    market.tracks[0]?.detail === undefined &&
    market.terms[0]?.terms[0]?.margin === undefined &&
    risk.target.kind !== 'ladder' &&
    (risk.trailing.kind === 'none' || (risk.trailing.kind === 'percent' && isOutFromEntry(risk))) &&
    risk.flattenAfterStaleHours === 0
  )
}

function isOutFromEntry({ stop, trailing }: RiskSettings): boolean {
  return stop.kind !== 'none' || (trailing.kind === 'percent' && trailing.activation === 0)
}

/** What plain trials over one market share: its one instrument, and paper to reckon on, which nothing is left on from bar to bar. */
export class PlainMarket {
  readonly market: Market
  readonly track: Track
  readonly terms: FullTerms
  readonly isPerpetual: boolean
  /** Fraction of the price by which takers are filled worse. */
  readonly adverse: number
  readonly sizing: EntrySizing = new EntrySizing()
  readonly fill: PendingFill = new PendingFill()
  readonly ahead: TrailAhead = new TrailAhead()
  readonly ended: EndedTrades = new EndedTrades()
  readonly stretches: Stretches = new Stretches()
  private readonly edges: readonly Float64Array[]
  private given: number = 0

  /** `trials`: how many are on their way at once. */
  constructor(market: Market, trials: number) {
    const { tracks, terms, costs, timeline } = market
    this.market = market
    this.track = tracks[0] as Track
    this.terms = terms[0]?.terms[0] as FullTerms
    this.isPerpetual = this.track.data.instrument.kind === 'perpetual'
    this.adverse = adverseFraction(costs)
    prepareSizing(this.sizing, this.terms, 1)
    const days = timeline.midnights.length
    const edges = new Float64Array(trials * days)
    this.edges = Array.from({ length: trials }, (_, at) => edges.subarray(at * days, (at + 1) * days))
  }

  /** Room for the day edges of the next trial, in which one that has ended may have left its own. */
  nextEdges(): Float64Array {
    return this.edges[this.given++ % this.edges.length] as Float64Array
  }
}

/** How a plain trial trades: what is asked at every bar, resolved once. */
export class PlainRules {
  readonly risk: RiskSettings
  readonly policies: Policies
  readonly leverage: number
  /** A loss of more than this since 00:00 UTC halts the day; 0: never. */
  readonly dailyLossLimit: number
  readonly limitsLoss: boolean
  readonly flattens: boolean
  readonly timeExitBars: number
  readonly trails: boolean
  readonly takesProfit: boolean
  /** A position has a level at which it ends. */
  readonly protects: boolean
  readonly sizesAtFill: boolean
  readonly refusesMissingRates: boolean
  readonly ignoresArms: boolean
  readonly seesShorts: boolean

  constructor({ risk, policies }: TradingRules, { isPerpetual }: PlainMarket) {
    this.risk = risk
    this.policies = policies
    this.leverage = risk.leverage
    this.dailyLossLimit = risk.dailyLossLimit
    this.limitsLoss = risk.dailyLossLimit > 0
    this.flattens = risk.onDailyLoss === 'flatten'
    // A whole number to the machine too: rows that are reckoned from it are then none with a fraction. No run has as many bars.
    this.timeExitBars = Math.min(risk.timeExitBars, 1 << 30) | 0
    this.trails = risk.trailing.kind !== 'none'
    this.takesProfit = risk.target.kind !== 'none'
    this.protects = risk.stop.kind !== 'none' || this.trails || this.takesProfit
    this.sizesAtFill = policies.sizeAt === 'fill'
    this.refusesMissingRates = policies.missingFunding === 'fail'
    this.ignoresArms = policies.rearm === 'none'
    this.seesShorts = risk.allowShort && isPerpetual
  }
}
