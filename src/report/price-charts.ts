import { durationName } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import { safe, type Markup } from './markup.js'
import { choice, timeChart } from './page/index.js'
import { TIME_GROUP } from './return-charts.js'
import type { InstrumentCharts, RunCharts } from './run-charts.js'
import type { RunSummary } from './run-summary.js'
import { shownTrades, tradeMarksOf } from './trade-list.js'

/** What lists of instruments change together. */
export const INSTRUMENT_LINK = 'instrument'

/** Candles of each instrument with entries, exits, and stops as they were first set. */
export function priceCharts(summary: RunSummary, charts: RunCharts): Markup {
  const { shown } = shownTrades(summary.result.trades)
  const chart = ({ id, candles }: InstrumentCharts): Markup => {
    if (candles.time.length === 0) return safe`<p class="note">${id} has no bar inside the run.</p>`
    const { barsPerCandle, time, ...columns } = candles
    const trades = shown.filter(({ instrumentId }) => instrumentId === id)
    return timeChart({
      title: `${id} and its trades`,
      height: 380,
      note: `Each candle is ${barsPerCandle === 1 ? 'one bar' : `${formatValue(barsPerCandle, 'count')} bars`} of ${durationName(summary.result.timeframeMs)}. Triangle up: long entry; down: short entry; cross: exit. Dashed: stop and target as set at the entry, where there are few enough to tell apart; a trailing stop moves on from there. Point at a mark for its trade.`,
      data: { group: TIME_GROUP, unit: 'price', time, series: [], candles: columns, trades: tradeMarksOf(trades) },
    })
  } // prettier-ignore
  const parts = charts.instruments.map((one) => [one.id, chart(one)] as const)
  return choice('prices', 'Instrument', parts, INSTRUMENT_LINK)
}
