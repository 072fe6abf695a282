import { describe, expect, test } from 'vitest'
import { DataError } from '../../src/core/errors.js'
import type { BacktestResult } from '../../src/core/result.js'
import { ACCOUNTS } from './accounts.js'
import { BOTH_LEVELS } from './both-levels.js'
import { DAILY_LOSS } from './daily-loss.js'
import { FUNDING } from './funding.js'
import { GAPS_AND_ENDS } from './gaps-and-ends.js'
import { MARKET_ORDERS } from './market-orders.js'
import { RULES_OF_EXIT } from './rules-of-exit.js'
import { MEETINGS, ORDER_TYPES, marketsOf, play, timeOf, type Cell, type Scenario } from './scenario.js'
import { SIZING } from './sizing.js'
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
}

/** Cells of order type × side × meeting that no case can stand in, and why. */
const NO_LEVEL = 'a market order has no level that a bar could touch, trade through or share with another'
const NOT_BUILT = 'limit entries are not built yet'
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
  'limit entry long gap': NOT_BUILT,
  'limit entry long touch': NOT_BUILT,
  'limit entry long through': NOT_BUILT,
  'limit entry long both': NOT_BUILT,
  'limit entry short gap': NOT_BUILT,
  'limit entry short touch': NOT_BUILT,
  'limit entry short through': NOT_BUILT,
  'limit entry short both': NOT_BUILT,
}

const all = Object.values(TABLE).flat()

describe.each(Object.entries(TABLE))('%s', (_group, scenarios) => {
  test.each(scenarios.map((scenario) => [scenario.name, scenario] as const))('%s', (_name, scenario) => {
    if (scenario.fails !== undefined) {
      expect(() => play(scenario)).toThrow(DataError)
      expect(() => play(scenario)).toThrow(scenario.fails)
      return
    }
    compare(scenario, play(scenario))
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
  expect(result.fills.length).toBe(2 * closed.length + result.trades.length - closed.length)
  if (scenario.trades !== undefined) {
    expect(closed.map(({ exitReason }) => exitReason)).toEqual(scenario.trades.map(([reason]) => reason))
    scenario.trades.forEach(([, profit], at) => expect(closed[at]?.profit).toBeCloseTo(profit, 9))
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
  if (scenario.flags !== undefined) expect(result.flags.map(({ code }) => code)).toEqual(scenario.flags)
  if (scenario.finalEquity !== undefined) expect(result.finalEquity).toBeCloseTo(scenario.finalEquity, 9)
}
