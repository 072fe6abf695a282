import type { BlockReason, Funnel } from '../core/result.js'
import { formatValue } from '../metrics/format.js'
import { table, type Table } from './table.js'

const BLOCK_WORDS: Readonly<Record<BlockReason, string>> = {
  'in-position': 'a position was open already',
  'long-and-short': 'long and short held together',
  'exit-on-same-bar': 'an exit came on the same bar',
  'not-shortable': 'the instrument or the settings allow no short',
  'not-rearmed': 'not re-armed since the last exit',
  halted: 'daily loss limit reached',
  'order-on-same-bar': 'an order had filled on that bar',
  'no-stop': 'no stop distance was known',
  'no-capital': 'no free capital',
  'max-positions': 'most positions were open',
  'min-notional': 'under the minimum notional',
  lot: 'less than one lot',
  stale: 'the order waited too long for a bar',
  'end-of-data': 'the data ended before it could fill',
  'no-price': 'no distance of the order from the price was known',
  unfilled: 'the price never came to the order',
  withdrawn: 'the signal turned, or the day was halted, before it could fill',
  'no-volume': 'the volume was too small, or unknown',
  delisted: 'the instrument left the venue',
}

/** The way from bars to fills, one line a stage, each with what was lost on the way. */
export function funnelTable(funnel: Funnel): Table {
  const share = (count: number): string =>
    funnel.bars === 0 ? 'n/a' : formatValue(count / funnel.bars, 'fraction')
  const stage = (name: string, count: number): string[] => [name, formatValue(count, 'count'), share(count)]
  const blocked = blockedReasons(funnel).map(([reason, count]) =>
    stage(`  blocked: ${BLOCK_WORDS[reason]}`, count),
  )
  return table(
    'From bars to fills',
    ['Stage', 'Count#', 'Of all bars#'],
    [
      stage('Bars, over all instruments', funnel.bars),
      stage('Warm-up over', funnel.warm),
      stage('Usable signal (coverage enough)', funnel.covered),
      stage('Entry condition held', funnel.signals),
      ...blocked,
      stage('Entry orders', funnel.entryOrders),
      stage('Entry fills', funnel.entryFills),
    ],
  )
}

function blockedReasons(funnel: Funnel): [BlockReason, number][] {
  return (Object.entries(funnel.blocked) as [BlockReason, number][])
    .filter(([, count]) => count > 0)
    .sort(([, a], [, b]) => b - a)
}

/** Why a run made no trade, in one sentence: the first stage at which nothing was left. Undefined where it did trade. */
export function whyNoTrades(funnel: Funnel, warmUpBars?: number): string | undefined {
  if (funnel.entryFills > 0) return undefined
  if (funnel.bars === 0) return 'No trades: the range holds no bar.'
  if (funnel.warm === 0) {
    const needed = warmUpBars === undefined ? '' : ` (${warmUpBars} bars are needed)`
    return `No trades: the warm-up was never over${needed}; take more history or a shorter one.`
  }
  if (funnel.covered === 0) return 'No trades: no bar had a usable signal, since too few legs had fresh data.'
  if (funnel.signals === 0) return 'No trades: the entry condition never held.'
  const [most] = blockedReasons(funnel)
  if (most !== undefined) {
    const [reason, count] = most
    return `No trades: the entry condition held on ${funnel.signals} bars, but ${BLOCK_WORDS[reason]} on ${count} of them.`
  }
  return `No trades: ${funnel.entryOrders} orders were made and none filled.`
}
