import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { known, type Statistic, unknown } from '../../../src/metrics/statistic.js'
import { summariseAssumptions } from '../../../src/research/overfitting/assumptions.js'
import { type Evidence, type GateKey, judge } from '../../../src/research/overfitting/verdict.js'
import { DEFAULT_VERDICT_LIMITS } from '../../../src/research/overfitting/verdict-limits.js'
import type { Sensitivity } from '../../../src/research/sensitivity.js'

/** Every figure exactly at its limit, on the good side. */
const enough: Evidence = {
  spaPValue: known(0.05),
  deflatedSharpe: known(0.95),
  overfitting: { probability: known(0.2), probabilityOfLoss: known(0.9), isPlateau: false },
  randomEntryPValue: known(0.05),
  walkForwardNet: known(1e-9),
  walkForwardEfficiency: known(0.5),
  days: 400,
  minimumTrackRecordDays: known(400),
  trades: 100,
  returnAtTwiceCosts: known(1e-9),
  keptOneBarLate: known(0.5),
  pessimisticReturn: known(1e-9),
  checks: ['look-ahead', 'warm-up', 'determinism'].map((name) => ({ name, outcome: 'passed' })),
}

/** Each condition just missed. */
const misses: Record<GateKey, [Partial<Evidence>, string]> = {
  'spa': [{ spaPValue: known(0.0501) }, 'SPA p 0.0501, at most 0.05 needed'],
  'deflated-sharpe': [{ deflatedSharpe: known(0.949999) }, 'deflated Sharpe 0.949999, at least 0.95 needed'],
  'overfitting': [{ overfitting: { ...enough.overfitting, probability: known(0.2003) } }, 'PBO 0.2003, at most 0.2 needed'],
  'random-entry': [{ randomEntryPValue: known(0.06) }, 'random-entry p 0.06, at most 0.05 needed'],
  'walk-forward-net': [{ walkForwardNet: unknown('4 windows, at least 6 needed') }, 'walk-forward net return is n/a: 4 windows, at least 6 needed'],
  'walk-forward-efficiency': [{ walkForwardEfficiency: known(0.49) }, 'walk-forward efficiency 0.49, at least 0.5 needed'],
  'track-record': [{ minimumTrackRecordDays: known(400.2) }, 'track record 400 days, at least 401 days needed'],
  'trades': [{ trades: 99 }, 'closed trades 99, at least 100 needed'],
  'twice-the-costs': [{ returnAtTwiceCosts: known(-0.031) }, 'return at twice the costs -3.1 %, above 0 % needed'],
  'one-bar-late': [{ keptOneBarLate: known(0.2) }, 'share of the return kept one bar late 0.2, at least 0.5 needed'],
  'pessimistic': [{ pessimisticReturn: known(0) }, 'return with undecided bars against it 0 %, above 0 % needed'],
  'checks': [{ checks: [{ name: 'look-ahead', outcome: 'passed' }, { name: 'warm-up', outcome: 'not run' }] }, 'checks passed 1, at least 2 needed: warm-up was not run'],
} // prettier-ignore

describe('verdict', () => {
  it('is believe where every figure is at its limit', () => {
    const verdict = judge(enough)
    expect(verdict.verdict).toBe('believe')
    expect(verdict.reasons).toEqual([])
    expect(verdict.gates.every(({ isPassed, shortfall }) => isPassed && shortfall === undefined)).toBe(true)
    expect(verdict.gates.map(({ key }) => key)).toEqual(Object.keys(misses))
  })

  it.each(Object.entries(misses))(
    'is not yet where %s alone is missed, and names the number',
    (key, [change, words]) => {
      const verdict = judge({ ...enough, ...change })
      expect(verdict.verdict).toBe('not yet')
      expect(verdict.reasons).toEqual([words])
      expect(verdict.gates.filter(({ isPassed }) => !isPassed).map((gate) => gate.key)).toEqual([key])
    },
  )

  it.each<[string, Partial<Evidence>, string]>([
    ['SPA p above ½', { spaPValue: known(0.501) }, 'SPA p 0.501 is above 0.5'],
    ['a walk-forward that gained nothing', { walkForwardNet: known(0) }, 'walk-forward net return 0 % is not above 0 %'],
    ['a walk-forward that lost', { walkForwardNet: known(-0.2) }, 'walk-forward net return -20 %'],
    ['a check that failed', { checks: [{ name: 'look-ahead', outcome: 'failed', detail: 'feature fast reads bar 7' }] }, 'the look-ahead check failed: feature fast reads bar 7'],
  ])('is no for %s, whatever else holds', (_, change, words) => {
    const verdict = judge({ ...enough, ...change })
    expect(verdict.verdict).toBe('no')
    expect(verdict.reasons).toHaveLength(1)
    expect(verdict.reasons[0]).toContain(words)
  }) // prettier-ignore

  it('is not yet, and names it, where data do not let a check tell: that speaks neither for nor against', () => {
    const untested = { name: 'Legs and facts', outcome: 'not tested', detail: 'flow of test:A is known on 40.00 % of the bars' } as const
    const verdict = judge({ ...enough, checks: [...enough.checks, untested] })
    expect([verdict.verdict, verdict.reasons]).toEqual(['not yet', ['checks passed 3, at least 4 needed: Legs and facts was not tested (flow of test:A is known on 40.00 % of the bars)']])
    const failed = judge({ ...enough, checks: [untested, { name: 'Warm-up', outcome: 'failed' }] })
    expect([failed.verdict, failed.reasons]).toEqual(['no', ['the Warm-up check failed']])
  }) // prettier-ignore

  it('is not yet at p = ½, and where nothing is known', () => {
    expect(judge({ ...enough, spaPValue: known(0.5) }).verdict).toBe('not yet')
    const none = unknown('not computed')
    const figures = Object.keys(enough).filter(
      (key) => !['days', 'trades', 'checks', 'overfitting'].includes(key),
    )
    const nothing = {
      ...enough,
      ...Object.fromEntries(figures.map((key) => [key, none])),
      checks: [],
    } as Evidence
    const verdict = judge(nothing)
    expect(verdict.verdict).toBe('not yet')
    expect(verdict.reasons).toHaveLength(figures.length + 1)
    expect(verdict.reasons.at(-1)).toBe('checks passed is n/a: no check was run')
  })

  it('on a plateau asks for the probability of loss in place of PBO, and shows PBO beside it', () => {
    const plateau = (loss: number): Evidence => ({
      ...enough,
      overfitting: { probability: known(0.5), probabilityOfLoss: known(loss), isPlateau: true },
    })
    expect(judge(plateau(0.2)).verdict).toBe('believe')
    expect(judge(plateau(0.21)).reasons).toEqual(['probability of loss (plateau) 0.21, at most 0.2 needed'])
    const gate = judge(plateau(0.1)).gates.find(({ key }) => key === 'overfitting')
    expect(gate?.beside).toEqual({ name: 'PBO', value: known(0.5) })
  })

  it('where the ratio does not exceed luck no track record would suffice', () => {
    const verdict = judge({ ...enough, minimumTrackRecordDays: unknown('the Sharpe ratio does not exceed its benchmark') })
    expect(verdict.reasons).toEqual(['no track record would suffice: the Sharpe ratio does not exceed its benchmark'])
  }) // prettier-ignore

  it('is believe only if the rule of the specification holds, whatever the figures', () => {
    const probability = fc.constantFrom(0, 0.04, 0.05, 0.06, 0.19, 0.2, 0.3, 0.5, 0.6, 0.94, 0.95, 1)
    const either = (values: fc.Arbitrary<number>): fc.Arbitrary<Statistic> =>
      fc.oneof({ weight: 9, arbitrary: values.map(known) }, { weight: 1, arbitrary: fc.constant(unknown('none')) })
    const evidence = fc.record<Evidence>({
      spaPValue: either(probability),
      deflatedSharpe: either(fc.constantFrom(0.9, 0.95, 0.99)),
      overfitting: fc.record({ probability: either(probability), probabilityOfLoss: either(probability), isPlateau: fc.boolean() }),
      randomEntryPValue: either(fc.constantFrom(0.01, 0.05, 0.2)),
      walkForwardNet: either(fc.constantFrom(-0.1, 0, 0.1)),
      walkForwardEfficiency: either(fc.constantFrom(0.4, 0.5, 1)),
      days: fc.constantFrom(300, 400),
      minimumTrackRecordDays: either(fc.constantFrom(300, 350)),
      trades: fc.constantFrom(99, 100, 500),
      returnAtTwiceCosts: either(fc.constantFrom(0, 0.1)),
      keptOneBarLate: either(fc.constantFrom(0.4, 0.5, 1.1)),
      pessimisticReturn: either(fc.constantFrom(0, 0.1)),
      checks: fc.array(fc.record({ name: fc.constant('a'), outcome: fc.constantFrom('passed' as const, 'failed' as const, 'not tested' as const, 'not run' as const) }), { maxLength: 2 }),
    })
    fc.assert(
      fc.property(evidence, (e) => {
        const at = (statistic: Statistic, holds: (value: number) => boolean): boolean => statistic.value !== undefined && holds(statistic.value)
        const { overfitting: o } = e
        const believe =
          at(e.spaPValue, (p) => p <= 0.05) && at(e.deflatedSharpe, (p) => p >= 0.95) && at(o.isPlateau ? o.probabilityOfLoss : o.probability, (p) => p <= 0.2) &&
          at(e.randomEntryPValue, (p) => p <= 0.05) && at(e.walkForwardNet, (net) => net > 0) && at(e.walkForwardEfficiency, (x) => x >= 0.5) &&
          at(e.minimumTrackRecordDays, (days) => e.days >= days) && e.trades >= 100 && at(e.returnAtTwiceCosts, (x) => x > 0) &&
          at(e.keptOneBarLate, (x) => x >= 0.5) && at(e.pessimisticReturn, (x) => x > 0) && e.checks.length > 0 && e.checks.every(({ outcome }) => outcome === 'passed')
        const no = at(e.spaPValue, (p) => p > 0.5) || at(e.walkForwardNet, (net) => net <= 0) || e.checks.some(({ outcome }) => outcome === 'failed')
        const { verdict, reasons } = judge(e)
        expect(verdict).toBe(no ? 'no' : believe ? 'believe' : 'not yet')
        expect(reasons.length === 0).toBe(verdict === 'believe')
      }),
      { numRuns: 3000 },
    )
  }) // prettier-ignore

  it('takes other limits where they are given', () => {
    const strict = { ...DEFAULT_VERDICT_LIMITS, trades: 500 }
    expect(judge(enough, strict).reasons).toEqual(['closed trades 100, at least 500 needed'])
  })
})

describe('figures of the sensitivity that the verdict asks for', () => {
  const outcome = (totalReturn: number) => ({ finalEquity: 1 + totalReturn, totalReturn, trades: 1 })
  const sensitivity = (base: number, late: number): Sensitivity => ({
    undecidedShare: known(0),
    pessimistic: outcome(base - 0.01),
    optimistic: outcome(base),
    costs: [1, 2, 3].map((factor) => ({ factor, outcome: outcome(base - 0.1 * (factor - 1)) })),
    oneBarLate: outcome(late),
    shuffledIds: { reason: 'one instrument' },
  })

  it('are read off the replays', () => {
    const found = summariseAssumptions(sensitivity(0.4, 0.1))
    expect(found.returnAtTwiceCosts.value).toBeCloseTo(0.3, 12)
    expect(found.keptOneBarLate.value).toBeCloseTo(0.25, 12)
    expect(found.pessimisticReturn.value).toBeCloseTo(0.39, 12)
  })

  it('are n/a where there is nothing to keep, or a replay has no outcome: never 0', () => {
    expect(summariseAssumptions(sensitivity(-0.4, -0.2)).keptOneBarLate).toEqual({ reason: 'nothing was gained that a delay could cost' })
    const missing = { ...sensitivity(0.4, 0.1), oneBarLate: { reason: 'funding is missing' }, costs: [] }
    expect(summariseAssumptions(missing).returnAtTwiceCosts).toEqual({ reason: 'not replayed' })
    expect(summariseAssumptions({ ...sensitivity(0.4, 0.1), oneBarLate: { reason: 'funding is missing' } }).keptOneBarLate).toEqual({ reason: 'funding is missing' })
  }) // prettier-ignore
})
