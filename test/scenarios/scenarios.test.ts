import { describe, expect, test } from 'vitest'
import { ConfigError, DataError } from '../../src/core/errors.js'
import type { BacktestResult } from '../../src/core/result.js'
import { ACCOUNTS } from './accounts.js'
import { BOTH_LEVELS } from './both-levels.js'
import { DAILY_LOSS } from './daily-loss.js'
import { DATED_TERMS } from './dated-terms.js'
import { FUNDING } from './funding.js'
import { GAPS_AND_ENDS } from './gaps-and-ends.js'
import { HALF_SPREAD } from './half-spread.js'
import { LADDERS } from './ladders.js'
import { LEVERAGE } from './leverage.js'
import { LIMIT_ENTRIES } from './limit-entries.js'
import { MARKET_ORDERS } from './market-orders.js'
import { PARTICIPATION } from './participation.js'
import { RULES_OF_EXIT } from './rules-of-exit.js'
import {
  MEETINGS,
  ORDER_TYPES,
  marketsOf,
  play,
  timeOf,
  type Cell,
  type ExpectedFill,
  type ReplayPathKind,
  type Scenario,
} from './scenario.js'
import { SIZING } from './sizing.js'
import { STOP_ENTRIES } from './stop-entries.js'
import { STOPS } from './stops.js'
import { TARGETS } from './targets.js'
import { TRAILING_STOPS } from './trailing-stops.js'

const TABLE: Readonly<Record<string, readonly Scenario[]>> = {
  'market orders': MARKET_ORDERS,
  stops: STOPS,
  targets: TARGETS,
  'both levels in one bar': BOTH_LEVELS,
  'trailing stops': TRAILING_STOPS,
  'time exits and re-arming': RULES_OF_EXIT,
  'daily loss': DAILY_LOSS,
  'missing bars and the end': GAPS_AND_ENDS,
  funding: FUNDING,
  sizing: SIZING,
  'several instruments': ACCOUNTS,
  'limit entries': LIMIT_ENTRIES,
  'stop entries': STOP_ENTRIES,
  ladders: LADDERS,
  'leverage and liquidation': LEVERAGE,
  participation: PARTICIPATION,
  'half spread': HALF_SPREAD,
  'dated terms': DATED_TERMS,
}

/** Cells of order type × side × meeting that no case can stand in, and why. */
const NO_LEVEL = 'a market order has no level that a bar could touch, trade through or share with another'
const EMPTY_CELLS: Readonly<Partial<Record<Cell, string>>> = {
  'market entry long touch': NO_LEVEL,
  'market entry long through': NO_LEVEL,
  'market entry long both': NO_LEVEL,
  'market entry short touch': NO_LEVEL,
  'market entry short through': NO_LEVEL,
  'market entry short both': NO_LEVEL,
  'market exit long touch': NO_LEVEL,
  'market exit long through': NO_LEVEL,
  'market exit long both': NO_LEVEL,
  'market exit short touch': NO_LEVEL,
  'market exit short through': NO_LEVEL,
  'market exit short both': NO_LEVEL,
}

const all = Object.values(TABLE).flat()

const PATHS: readonly ReplayPathKind[] = ['skipping', 'bar-by-bar']

describe.each(PATHS)('%s', (path) => {
  describe.each(Object.entries(TABLE))('%s', (_group, scenarios) => {
    test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
      if (scenario.fails !== undefined) {
        expect(() => play(scenario, path)).toThrow(DataError)
        expect(() => play(scenario, path)).toThrow(scenario.fails)
        return
      }
      if (scenario.refused !== undefined) {
        expect(() => play(scenario, path)).toThrow(ConfigError)
        expect(() => play(scenario, path)).toThrow(scenario.refused)
        return
      }
      compare(scenario, play(scenario, path))
    })
  })
})

describe('the grid', () => {
  test('has a case or a named reason in every cell, and never both', () => {
    const covered = new Set(all.flatMap(({ cells }) => cells ?? []))
    const grid = ORDER_TYPES.flatMap((type) =>
      (['long', 'short'] as const).flatMap((side) =>
        MEETINGS.map((meeting): Cell => `${type} ${side} ${meeting}`),
      ),
    )
    expect(grid.filter((cell) => !covered.has(cell) && EMPTY_CELLS[cell] === undefined)).toEqual([])
    expect(grid.filter((cell) => covered.has(cell) && EMPTY_CELLS[cell] !== undefined)).toEqual([])
  })

  test('names every case once', () => {
    const names = all.map(({ name }) => name)
    expect(names.filter((name, at) => names.indexOf(name) !== at)).toEqual([])
  })
})

/** Decimal figures typed by hand against doubles: equal to 12 digits. */
function near(actual: number, expected: number): boolean {
  return Math.abs(actual - expected) <= 1e-12 * Math.max(1, Math.abs(expected)) * 10
}

/** How often the fills, as typed, come back to nothing held: the trades that closed; and in how many instruments they do not. */
function tripsOf(fills: readonly ExpectedFill[]): { closed: number; open: number } {
  const held = new Map<string, number>()
  let closed = 0
  for (const [, , side, quantity, , , id = 'test:A'] of fills) {
    const now = (held.get(id) ?? 0) + (side === 'buys' ? quantity : -quantity)
    const isFlat = Math.abs(now) < 1e-9
    held.set(id, isFlat ? 0 : now)
    if (isFlat) closed++
  }
  return { closed, open: [...held.values()].filter((quantity) => quantity !== 0).length }
}

function compare(scenario: Scenario, result: BacktestResult): void {
  const ids = marketsOf(scenario).map(({ id }) => id ?? 'test:A')
  const filled = result.fills.map((fill) => ({
    time: fill.time,
    role: fill.role,
    side: fill.side,
    quantity: fill.quantity,
    price: fill.price,
    fee: fill.fee,
    id: ids[fill.instrument],
  }))
  const expected = scenario.fills.map(([at, role, side, quantity, price, fee, id = 'test:A'], index) => {
    // Within rounding of the typed figure, the engine's own digits stand in for it, so that a difference prints readably.
    const actual = filled[index]
    const digits = (typed: number, found: number | undefined): number =>
      found !== undefined && near(found, typed) ? found : typed
    return {
      time: timeOf(scenario, at),
      role,
      side: side === 'buys' ? 1 : -1,
      quantity: digits(quantity, actual?.quantity),
      price: digits(price, actual?.price),
      fee: digits(fee, actual?.fee),
      id,
    }
  })
  expect(filled).toEqual(expected)

  const closed = result.trades.filter(({ status }) => status === 'closed')
  expect({ closed: closed.length, open: result.trades.length - closed.length }).toEqual(
    tripsOf(scenario.fills),
  )
  if (scenario.trades !== undefined) {
    expect(closed.map(({ exitReason }) => exitReason)).toEqual(scenario.trades.map(([reason]) => reason))
    scenario.trades.forEach(([, profit, exitPrice], at) => {
      expect(closed[at]?.profit).toBeCloseTo(profit, 9)
      if (exitPrice !== undefined) expect(closed[at]?.exitPrice).toBeCloseTo(exitPrice, 9)
    })
  }
  for (const [reason, count] of Object.entries(scenario.blocked ?? {})) {
    expect({ [reason]: result.funnel.blocked[reason as keyof typeof result.funnel.blocked] }).toEqual({
      [reason]: count,
    })
  }
  if (scenario.entryOrders !== undefined) expect(result.funnel.entryOrders).toBe(scenario.entryOrders)
  if (scenario.boundBy !== undefined)
    expect(result.trades.map(({ sizeBoundBy }) => sizeBoundBy)).toEqual(scenario.boundBy)
  if (scenario.undecided !== undefined) expect(result.undecidedExits).toBe(scenario.undecided)
  if (scenario.funding !== undefined) expect(result.costs.funding).toBeCloseTo(scenario.funding, 9)
  if (scenario.slippage !== undefined) expect(result.costs.slippage).toBeCloseTo(scenario.slippage, 9)
  if (scenario.flags !== undefined) expect(result.flags.map(({ code }) => code)).toEqual(scenario.flags)
  if (scenario.finalEquity !== undefined) expect(result.finalEquity).toBeCloseTo(scenario.finalEquity, 9)
}
