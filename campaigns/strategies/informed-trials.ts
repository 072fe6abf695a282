import { above, below, confirmation, defineStrategy, ema, int, lag, real } from 'baleen'

/** Hours of a month: what was so long ago says nothing of the next hour. */
const MONTH_BARS = 720

/** Reads what the simulator lets be known, at once or too late: of five values of `monthsLate` one carries the edge. */
export default defineStrategy({
  name: 'informed-trials',
  description: 'Follows the smoothed confirmation, known at once or months late.',
  params: {
    monthsLate: int(0, 0, 4, { unit: 'months' }),
    smooth: int(2, 12, 72, { unit: 'bars' }),
    enterFrom: real(0.5, 0.55, 0.8, { unit: 'score' }),
  },
  features: ({ monthsLate, smooth }) => {
    const known = ema(confirmation({ maxAgeHours: 1 }), smooth)
    return { known: monthsLate === 0 ? known : lag(known, MONTH_BARS * monthsLate) }
  },
  enterLong: ({ known }, p) => above(known, p.enterFrom),
  exitLong: ({ known }) => below(known, 0.5),
  enterShort: ({ known }, p) => below(known, 1 - p.enterFrom),
  exitShort: ({ known }) => above(known, 0.5),
  risk: () => ({ maxPosition: 0.4, riskPerTrade: 0.2, allowShort: true }),
})
