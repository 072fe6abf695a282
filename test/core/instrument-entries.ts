import fc from 'fast-check'
import type { MarginTerms, MarginTier } from '../../src/core/instrument.js'
import { DAY_MS } from '../../src/core/time.js'

/** An entry of an instruments file as a user could write it. */
export type WrittenEntry = Readonly<Record<string, unknown>>

export const PLAIN_ENTRY: WrittenEntry = {
  id: 'x:A-PERP',
  kind: 'perpetual',
  base: 'A',
  quote: 'USD',
  tickSize: 0.1,
  lotSize: 0.001,
  minNotional: 5,
  makerFee: 0.0002,
  takerFee: 0.0005,
}

const fraction = fc.double({ min: 0.01, max: 0.99, noNaN: true })

/** Tiers that keep every rule: the k-th rate is a rising part of 1 / its leverage. */
export const tiersArbitrary: fc.Arbitrary<MarginTier[]> = fc
  .array(
    fc.record({
      step: fc.integer({ min: 1, max: 10_000_000 }),
      leverage: fc.integer({ min: 1, max: 125 }),
      part: fraction,
    }),
    { minLength: 1, maxLength: 8 },
  )
  .map((drawn) => {
    const leverages = drawn.map(({ leverage }) => leverage).sort((a, b) => b - a)
    const parts = drawn.map(({ part }) => part).sort((a, b) => a - b)
    let begun = 0
    return drawn.map(({ step }, at) => {
      if (at > 0) begun += step
      const maxLeverage = leverages[at] as number
      return { fromNotional: begun, maintenanceRate: (parts[at] as number) / maxLeverage, maxLeverage }
    })
  })

export const marginArbitrary: fc.Arbitrary<MarginTerms> = fc.record({
  tiers: tiersArbitrary,
  liquidationFee: fc.double({ min: 0, max: 0.1, noNaN: true }),
})

const amount = fc.double({ min: 0, max: 1e6, noNaN: true })
// JSON writes −0 as 0.
const fee = fc.double({ min: -0.01, max: 0.1, noNaN: true }).map((value) => value + 0)
const source = fc.string({ minLength: 1 }).filter((text) => text.trim() === text)

const terms = {
  tickSize: amount,
  lotSize: amount,
  minNotional: amount,
  makerFee: fee,
  takerFee: fee,
  margin: marginArbitrary,
}

const START = Date.UTC(2020, 0, 1)

/** Changes of terms of a perpetual as the engine gets them: rising times, each changing something. */
export const changesArbitrary: fc.Arbitrary<{ from: number }[]> = fc
  .array(
    fc.record(terms, { requiredKeys: [] }).filter((change) => Object.keys(change).length > 0),
    { maxLength: 5 },
  )
  .chain((changes) =>
    fc
      .uniqueArray(fc.integer({ min: 0, max: 3_000 }), {
        minLength: changes.length,
        maxLength: changes.length,
      })
      .map((days) =>
        days.sort((a, b) => a - b).map((day, at) => ({ from: START + day * DAY_MS, ...changes[at] })),
      ),
  )

/** Perpetuals with any of the optional keys but fee tiers, and what they say of time as UTC days or instants. */
export const entryArbitrary: fc.Arbitrary<WrittenEntry> = fc
  .record({
    plain: fc.record({
      tickSize: amount,
      lotSize: amount,
      minNotional: amount,
      makerFee: fee,
      takerFee: fee,
    }),
    margin: fc.option(marginArbitrary, { nil: undefined }),
    changes: changesArbitrary,
    source,
    listed: fc.integer({ min: 0, max: 1_000 }),
    life: fc.integer({ min: 1, max: 1_000 }),
    keys: fc.subarray(['listed', 'delisted']),
  })
  .map(({ plain, margin, changes, source, listed, life, keys }) => ({
    ...PLAIN_ENTRY,
    ...plain,
    source,
    ...(margin === undefined ? {} : { margin }),
    ...(changes.length === 0
      ? {}
      : { changes: changes.map((change) => ({ ...change, from: isoOf(change.from), source })) }),
    ...(keys.includes('listed') ? { listed: isoOf(START + listed * DAY_MS) } : {}),
    ...(keys.includes('delisted')
      ? { delisted: new Date(START + (listed + life) * DAY_MS).toISOString() }
      : {}),
  }))

function isoOf(time: number): string {
  return new Date(time).toISOString().slice(0, 10)
}
