import { expect, it } from 'vitest'
import { HOUR_MS } from '../../src/core/time.js'
import { dataWarnings, type DataFindings } from '../../src/report/index.js'

const START = Date.UTC(2024, 0, 1)
const DAY = 24 * HOUR_MS
const day = (count: number): number => START + count * DAY

function said(changes: Partial<DataFindings> = {}): string[] {
  const findings: DataFindings = {
    asked: { startMs: day(10), endMs: day(20) },
    startTime: day(10),
    candles: [{ instrument: 'x:A', startTime: day(10), endTime: day(20) }],
    facts: [{ name: 'whales', instrument: 'x:A', newestTime: day(10) }],
    series: [{ id: 'candles/x:A@1h', flags: ['partial-universe'] }],
  }
  return dataWarnings({ ...findings, ...changes })
}

it('says nothing where the data reach as far as was asked, or nothing was asked', () => {
  expect(said()).toEqual([])
  expect(said({ asked: { startMs: -Infinity, endMs: Infinity } })).toEqual([])
})

it('says where the range reaches beyond the candles, and what was found', () => {
  expect(said({ asked: { startMs: day(9), endMs: day(20) } })).toEqual([
    'The range begins 2024-01-10 00:00 UTC, but the candles of x:A begin 2024-01-11 00:00 UTC.',
  ])
  expect(said({ asked: { startMs: day(10), endMs: day(20) + HOUR_MS } })).toEqual([
    'The range ends 2024-01-21 01:00 UTC, but the candles of x:A end 2024-01-21 00:00 UTC.',
  ])
})

it('says where instruments never have a bar together', () => {
  const candles = (end: number): DataFindings['candles'] => [
    { instrument: 'x:A', startTime: day(0), endTime: end },
    { instrument: 'x:B', startTime: day(15), endTime: day(30) },
  ]
  const asked = { startMs: -Infinity, endMs: Infinity }
  expect(said({ asked, candles: candles(day(16)) })).toEqual([])
  expect(said({ asked, candles: candles(day(15)) }).join()).toMatch(/do not overlap.*x:A .*; x:B /)
})

it('says which facts are absent or older than the run, and which series are not what they seem', () => {
  const fact = (newestTime: number | undefined): DataFindings['facts'] => [
    { name: 'whales', instrument: 'x:A', newestTime },
  ]
  expect(said({ facts: fact(undefined) }).join()).toContain('no rows of whales for x:A')
  expect(said({ facts: fact(day(10) - 1) }).join()).toMatch(/Stale: .*whales.*x:A \(2024-01-10\)/)
  const flags = said({ series: [{ id: 'a', flags: ['assumed', 'cross-venue'] }, { id: 'a', flags: ['assumed'] }] }) // prettier-ignore
  expect(flags).toEqual([
    'ASSUMED: when a row was known is assumed, not recorded: a.',
    'CROSS-VENUE: recorded at another venue than the one that is traded: a.',
  ])
})
