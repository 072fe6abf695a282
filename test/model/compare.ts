import type { BacktestResult } from '../../src/core/result.js'
import type { GeneratedCase } from './generate.js'
import type { ModelResult } from './world.js'

type Figures = Readonly<Record<string, number | string | boolean>>

/** Figures that may differ by rounding; all others are equal or the engine is wrong. Averages of several fills round on any grid. */
const ROUNDED = ['price', 'quantity', 'fee', 'fees', 'slippage', 'funding', 'profit', 'equity']
const AVERAGED = ['entryPrice', 'exitPrice']

const PRECISION = 1e-12

/** Where engine and model first differ, in words: trades first, then fills, then equity. Undefined where they agree. */
export function firstDifference(
  generated: GeneratedCase,
  engine: BacktestResult,
  model: ModelResult,
): string | undefined {
  const turnover = model.fills.reduce((sum, { price, quantity }) => sum + price * quantity, 0)
  // Sums of whole powers of two are exact, unless an average of several fills comes into them.
  const isExact = generated.dyadic && generated.costs.participation === undefined
  const sumsAreExact = isExact && generated.risk.target?.kind !== 'ladder'
  const agree = (what: string, name: string, one: unknown, other: unknown): boolean => {
    if (Object.is(one, other) || one === other) return true
    if (typeof one !== 'number' || typeof other !== 'number') return false
    const isFill = what.startsWith('fill')
    const mayRound = AVERAGED.includes(name) || (ROUNDED.includes(name) && !(isFill ? isExact : sumsAreExact))
    const difference = Math.abs(one - other)
    const isMoney = name !== 'price' && !AVERAGED.includes(name)
    // A quantity is money over a price, and no price is below 1.
    const slack = Math.max(Math.abs(one), Math.abs(other), isMoney ? turnover : 0)
    return mayRound && difference <= PRECISION * slack
  }
  const compare = (
    what: string,
    ours: readonly Figures[],
    theirs: readonly Figures[],
  ): string | undefined => {
    for (let at = 0; at < Math.max(ours.length, theirs.length); at++) {
      const [one, other] = [ours[at], theirs[at]]
      const names = Object.keys(one ?? other ?? {})
      const differing = names.filter((name) => !agree(what, name, one?.[name], other?.[name]))
      if (one === undefined || other === undefined || differing.length > 0)
        return `${what} ${at} differs in ${differing.join(', ')}\n  engine ${show(one)}\n  model  ${show(other)}`
    }
    return undefined
  }
  for (const index of generated.markets.keys()) {
    const id = generated.markets[index]?.instrument.id as string
    const found =
      compare(`trade of ${id}`, engineTrades(engine, id), modelTrades(model, index)) ??
      compare(`fill of ${id}`, engineFills(engine, index), modelFills(model, index))
    if (found !== undefined) return found
  }
  return (
    compare('day', engineDays(engine), modelDays(model)) ??
    compare('end', [{ equity: engine.finalEquity }], [{ equity: model.finalEquity }])
  )
}

function show(figures: Figures | undefined): string {
  if (figures === undefined) return 'has none'
  return Object.entries(figures)
    .map(([name, value]) => `${name} ${name.endsWith('ime') ? new Date(Number(value)).toISOString() : value}`)
    .join(', ')
}

function engineTrades({ trades }: BacktestResult, id: string): Figures[] {
  return trades
    .filter(({ instrumentId }) => instrumentId === id)
    .map((trade) => ({
      side: trade.side,
      status: trade.status,
      entryTime: trade.entryTime,
      exitTime: trade.exitTime,
      reason: trade.exitReason,
      entryBar: trade.entryBar,
      exitBar: trade.exitBar,
      undecided: trade.undecided,
      entryPrice: trade.entryPrice,
      exitPrice: trade.exitPrice,
      quantity: trade.quantity,
      fees: trade.fees,
      slippage: trade.slippage,
      funding: trade.funding,
      profit: trade.profit,
    }))
}

function modelTrades({ trades }: ModelResult, index: number): Figures[] {
  return trades
    .filter(({ instrument }) => instrument === index)
    .map((trade) => ({
      side: trade.side,
      status: trade.status,
      entryTime: trade.entryTime,
      exitTime: trade.exitTime,
      reason: trade.reason,
      entryBar: trade.entryBar,
      exitBar: trade.exitBar,
      undecided: trade.undecided,
      entryPrice: trade.entryPrice,
      exitPrice: trade.exitPrice,
      quantity: trade.quantity,
      fees: trade.fees,
      slippage: trade.slippage,
      funding: trade.funding,
      profit: trade.profit,
    }))
}

function engineFills({ fills }: BacktestResult, index: number): Figures[] {
  return fills
    .filter(({ instrument }) => instrument === index)
    .map(({ time, role, side, price, quantity, fee, slippage }) => ({
      time,
      role,
      side,
      price,
      quantity,
      fee,
      slippage,
    }))
}

function modelFills({ fills }: ModelResult, index: number): Figures[] {
  return fills
    .filter(({ instrument }) => instrument === index)
    .map(({ time, role, side, price, quantity, fee, slippage }) => ({
      time,
      role,
      side,
      price,
      quantity,
      fee,
      slippage,
    }))
}

function engineDays({ daily }: BacktestResult): Figures[] {
  return Array.from(daily.time, (time, day) => ({ time, equity: daily.equity[day] as number }))
}

function modelDays({ dailyTime, dailyEquity }: ModelResult): Figures[] {
  return dailyTime.map((time, day) => ({ time, equity: dailyEquity[day] as number }))
}
