import { formatUtc } from '../../src/core/time.js'
import type { TimeLevel, TimeMark, TradeMarks } from '../../src/report/page/chart-data.js'
import { formatAs } from './format.js'

/** The marks and levels that show round trips: a triangle where each began, a cross where it ended, its stop and target between. */
export function tradeMarks(trades: TradeMarks): { readonly marks: TimeMark[]; readonly levels: TimeLevel[] } {
  const marks: TimeMark[] = []
  const levels: TimeLevel[] = []
  trades.id.forEach((id, row) => {
    const isLong = trades.side[row] === 1
    const [from, to] = [trades.entryTime[row]!, trades.exitTime[row]!]
    const [entry, exit] = [trades.entryPrice[row]!, trades.exitPrice[row]!]
    const [stop, target] = [trades.stopPrice[row] ?? null, trades.targetPrice[row] ?? null]
    const isGain = trades.profit[row]! > 0
    const result = `${formatAs(trades.profit[row]!, 'money')} (${formatAs(trades.profitFraction[row]!, 'fraction')}) net`
    const name = `#${id} ${isLong ? 'long' : 'short'}`
    levels.push({ from, to, value: entry, endValue: exit, ink: isGain ? 'gain' : 'loss' })
    if (stop !== null) levels.push({ from, to, value: stop, ink: 'loss', isDashed: true })
    if (target !== null) levels.push({ from, to, value: target, ink: 'gain', isDashed: true })
    marks.push(
      {
        time: from,
        value: entry,
        shape: isLong ? 'up' : 'down',
        ink: isLong ? 'strategy' : 'benchmark',
        lines: [
          `Entry ${name}`,
          `${formatUtc(from)} at ${formatAs(entry, 'price')}`,
          ...(stop === null ? [] : [`Stop ${formatAs(stop, 'price')}`]),
          ...(target === null ? [] : [`Target ${formatAs(target, 'price')}`]),
          result,
        ],
      },
      {
        time: to,
        value: exit,
        shape: 'cross',
        ink: isGain ? 'gain' : 'loss',
        lines: [
          `Exit ${name}: ${trades.exitReasons[trades.exitReason[row]!] ?? ''}`,
          `${formatUtc(to)} at ${formatAs(exit, 'price')}`,
          result,
        ],
      },
    )
  })
  return { marks, levels }
}
