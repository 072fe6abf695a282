import fc from 'fast-check'
import { expect, test } from 'vitest'
import type { BacktestResult } from '../../src/core/result.js'
import { replay } from '../../src/engine/replay.js'
import { generateCase, optionsOf, type GeneratedCase, type GeneratedMarket } from '../ledger/generate.js'

/** A price p becomes 1,024 − p: what was a long's fall is a short's rise. Exact, since prices are whole 64ths. */
const MIRROR = 1_024
const SWAPPED: Readonly<Record<string, string>> = {
  L: 'S',
  S: 'L',
  l: 's',
  s: 'l',
  X: 'Y',
  Y: 'X',
  U: 'u',
  u: 'U',
}

/** Settings in which nothing depends on the level of prices: distances by range, sizes by risk, no fees, no slippage. */
function symmetric(seed: number): GeneratedCase {
  const generated = generateCase(seed, true)
  const markets = generated.markets.map((market): GeneratedMarket => {
    const { score } = market.script
    return {
      ...market,
      instrument: { ...market.instrument, kind: 'perpetual', minNotional: 0, takerFee: 0, makerFee: 0 },
      script: {
        ...market.script,
        ...(score && { score: score.map((value) => Math.round(value * 16) / 16) }),
      },
      funding: market.funding && { ...market.funding, mark: market.funding.mark.map(() => 100) },
    }
  })
  const trails = generated.risk.trailing?.kind === 'atr'
  return {
    ...generated,
    markets,
    slippageBps: 0,
    risk: {
      ...generated.risk,
      sizing: { kind: 'risk' },
      riskPerTrade: 0.0001,
      maxPosition: 1,
      conviction: 'off',
      stop: { kind: 'atr', multiple: 2, period: 14 },
      target: { kind: 'reward-to-risk', ratio: 1.5 },
      trailing: trails ? { kind: 'atr', multiple: 1, period: 14, activation: 0 } : { kind: 'none' },
      allowShort: true,
    },
  }
}

function mirrored(generated: GeneratedCase): GeneratedCase {
  const markets = generated.markets.map((market): GeneratedMarket => {
    const { candles, script, funding } = market
    const turned = (column: Float64Array): Float64Array => column.map((price) => MIRROR - price)
    return {
      ...market,
      candles: {
        ...candles,
        open: turned(candles.open),
        high: turned(candles.low),
        low: turned(candles.high),
        close: turned(candles.close),
      },
      script: {
        ...script,
        says: [...script.says].map((letter) => SWAPPED[letter] ?? letter).join(''),
        ...(script.score && { score: script.score.map((score) => 1 - score) }),
      },
      funding: funding && { ...funding, rate: funding.rate.map((rate) => -rate) },
    }
  })
  return { ...generated, markets }
}

function view({ fills, equity, trades }: BacktestResult, turn: boolean): object {
  const price = (value: number): number => (turn ? MIRROR - value : value)
  return {
    fills: fills.map((fill) => ({
      ...fill,
      side: turn ? -fill.side : fill.side,
      price: price(fill.price),
      slippage: fill.slippage + 0,
    })),
    equity: equity.equity,
    adverse: equity.adverse,
    profits: trades.map(({ profit, exitReason, undecided }) => ({ profit, exitReason, undecided })),
  }
}

test('a market upside down, with long and short swapped, gives the same money from the same moments', () => {
  let fills = 0
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 0x7fffffff }), (seed) => {
      const generated = symmetric(seed)
      // Near zero a long's stop would lie below it, which no short can mirror.
      fc.pre(generated.markets.every(({ candles }) => candles.low.every((low) => low > 16)))
      const upright = replay(optionsOf(generated))
      expect(view(replay(optionsOf(mirrored(generated))), true)).toEqual(view(upright, false))
      fills += upright.fills.length
    }),
    { numRuns: 500, seed: 20240104 },
  )
  expect(fills).toBeGreaterThan(2_000)
})
