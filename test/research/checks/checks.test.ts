import { describe, expect, it } from 'vitest'
import type { InstrumentData } from '../../../src/engine/options.js'
import * as b from '../../../src/index.js'
import { measureWarmUp } from '../../../src/research/checks/warm-up.js'
import { candlesOf, dataOf, instrumentOf, scriptedStrategy } from '../../engine/scripted.js'
import { checked, HONEST, optionsFor, walkData, withColumn } from './planted.js'

const data = walkData(600, 8)
const rules = (features: Record<string, b.Feature>): b.CompiledDefinition =>
  b.compileStrategy(
    b.defineStrategy({
      name: 'rules',
      description: '',
      params: {},
      features: () => features,
      enterLong: () => b.above(b.close, 0),
    }),
  )

it('an honest strategy passes all of them, and its luck survives a bar of delay', () => {
  const all = checked(optionsFor(HONEST, [data]), HONEST, HONEST)
  expect(Object.values(all).map(({ key, outcome }) => [key, outcome])).toEqual([
    ['determinism', 'passed'],
    ['truncation', 'passed'],
    ['shuffled-future', 'passed'],
    ['foresight', 'passed'],
    ['warm-up', 'passed'],
    ['one-bar-late', 'passed'],
    ['legs', 'passed'],
  ])
})

describe('determinism', () => {
  it('catches a function that remembers, and then compares no cut runs', () => {
    let calls = 0
    const remembering = b.compileStrategy(
      b.defineStrategy({
        name: 'remembers', description: '', params: {},
        features: () => ({ close: b.close }),
        signal: () => (calls++ % 1000) / 1000,
      }), // prettier-ignore
    )
    const all = checked(optionsFor(remembering, [data]))
    expect(all.determinism).toMatchObject({ outcome: 'failed', divergence: { column: 'signal.score' } })
    expect(all.truncation).toMatchObject({ outcome: 'not run' })
    expect(all['warm-up']).toMatchObject({ outcome: 'not run' })
  })

  it('catches a decision that is drawn, by its fills', () => {
    let calls = 0
    const drawn = b.compileStrategy(
      b.defineStrategy({
        name: 'drawn', description: '', params: {},
        features: () => ({ close: b.close }),
        decide: (_row, { side }) => (++calls % 7 === 0 ? (side === 0 ? 'enter-long' : 'exit') : 'hold'),
      }), // prettier-ignore
    )
    const { determinism } = checked(optionsFor(drawn, [data]))
    expect(determinism.outcome).toBe('failed')
    expect(determinism.divergence!.column).toMatch(/^fill \d+, entry/)
  })
})

describe('warm-up', () => {
  it('an average of n bars needs n, an exponential one many more, a fact none', () => {
    const found = measureWarmUp(rules({ mean: b.sma(b.close, 20), slow: b.ema(b.close, 20), flow: b.fact('exchange-flows', 'inflow') }), data, 20)! // prettier-ignore
    const bars = Object.fromEntries(found.columns.map((one) => [one.column, one.bars]))
    expect(bars).toMatchObject({ mean: 20, flow: 1 })
    expect(bars['slow']).toBeGreaterThan(20)
    expect(bars['slow']).toBeLessThan(150)
  })

  it('fails where the run decides before the columns have settled, and passes where its range begins later', () => {
    const strategy = rules({ slow: b.ema(b.close, 20) })
    const at = (startTime: number): string => {
      const { outcome, detail } = checked(optionsFor(strategy, [data], { startTime }))['warm-up']
      return `${outcome}: ${detail}`
    }
    expect(at(-Infinity)).toMatch(/^failed: slow of test:A needs up to \d+ bars .*the run decides after/)
    expect(at(data.candles.openTime[200]!)).toMatch(/^passed: the slowest column, slow of test:A/)
  })

  it('fails for a column that never forgets where the data begin', () => {
    const sums = withColumn('sum', ({ candles: { close } }) => {
      let sum = 0
      return close.map((price) => (sum += price))
    })
    const all = checked(optionsFor(sums, [data], { startTime: data.candles.openTime[200]! }))
    expect(all['warm-up']).toMatchObject({ outcome: 'failed' })
    expect(all['warm-up'].detail).toContain('sum of test:A still depends on where the data begin')
    expect(all.truncation.outcome).toBe('passed')
  })
})

describe('foresight', () => {
  const planted = (delayBars: number): InstrumentData => {
    const { openTime, close, timeframeMs } = data.candles
    const time = openTime.map((open) => open + timeframeMs)
    // What the close of the bar after the one that was known at the time did, or of one long gone.
    const value = close.map((_, bar) => (close[bar + 1 - delayBars] ?? NaN) - (close[bar - delayBars] ?? NaN))
    return { ...data, facts: { ...data.facts, tips: { eventTime: time, knownAt: time, values: { mood: value } } } } // prettier-ignore
  }

  it('catches a table of facts that holds the next bar, though no cut can show it', () => {
    const tips = rules({ tip: b.fact('tips', 'mood') })
    const all = checked(optionsFor(tips, [planted(0)]))
    expect(all.truncation.outcome).toBe('passed')
    expect(all.foresight.outcome).toBe('failed')
    expect(all.foresight.detail).toMatch(/(tips\.mood|tip) of test:A has a rank correlation of (1\.00|0\.9\d) with the return of the next bar/) // prettier-ignore
  })

  it('catches the closes of the next bars by their changes', () => {
    const { openTime, close, timeframeMs } = data.candles
    const time = openTime.map((open) => open + timeframeMs)
    const next = close.map((_, bar) => close[bar + 1] ?? NaN)
    const given = { ...data, facts: { prices: { eventTime: time, knownAt: time, values: { close: next } } } }
    const { foresight } = checked(optionsFor(rules({ next: b.fact('prices', 'close') }), [given]))
    expect(foresight.outcome).toBe('failed')
    expect(foresight.detail).toContain('change of prices.close of test:A')
  })

  it('lets pass what only knows the past', () => {
    expect(checked(optionsFor(rules({ tip: b.fact('tips', 'mood') }), [planted(1)])).foresight.outcome).toBe('passed') // prettier-ignore
  })
})

describe('one bar late', () => {
  /** Every third bar rises by 5 % and falls back over the next two. */
  const rows = Array.from({ length: 90 }, (_, bar): [number, number, number, number] =>
    bar % 3 === 1 ? [100, 105, 100, 105] : bar % 3 === 2 ? [105, 105, 102, 102] : [102, 102, 100, 100],
  )
  const run = (says: string, bars: typeof rows): ReturnType<typeof checked>['one-bar-late'] => {
    const candles = candlesOf(bars)
    const one = dataOf(candles, instrumentOf({ kind: 'spot' }))
    // The delayed and the cut strategies ask for other candles: the same script serves all.
    const script = { says: says.repeat(bars.length / says.length) }
    const scripts = { get: () => script } as unknown as ReadonlyMap<typeof candles, typeof script>
    return checked(optionsFor(scriptedStrategy(scripts, {}), [one], { costs: { slippageBps: 0 } }))['one-bar-late'] // prettier-ignore
  }

  it('fails what lives on the moment of its fills, with both returns', () => {
    const { outcome, detail } = run('Ll.', rows)
    expect(outcome).toBe('failed')
    expect(detail).toMatch(/^-[\d.]+ % in place of [\d.]+ %/)
  })

  it('passes what does not', () => {
    const rising = Array.from({ length: 90 }, (_, bar): [number, number, number, number] => [100 + bar, 101 + bar, 100 + bar, 101 + bar]) // prettier-ignore
    expect(run(`L${'.'.repeat(89)}`, rising).outcome).toBe('passed')
  })

  it('says nothing of a run that gained nothing', () => {
    expect(run('.', rows).outcome).toBe('not run')
  })
})

describe('legs and facts', () => {
  const legs = b.compileStrategy(
    b.defineStrategy({
      name: 'legs', description: '', params: {},
      features: () => {
        const flow = b.clamp(b.div(b.fact('exchange-flows', 'inflow'), 100), 0, 1)
        const other = b.clamp(b.div(b.fact('nowhere', 'value'), 100), 0, 1)
        return { flow, other, ...b.combineLegs([{ weight: 0.5, leg: flow }, { weight: 0.5, leg: other }], { minimumCoverage: 0.5 }) }
      },
      score: 'score',
    }), // prettier-ignore
  )

  it('are not tested where a fact is absent and a leg never speaks, by name', () => {
    const found = checked(optionsFor(legs, [data]), legs, legs).legs
    expect(found.outcome).toBe('not tested')
    expect(found.detail).toContain('no nowhere for test:A')
    expect(found.detail).toContain('other of test:A is known on 0.00 % of the bars')
  })

  it('passes where all of it is there', () => {
    const nowhere = data.facts['exchange-flows']!
    const whole = { ...data, facts: { ...data.facts, nowhere: { ...nowhere, values: { value: nowhere.values['inflow']! } } } } // prettier-ignore
    const found = checked(optionsFor(legs, [whole], { startTime: data.candles.openTime[100]! }), legs, legs).legs // prettier-ignore
    expect([found.outcome, found.detail]).toEqual(['passed', found.detail])
  })
})
