import { computeMetrics, findMetric } from '../../src/metrics/index.js'
import { replay } from '../../src/engine/replay.js'
import { instrumentLevels } from '../../src/market/index.js'
import {
  correlation,
  deviation,
  informationP,
  LEGS,
  legsAndReturns,
  mean,
  SHIPPED,
  timingOf,
  zOf,
  type Leg,
} from './edge-study.js'
import { engineInputs, simulate } from './simulated-inputs.js'

/** Many markets, one a seed. */
export interface CampaignOptions {
  readonly seeds: number
  readonly days: number
  readonly edge: number
  readonly driftPerHour?: number
}

/** Seeds far from one another, the same for every campaign. */
function seedOf(index: number): number {
  return (index + 1) * 7919
}

export interface TimingRow {
  readonly strategy: string
  /** Markets in which it traded. */
  readonly markets: number
  readonly trades: number
  readonly heldBars: number
  readonly meanTimingReturn: number
  /** Of the mean timing return over markets. */
  readonly z: number
  /** Of the mean profit of the runs, stops and targets inside bars included. */
  readonly profitZ: number
  /** Share of markets whose own z is above 1.645: near 0.05 where there is nothing to be known. */
  readonly shareAbove: number
  readonly undecided: number
}

/** What every shipped strategy earns by timing over many markets of two instruments. */
export function timingCampaign(options: CampaignOptions): TimingRow[] {
  const { seeds, days, edge, driftPerHour = 0 } = options
  const found = SHIPPED.map(() => [] as ReturnType<typeof timingOf>[])
  for (let index = 0; index < seeds; index++) {
    const inputs = engineInputs(
      simulate(seedOf(index), { bars: 24 * days, instruments: instrumentLevels(2), edge, driftPerHour }),
    )
    SHIPPED.forEach(([, strategy], at) => found[at]!.push(timingOf(strategy, inputs, driftPerHour)))
  }
  return SHIPPED.map(([strategy], at) => {
    const all = found[at]!.filter(({ heldBars }) => heldBars > 0)
    const total = (of: (one: (typeof all)[number]) => number): number => all.reduce((sum, one) => sum + of(one), 0) // prettier-ignore
    return {
      strategy,
      markets: all.length,
      trades: total(({ trades }) => trades),
      heldBars: total(({ heldBars }) => heldBars),
      meanTimingReturn: mean(all.map(({ timingReturn }) => timingReturn)),
      z: zOf(all.map(({ timingReturn }) => timingReturn)),
      profitZ: zOf(all.map(({ profit }) => profit)),
      shareAbove: all.filter(({ z }) => z > 1.645).length / all.length,
      undecided: total(({ undecided }) => undecided),
    }
  })
}

export interface InformationRow {
  readonly leg: Leg
  /** Markets in which the leg changed. */
  readonly markets: number
  /** Markets whose mutual information lies outside the band of 95 %. */
  readonly outside: number
  /** Correlation of the leg with the next total return, mean over markets. */
  readonly ic: number
  readonly icError: number
}

/** What every leg says of the sign of the next total return over many markets; one instrument of each is looked at. */
export function informationCampaign({
  seeds,
  days,
  edge,
  driftPerHour = 0,
}: CampaignOptions): InformationRow[] {
  const found = LEGS.map(() => ({ p: [] as number[], ic: [] as number[] }))
  for (let index = 0; index < seeds; index++) {
    const market = simulate(seedOf(index), { bars: 24 * days, instruments: instrumentLevels(1), edge, driftPerHour }) // prettier-ignore
    const { legs, next } = legsAndReturns(engineInputs(market)[0]!)
    LEGS.forEach((leg, at) => {
      const p = informationP(legs[leg], next, seedOf(index))
      if (Number.isNaN(p)) return
      found[at]!.p.push(p)
      found[at]!.ic.push(correlation(legs[leg], next))
    })
  }
  return LEGS.map((leg, at) => {
    const { p, ic } = found[at]!
    return {
      leg,
      markets: p.length,
      outside: p.filter((one) => one <= 0.05).length,
      ic: mean(ic),
      icError: deviation(ic) / Math.sqrt(ic.length),
    }
  })
}

export interface PowerRow {
  readonly edge: number
  /** Of smart-money by its defaults, without costs. */
  readonly meanSharpe: number
  readonly meanSharpeWithCosts: number
  readonly shareAbove: number
  readonly trades: number
}

/** What an edge is worth to the shipped smart-money strategy. */
export function powerCampaign({ seeds, days, edge }: CampaignOptions): PowerRow {
  const strategy = SHIPPED.find(([name]) => name === 'smart-money default')![1]
  const sharpe = { free: [] as number[], paid: [] as number[] }
  let [above, trades] = [0, 0]
  for (let index = 0; index < seeds; index++) {
    const inputs = engineInputs(simulate(seedOf(index), { bars: 24 * days, edge }))
    const timing = timingOf(strategy, inputs, 0)
    if (timing.z > 1.645) above++
    trades += timing.trades
    const run = (costs: object): number => {
      const result = replay({
        strategy,
        instruments: inputs,
        startTime: -Infinity,
        endTime: Infinity,
        startingBalance: 100_000,
        costs: { slippageBps: 0, ...costs },
      })
      const { value } = findMetric(computeMetrics(result), 'sharpe')
      return value ?? NaN
    }
    sharpe.free.push(run({ takerFee: 0, makerFee: 0 }))
    sharpe.paid.push(run({ slippageBps: 1 }))
  }
  const known = (values: readonly number[]): number[] => values.filter((value) => Number.isFinite(value))
  return {
    edge,
    meanSharpe: mean(known(sharpe.free)),
    meanSharpeWithCosts: mean(known(sharpe.paid)),
    shareAbove: above / seeds,
    trades: trades / seeds,
  }
}
