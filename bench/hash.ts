import { createHash } from 'node:crypto'
import type { BacktestResult } from 'baleen'
import type { TrialOutcome } from 'baleen/lab'

/** 16 hexadecimal digits of columns' bytes and texts. */
export function hashOf(...parts: readonly (ArrayLike<number> | string)[]): string {
  const hash = createHash('sha256')
  for (const part of parts)
    hash.update(typeof part === 'string' ? part : new Uint8Array(Float64Array.from(part).buffer))
  return hash.digest('hex').slice(0, 16)
}

export function outcomeHash({ tradeHash, finalEquity, maxDrawdown, dailyReturns }: TrialOutcome): string {
  return hashOf(tradeHash, [finalEquity, maxDrawdown], dailyReturns)
}

export function outcomesHash(outcomes: readonly TrialOutcome[]): string {
  return hashOf(...outcomes.map(outcomeHash))
}

export function resultHash({ fills, daily, finalEquity }: BacktestResult): string {
  return hashOf(
    fills.map((fill) => fill.time),
    fills.map((fill) => fill.price),
    fills.map((fill) => fill.quantity),
    daily.equity,
    [finalEquity],
  )
}
