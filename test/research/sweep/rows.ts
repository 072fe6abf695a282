import { DAY_MS } from '../../../src/core/time.js'
import type { TrialOutcome } from '../../../src/engine/trials.js'
import type { Proposal } from '../../../src/research/samplers/sampler.js'
import { failedRow, rowOf, type TrialRow, type TrialRules } from '../../../src/research/sweep/trial-row.js'
import { parseObjective } from '../../../src/research/sweep/objective.js'
import { seededRandom } from '../../../src/research/seeded-random.js'
import { gaussian } from '../gaussian.js'

export const DAYS = 600

export const RULES: TrialRules = {
  objective: parseObjective('sharpe'),
  conditions: [{ key: 'trades', operator: '>=', limit: 30 }],
  measure: { days: DAYS },
}

/** What a trial might have come to, by chance from its point: noise around a drift a day. */
export function invented(proposal: Proposal, drift: number = 0): TrialOutcome {
  const key = Object.values(proposal.point).map(Number)
  const random = seededRandom(7, ...key.map((value) => Math.round(value * 1000)))
  const dailyReturns = Float64Array.from({ length: DAYS }, () => drift + 0.01 * gaussian(random))
  const growth = dailyReturns.reduce((product, value) => product * (1 + value), 1)
  const trades = 20 + (Math.round(key.reduce((sum, value) => sum + 7 * value, 0)) % 40)
  return {
    trial: proposal.number, params: proposal.point, finalEquity: 10_000 * growth, totalReturn: growth - 1, maxDrawdown: -0.1, dailyReturns,
    trades, decidedTrades: trades, wins: 10, undecidedExits: 0, fees: 1, slippage: 2, funding: 3, grossProfit: 200, grossLoss: 100, barsHeld: trades * 5,
    meanNetExposure: 0.3, tradeHash: `h${key.join()}`, path: 'skipping', steps: 1, closedTrades: undefined,
  } // prettier-ignore
}

/** Rows as an engine would give them; every seventh trial fails, every eleventh is ruined. */
export function evaluate(proposals: readonly Proposal[], drift: number = 0): readonly TrialRow[] {
  return proposals.map((proposal) => {
    if (proposal.number % 7 === 6) return failedRow(proposal, `trial ${proposal.number} has no price`)
    const outcome = invented(proposal, drift)
    if (proposal.number % 11 === 10) outcome.dailyReturns.fill(NaN, 500)
    return rowOf(proposal, outcome, RULES)
  })
}

export const HOLD: Float64Array = new Float64Array(DAYS)
export const HOUR_OF_DAY: number = DAY_MS / 24
