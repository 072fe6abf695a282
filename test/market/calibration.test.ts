import { describe, expect, it } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import { instrumentLevels, type SimulatedMarket } from '../../src/market/index.js'
import { correlation, deviation, mean } from './edge-study.js'
import { MEASURED } from './measured.js'
import { simulate, START } from './simulated-inputs.js'

const SEEDS = [1, 2]
const DAYS = 500

function quantile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b)
  const at = (sorted.length - 1) * share
  const low = Math.floor(at)
  return sorted[low]! + (sorted[Math.min(low + 1, sorted.length - 1)]! - sorted[low]!) * (at - low)
}

function lagged(values: Float64Array, lag: number): number {
  return correlation(values.slice(lag), values.slice(0, -lag))
}

/** Everything that `MEASURED` names, of several markets at once. */
function simulatedFigures(markets: readonly SimulatedMarket[]): Record<string, number> {
  const pooled = (of: (market: SimulatedMarket) => Iterable<number>): number[] =>
    markets.flatMap((market) => [...of(market)])
  const averaged = (of: (market: SimulatedMarket) => number): number => mean(markets.map(of))
  const returnsOf = (market: SimulatedMarket, index: number): Float64Array => {
    const { candles } = market.instruments[index]!
    return candles.close.map((close, bar) => close / candles.open[bar]! - 1)
  }
  const sizes = (market: SimulatedMarket): Float64Array => returnsOf(market, 0).map(Math.abs)
  const btc = pooled((market) => returnsOf(market, 0))
  const spread = deviation(btc)
  const scaled = btc.map((value) => Math.abs(value) / spread)
  const ratioAt = (isChosen: (time: number) => boolean): number =>
    averaged((market) => {
      const all = sizes(market)
      return mean(all.filter((_, bar) => isChosen(START + bar * HOUR_MS))) / mean(all)
    })
  const dailyVolatility = (market: SimulatedMarket): number[] => {
    const returns = returnsOf(market, 0)
    return Array.from({ length: DAYS }, (_, day) =>
      Math.log(
        Math.sqrt(returns.subarray(day * 24, (day + 1) * 24).reduce((sum, value) => sum + value ** 2, 0)),
      ),
    )
  }
  const rates = (market: SimulatedMarket): Float64Array => market.instruments[0]!.funding.values['rate']!
  const changes = (lag: number): number[] =>
    pooled(({ instruments: [first] }) => {
      const level = first!.openInterest.values['openInterest']!
      return level.slice(lag).map((value, row) => value / level[row]! - 1)
    })
  const flows = (of: (inflow: number, outflow: number, supply: number) => number): number[] =>
    pooled(({ instruments: [first] }) => {
      const { inflow, outflow, supply } = first!.exchangeFlows.values
      return inflow!.map((value, row) => of(value, outflow![row]!, supply![row]!))
    })
  const inflows = flows((inflow, _, supply) => inflow / supply)
  const nets = flows((inflow, outflow, supply) => (inflow - outflow) / supply)
  const delays = pooled(({ instruments: [first] }) =>
    first!.exchangeFlows.knownAt.map(
      (known, row) => (known - first!.exchangeFlows.eventTime[row]!) / HOUR_MS,
    ),
  )
  const volumes = pooled(({ instruments: [first] }) => first!.candles.volume)
  const typicalVolume = quantile(volumes, 0.5)
  const ranges = pooled(({ instruments: [first] }) =>
    first!.candles.high.map((high, bar) => Math.log(high / first!.candles.low[bar]!)),
  )
  const snapshots = markets.map(snapshotsOf)
  const gaps = snapshots.flatMap((all) =>
    all.slice(1).map(({ time }, at) => (time - all[at]!.time) / HOUR_MS),
  )
  const wallets = snapshots.flat().map(({ sides }) => sides.size)
  const leans = snapshots.flat().map(({ lean }) => lean)
  const same = snapshots.flatMap((all) => all.slice(1).flatMap(({ sides }, at) => {
    const before = all[at]!.sides
    return [...sides].filter(([wallet]) => before.has(wallet)).map(([wallet, side]) => (before.get(wallet) === side ? 1 : 0))
  })) // prettier-ignore
  const stay = snapshots.flatMap((all) => all.slice(1).map(({ sides }, at) => {
    const listedBefore = all[at]!.sides
    return [...sides.keys()].filter((wallet) => listedBefore.has(wallet)).length / Math.min(sides.size, listedBefore.size)
  })) // prettier-ignore
  return {
    'deviation of hourly returns, BTC': spread,
    'deviation of hourly returns, ETH': deviation(pooled((market) => returnsOf(market, 1))),
    'deviation of hourly returns, SOL': deviation(pooled((market) => returnsOf(market, 2))),
    'deviation of hourly returns, DOGE': deviation(pooled((market) => returnsOf(market, 3))),
    'kurtosis of hourly returns': mean(btc.map((value) => value ** 4)) / spread ** 4,
    'size of hourly return over its deviation, median': quantile(scaled, 0.5),
    'size of hourly return over its deviation, 95 %': quantile(scaled, 0.95),
    'size of hourly return over its deviation, 99.9 %': quantile(scaled, 0.999),
    'autocorrelation of sizes after 1 h': averaged((market) => lagged(sizes(market), 1)),
    'autocorrelation of sizes after 24 h': averaged((market) => lagged(sizes(market), 24)),
    'deviation of log daily volatility': averaged((market) => deviation(dailyVolatility(market))),
    'correlation of hourly returns, BTC and ETH': averaged((market) => correlation(returnsOf(market, 0), returnsOf(market, 1))), // prettier-ignore
    'correlation of hourly returns, BTC and DOGE': averaged((market) => correlation(returnsOf(market, 0), returnsOf(market, 3))), // prettier-ignore
    'Saturday over mean size of hourly return': ratioAt((time) => new Date(time).getUTCDay() === 6),
    '14:00 over mean size of hourly return': ratioAt((time) => (time % DAY_MS) / HOUR_MS === 14),
    'funding, 5 %': quantile(pooled(rates), 0.05),
    'funding, median': quantile(pooled(rates), 0.5),
    'funding, 95 %': quantile(pooled(rates), 0.95),
    'funding, share at the usual rate': mean(pooled(rates).map((rate) => (rate === 0.0001 ? 1 : 0))),
    'autocorrelation of funding after 8 h': averaged((market) => lagged(rates(market), 1)),
    'size of hourly change of open interest, median': quantile(changes(1).map(Math.abs), 0.5),
    'daily change of open interest, 5 %': quantile(changes(24), 0.05),
    'daily change of open interest, 95 %': quantile(changes(24), 0.95),
    'inflow over supply, median': quantile(inflows, 0.5),
    'inflow over supply, 95 %': quantile(inflows, 0.95),
    'net inflow over supply, 25 %': quantile(nets, 0.25),
    'net inflow over supply, 75 %': quantile(nets, 0.75),
    'net inflow over supply, deviation': deviation(nets),
    'hours until flows are known, 5 %': quantile(delays, 0.05),
    'hours until flows are known, median': quantile(delays, 0.5),
    'hours until flows are known, 95 %': quantile(delays, 0.95),
    'hours until flows are known, longest': quantile(delays, 1),
    'hours between whale snapshots, median': quantile(gaps, 0.5),
    'hours between whale snapshots, 95 %': quantile(gaps, 0.95),
    'wallets in a snapshot, median': quantile(wallets, 0.5),
    'wallets in a snapshot, fewest': quantile(wallets, 0),
    'wallets in a snapshot, most': quantile(wallets, 1),
    'lean of whales in BTC, 5 %': quantile(leans, 0.05),
    'lean of whales in BTC, median': quantile(leans, 0.5),
    'lean of whales in BTC, 95 %': quantile(leans, 0.95),
    'same side from one snapshot to the next': mean(same),
    'wallets that stay from one snapshot to the next': quantile(stay, 0.5),
    'median leverage': quantile(pooled(({ whales }) => whales.leverage), 0.5), // prettier-ignore
    'median position, USD': quantile(pooled(({ whales }) => whales.notional), 0.5), // prettier-ignore
    'volume of an hour over its median, 5 %': quantile(volumes, 0.05) / typicalVolume,
    'volume of an hour over its median, 95 %': quantile(volumes, 0.95) / typicalVolume,
    'range of an hour, median': quantile(ranges, 0.5),
  }
}

interface Snapshot {
  readonly time: number
  /** Of each wallet: its largest position. */
  readonly sides: ReadonlyMap<string, string>
  /** (long − short) / (long + short) among wallets whose largest position is in BTC. */
  readonly lean: number
}

function snapshotsOf({ whales }: SimulatedMarket): Snapshot[] {
  const snapshots: Snapshot[] = []
  const { eventTime, wallet, asset, side, notional } = whales
  for (let start = 0; start < eventTime.length;) {
    const largest = new Map<string, number>()
    let row = start
    for (; row < eventTime.length && eventTime[row] === eventTime[start]; row++) {
      const best = largest.get(wallet[row]!)
      if (best === undefined || notional[row]! > notional[best]!) largest.set(wallet[row]!, row)
    }
    const inBtc = [...largest.values()].filter((position) => asset[position] === 'BTC')
    const longs = inBtc.filter((position) => side[position] === 'long').length
    snapshots.push({
      time: eventTime[start]!,
      sides: new Map([...largest].map(([name, position]) => [name, side[position]!])),
      lean: (2 * longs - inBtc.length) / inBtc.length,
    })
    start = row
  }
  return snapshots
}

describe('simulated figures', () => {
  const instruments = instrumentLevels(4)
  const markets = SEEDS.map((seed) => simulate(seed, { bars: 24 * DAYS, instruments }))
  const figures = simulatedFigures(markets)

  it.each(MEASURED)('$name: simulated within $from and $to, measured $measured', ({ name, from, to }) => {
    expect(figures[name]).toBeGreaterThanOrEqual(from)
    expect(figures[name]).toBeLessThanOrEqual(to)
  })

  it('are all compared', () => {
    expect(Object.keys(figures).sort()).toEqual(MEASURED.map(({ name }) => name).sort())
    // The table of docs/simulator.md.
    if (process.env['BALEEN_PRINT_FIGURES'] !== undefined)
      for (const { name, measured, from, to } of MEASURED)
        console.log(`| ${name} | ${measured.join(' / ')} | ${Number(figures[name]!.toPrecision(3))} | ${from} to ${to} |`) // prettier-ignore
  })
})
