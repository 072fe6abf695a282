import { expect, it } from 'vitest'
import { known, unknown } from '../../src/metrics/statistic.js'
import { countFigures } from '../../src/research/signal-figures.js'
import type { EntriesOfSide } from '../../src/research/signal-study.js'

type Horizon = EntriesOfSide['horizons'][number]

const horizon = (mean: number, lower: number, upper: number, pValue: number): Horizon => ({
  horizon: 1,
  entries: 9,
  meanReturn: known(mean),
  anyTime: known(0),
  excess: known(mean),
  bandLower: known(lower),
  bandUpper: known(upper),
  pValue: known(pValue),
})

it('counts entries by the band that the table shows, whatever the p-value says of a lopsided one', () => {
  const noBand = unknown('too few')
  const horizons: Horizon[] = [
    horizon(0.02, -0.03, 0.03, 0.04), // p under 5 %, inside the band
    horizon(0.04, -0.03, 0.03, 0.06), // outside the band
    horizon(-0.04, -0.03, 0.03, 0.01), // outside on the other side
    horizon(0.03, -0.03, 0.03, 0.05), // on its edge: not outside
    { ...horizon(0.5, 0, 0, 0.001), bandLower: noBand, bandUpper: noBand, pValue: noBand },
  ]
  const counted = countFigures(undefined, [{ side: 'long', entries: 9, meanGap: known(3), horizons }])
  expect(counted).toMatchObject({ figures: 4, beyond: 2, expectedByLuck: 0.2 })
})
