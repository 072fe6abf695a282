import { describe, expect, it } from 'vitest'
import { known, type Statistic, unknown } from '../../../src/metrics/statistic.js'
import { makeSampler } from '../../../src/research/samplers/make-sampler.js'
import { parseSearch } from '../../../src/research/search-syntax.js'
import { seededRandom } from '../../../src/research/seeded-random.js'
import {
  judgeSweep,
  type LuckOptions,
  measureLuck,
  type OtherEvidence,
} from '../../../src/research/sweep/assess-sweep.js'
import { inOneGo } from '../../../src/research/steps.js'
import { bestRow, type TrialRow } from '../../../src/research/sweep/trial-row.js'
import type { GateKey } from '../../../src/research/overfitting/verdict.js'
import { int } from '../../../src/strategy/params.js'
import { evaluate, HOLD, HOUR_OF_DAY } from './rows.js'

const space = parseSearch({ fast: int(2, 5, 200) }, [])
/** Every trial with an edge that no one could overlook: a Sharpe ratio of about 10 a year. */
const rows = evaluate(makeSampler('sobol', space, 1, Infinity).ask(120), 0.005)

type Options = LuckOptions & OtherEvidence

const judgement = (of: Options) => judgeSweep(inOneGo(measureLuck(of)), of)

function options(more: Partial<Options> = {}): Options {
  return {
    rows: rows.map(manyTrades),
    best: bestRow(rows) as number,
    hold: HOLD,
    ledgerTrials: known(120),
    timeframeMs: HOUR_OF_DAY,
    random: seededRandom(1),
    assumptions: { returnAtTwiceCosts: known(1), keptOneBarLate: known(1), pessimisticReturn: known(1) },
    checks: [{ name: 'look-ahead', outcome: 'passed' }],
    randomEntryPValue: known(0.001),
    walkForward: { net: known(1), efficiency: known(1) },
    ...more,
  }
}

function manyTrades(row: TrialRow): TrialRow {
  if (row.figures === undefined) return row
  const statistics = { ...row.figures.statistics, trades: known(500) }
  return { ...row, figures: { ...row.figures, statistics } }
}

const gate = (of: ReturnType<typeof judgeSweep>, key: GateKey) =>
  of.verdict.gates.find((one) => one.key === key)

describe('the verdict on a sweep', () => {
  it('is believe where everything was run and holds', () => {
    expect(judgement(options()).verdict).toMatchObject({ verdict: 'believe', reasons: [] })
  })

  const missing: readonly (readonly [string, Partial<Options>, GateKey, RegExp])[] = [
    ['random entries', { randomEntryPValue: unknown('random entries were not tried') }, 'random-entry', /not tried/],
    ['a walk-forward', { walkForward: { net: unknown('no walk-forward was run'), efficiency: unknown('no walk-forward was run') } }, 'walk-forward-net', /no walk-forward/],
    ['a check', { checks: [{ name: 'look-ahead', outcome: 'not run' }] }, 'checks', /checks passed 0/],
    ['a whole ledger', { ledgerTrials: unknown('the ledger of trials is broken: line 3') }, 'deflated-sharpe', /ledger of trials is broken: line 3/],
    ['a benchmark', { hold: { reason: 'no funding rate' } }, 'spa', /no funding rate/],
  ] // prettier-ignore
  it.each(missing)('is not yet without %s, and names it', (_what, more, key, words) => {
    const judged = judgement(options(more))
    expect(judged.verdict.verdict).toBe('not yet')
    expect(gate(judged, key)?.isPassed).toBe(false)
    expect(judged.verdict.reasons.join()).toMatch(words)
  })

  it('by default was run none of it', () => {
    const { randomEntryPValue, walkForward, ...rest } = options()
    expect([randomEntryPValue, walkForward]).not.toContain(undefined)
    const { verdict } = judgement(rest)
    expect(verdict.verdict).toBe('not yet')
    expect(verdict.reasons.join()).toMatch(/random entries were not tried.*no walk-forward was run/)
  })

  it('reads complete series only: ruined and failed trials take no part', () => {
    const { assessed, assessment } = judgement(options())
    const whole = rows.filter(({ figures }) => figures?.dailyReturns.every(Number.isFinite))
    expect(assessed).toBe(whole.length)
    expect(assessed).toBeLessThan(rows.length)
    expect(assessment.distinct).toBe(whole.length)
  })

  it('deflates by what the ledger counts', () => {
    const probability = (ledgerTrials: Statistic): number => {
      const { deflatedSharpe } = judgement(options({ ledgerTrials })).assessment
      if ('reason' in deflatedSharpe) throw new Error(deflatedSharpe.reason)
      return deflatedSharpe.luckySharpe
    }
    expect(probability(known(1_000_000))).toBeGreaterThan(1.5 * probability(known(120)))
  })
})
