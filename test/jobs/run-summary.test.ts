import { expect, it } from 'vitest'
import { notesFor } from '../../src/jobs/run-summary.js'
import type { UsedSeries } from '../../src/store/run-data.js'

const strategy = { notes: ['Trades seldom.'], chosenOn: ['Thresholds were chosen on data up to 2026-03.'] }
const series = (...flags: string[]): UsedSeries => ({
  instrumentId: 'x:BTC',
  use: 'candles',
  seriesId: 'candles/x:BTC@1h',
  sha256: '',
  flags,
})

it('says what was chosen on recorded data wherever some are recorded, and not where all are invented', () => {
  const said = (...used: UsedSeries[]): readonly string[] => notesFor(strategy, { used })
  expect(said(series('synthetic'), series('gaps', 'synthetic'))).toEqual(strategy.notes)
  for (const used of [[series('synthetic'), series()], [series('partial-universe')], []])
    expect(said(...used)).toEqual([...strategy.notes, ...strategy.chosenOn])
})
