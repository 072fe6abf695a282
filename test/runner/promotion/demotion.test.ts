import { expect, it } from 'vitest'
import { known, unknown } from '../../../src/metrics/statistic.js'
import { demotionRules, noDemotionFigures, type DemotionFigures, type DemotionRule } from '../../../src/runner/promotion/demotion.js' // prettier-ignore

/** Each figure stands where its rule is not met yet, by the least. */
const fine: DemotionFigures = {
  aboveBand: known(0),
  drawdown: known(0.15),
  bootstrapDrawdown: known(0.1),
  quotedGapBps: known(6),
  modelGapBps: known(3),
  coverage: known(0.9),
  dailyHalts: known(1),
  parityDifferences: known(0),
  unknownOrders: known(0),
}
const ruleOf = (changed: Partial<DemotionFigures>, key: string): DemotionRule =>
  demotionRules({ ...fine, ...changed }).find((one) => one.key === key)!
const statesBut = (key: string, changed: Partial<DemotionFigures>): string[] =>
  demotionRules({ ...fine, ...changed }).flatMap((one) => (one.key === key ? [] : [one.state]))

it('no rule is met where every figure stands at its threshold', () => {
  expect(demotionRules(fine).map(({ state }) => state)).toEqual(Array(7).fill('not met'))
})

it.each<[string, Partial<DemotionFigures>, string, string]>([
  ['band', { aboveBand: known(-0.0001) }, '-0.01 %', 'below 0 %'],
  ['drawdown', { drawdown: known(0.1501) }, '15.01 %', 'above 15 %'],
  ['drawdown', { bootstrapDrawdown: known(0.0999) }, '15 %', 'above 14.985 %'],
  ['fill-gap', { quotedGapBps: known(6.01) }, '6.01 bps', 'above 6 bps'],
  ['fill-gap', { modelGapBps: known(0) }, '6 bps', 'above 0 bps'],
  ['coverage', { coverage: known(0.8999) }, '89.99 %', 'below 90 %'],
  ['daily-halts', { dailyHalts: known(2) }, '2', 'at least 2'],
  ['parity', { parityDifferences: known(1) }, '1', 'above 0'],
  ['unknown-orders', { unknownOrders: known(1) }, '1', 'above 0'],
])('%s is met just past its threshold, alone', (key, changed, found, threshold) => {
  expect(ruleOf(changed, key)).toMatchObject({ state: 'met', found, threshold })
  expect(statesBut(key, changed)).toEqual(Array(6).fill('not met'))
})

it.each<[keyof DemotionFigures, string]>([
  ['aboveBand', 'band'],
  ['drawdown', 'drawdown'],
  ['bootstrapDrawdown', 'drawdown'],
  ['quotedGapBps', 'fill-gap'],
  ['modelGapBps', 'fill-gap'],
  ['coverage', 'coverage'],
  ['dailyHalts', 'daily-halts'],
  ['parityDifferences', 'parity'],
  ['unknownOrders', 'unknown-orders'],
])('without %s the rule is n/a for its reason, neither met nor fine', (figure, key) => {
  const changed = { [figure]: unknown('never measured') }
  expect(ruleOf(changed, key)).toMatchObject({ state: 'n/a', reason: 'never measured' })
  expect(statesBut(key, changed)).toEqual(Array(6).fill('not met'))
})

it('nothing is known of nothing', () => {
  const rules = demotionRules(noDemotionFigures(unknown('no session')))
  expect(rules.map(({ state, found, reason }) => [state, found, reason])).toEqual(Array(7).fill(['n/a', 'n/a', 'no session'])) // prettier-ignore
})
