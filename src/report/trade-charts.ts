import { DAY_MS } from '../core/time.js'
import type { Trade } from '../core/trades.js'
import type { CostAttribution } from '../metrics/cost-attribution.js'
import { formatValue } from '../metrics/format.js'
import type { TradeGroup } from '../metrics/trade-groups.js'
import { binned } from './histogram.js'
import { safe, type Markup } from './markup.js'
import { chartGrid, type PageKit, vegaChart } from './page/index.js'

const percent = (value: number): string => formatValue(value, 'fraction')
const money = (value: number): string => formatValue(value, 'money')
/** More dots than this tell no more. */
const MOST_DOTS = 1_500

/** Excursions, holding times, hours and weekdays of closed trades. */
export function tradeCharts(
  kit: PageKit,
  closed: readonly Trade[],
  groups: { readonly hour: readonly TradeGroup[]; readonly weekday: readonly TradeGroup[] },
): Markup {
  return chartGrid(
    excursionChart(kit, closed, 'maxAdverseExcursion'),
    excursionChart(kit, closed, 'maxFavourableExcursion'),
    profitChart(kit, closed),
    holdingChart(kit, closed),
    groupChart(kit, 'Net profit by hour of entry, UTC', groups.hour),
    groupChart(kit, 'Net profit by weekday of entry, UTC', groups.weekday),
  )
}

/** Of many trades those with the largest gains and losses, and of the rest every so many: extremes are always drawn. */
function drawn(trades: readonly Trade[]): readonly Trade[] {
  if (trades.length <= MOST_DOTS) return trades
  const bySize = [...trades].sort((a, b) => Math.abs(b.profitFraction) - Math.abs(a.profitFraction))
  const rest = bySize.slice(MOST_DOTS / 2)
  const every = Math.ceil(rest.length / (MOST_DOTS / 2))
  return [...bySize.slice(0, MOST_DOTS / 2), ...rest.filter((_, at) => at % every === 0)]
}

function excursionChart(kit: PageKit, closed: readonly Trade[], key: 'maxAdverseExcursion' | 'maxFavourableExcursion'): Markup {
  const isAdverse = key === 'maxAdverseExcursion'
  const dots = drawn(closed).map((trade) => ({
    x: Math.abs(trade[key]),
    y: trade.profitFraction,
    id: trade.id,
    excursion: percent(trade[key]),
    result: percent(trade.profitFraction),
    reason: trade.exitReason,
  }))
  const words = isAdverse ? 'Worst excursion against the trade (MAE)' : 'Best excursion in its favour (MFE)'
  return vegaChart(kit, {
    title: isAdverse ? 'MAE against result' : 'MFE against result',
    note: `One dot a trade, result net of costs, of notional.${dots.length < closed.length ? ` ${formatValue(dots.length, 'count')} of ${formatValue(closed.length, 'count')}: the largest results, and every so many of the others.` : ''}`,
    spec: {
      data: { values: dots },
      width: 'container',
      height: 220,
      mark: { type: 'point', filled: true, size: 22, opacity: 0.65 },
      encoding: {
        x: { field: 'x', type: 'quantitative', scale: { padding: 6 }, axis: { format: '~%', title: words, grid: true, tickCount: 6 } },
        y: { field: 'y', type: 'quantitative', scale: { padding: 8 }, axis: { format: '~%', title: 'result', tickCount: 6 } },
        color: { condition: { test: 'datum.y > 0', value: 'var(--gain)' }, value: 'var(--loss)' },
        tooltip: [{ field: 'id', title: 'Trade' }, { field: 'excursion', title: isAdverse ? 'MAE' : 'MFE' }, { field: 'result', title: 'Result' }, { field: 'reason', title: 'Exit' }],
      },
    },
  })
} // prettier-ignore

function profitChart(kit: PageKit, closed: readonly Trade[]): Markup {
  const bins = binned(closed.map(({ profitFraction }) => profitFraction)).map((bin) => ({ ...bin, range: `${percent(bin.from)} to ${percent(bin.to)}` })) // prettier-ignore
  return histogram(kit, 'Distribution of results', bins, '~%', 'result, of notional', true)
}

function holdingChart(kit: PageKit, closed: readonly Trade[]): Markup {
  const days = closed.map(({ entryTime, exitTime }) => (exitTime - entryTime) / DAY_MS)
  const longest = days.reduce((most, value) => Math.max(most, value), 0)
  const [scale, unit] = longest >= 4 ? [1, 'days'] : longest * 24 >= 4 ? [24, 'hours'] : [1440, 'minutes']
  const bins = binned(days.map((value) => value * scale)).map((bin) => ({
    ...bin,
    range: `${formatValue(bin.from / scale, 'days')} to ${formatValue(bin.to / scale, 'days')}`,
  }))
  return histogram(kit, 'Holding times', bins, ',~r', unit, false)
}

function histogram(kit: PageKit, title: string, bins: readonly object[], format: string, axis: string, isSigned: boolean): Markup {
  return vegaChart(kit, {
    title,
    spec: {
      data: { values: bins },
      width: 'container',
      height: 190,
      mark: { type: 'bar', binSpacing: 1 },
      encoding: {
        x: { field: 'from', type: 'quantitative', bin: { binned: true }, axis: { format, title: axis, tickCount: 7 } },
        x2: { field: 'to' },
        y: { field: 'count', type: 'quantitative', axis: { title: 'trades', tickCount: 5, format: '~d', tickMinStep: 1 } },
        color: isSigned ? { condition: { test: 'datum.to <= 0', value: 'var(--loss)' }, value: 'var(--gain)' } : { value: 'var(--strategy)' },
        tooltip: [{ field: 'range', title: 'From' }, { field: 'count', title: 'Trades' }],
      },
    },
  })
} // prettier-ignore

function groupChart(kit: PageKit, title: string, groups: readonly TradeGroup[]): Markup {
  const rows = groups.map(({ key, trades, netProfit, winRate }) => ({
    key,
    trades,
    value: netProfit,
    text: money(netProfit),
    wins: winRate.value === undefined ? `n/a (${winRate.reason})` : percent(winRate.value),
  }))
  return vegaChart(kit, {
    title,
    spec: {
      data: { values: rows },
      width: 'container',
      height: 190,
      mark: { type: 'bar' },
      encoding: {
        x: { field: 'key', type: 'ordinal', sort: null, axis: { title: null, labelAngle: 0, labelOverlap: true, ...(rows.length <= 7 && { labelExpr: 'slice(datum.label, 0, 3)' }) } },
        y: { field: 'value', type: 'quantitative', axis: { title: null, tickCount: 5, format: '~s' } },
        color: { condition: { test: 'datum.value > 0', value: 'var(--gain)' }, value: 'var(--loss)' },
        tooltip: [{ field: 'key', title: 'Entered' }, { field: 'text', title: 'Net profit' }, { field: 'trades', title: 'Trades' }, { field: 'wins', title: 'Win rate' }],
      },
    },
  })
} // prettier-ignore

/** From what decisions earned at undisturbed prices to what was left: what each cost took. */
export function costChart(kit: PageKit, costs: CostAttribution): Markup {
  const { gross, fees, slippage, funding, net } = costs
  const afterFees = gross - fees
  const afterSlippage = afterFees - slippage
  const steps = [
    { name: 'Gross', from: 0, to: gross, change: gross, kind: 'total' },
    { name: 'Fees', from: gross, to: afterFees, change: -fees, kind: 'cost' },
    { name: 'Slippage', from: afterFees, to: afterSlippage, change: -slippage, kind: 'cost' },
    { name: 'Funding', from: afterSlippage, to: afterSlippage + funding, change: funding, kind: funding < 0 ? 'cost' : 'gain' }, // prettier-ignore
    { name: 'Net', from: 0, to: net, change: net, kind: 'total' },
  ].map((step) => ({ ...step, text: money(step.change), top: Math.max(step.from, step.to) }))
  return safe`${vegaChart(kit, {
    title: 'What costs took',
    note: 'Quote units, open trades at their last mark. Gross is at undisturbed prices; received funding is positive.',
    spec: {
      data: { values: steps },
      width: 'container',
      height: 220,
      encoding: { x: { field: 'name', type: 'ordinal', sort: null, axis: { title: null, labelAngle: 0 } } },
      layer: [
        {
          mark: { type: 'bar', size: 44 },
          encoding: {
            y: { field: 'from', type: 'quantitative', axis: { title: null, tickCount: 5, format: '~s' } },
            y2: { field: 'to' },
            color: { field: 'kind', legend: null, scale: { domain: ['total', 'cost', 'gain'], range: ['var(--strategy)', 'var(--loss)', 'var(--gain)'] } },
            tooltip: [{ field: 'name', title: 'What' }, { field: 'text', title: 'Amount' }],
          },
        },
        { mark: { type: 'text', dy: -8 }, encoding: { y: { field: 'top', type: 'quantitative' }, text: { field: 'text' } } },
      ],
    },
  })}` // prettier-ignore
}
