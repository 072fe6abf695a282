import {
  DAY_MS,
  HOUR_MS,
  MINUTE_MS,
  type Candles,
  type FactColumns,
  type FundingSchedule,
  type Instrument,
} from 'baleen'

/** All data of the benchmark are invented here from seeds: a random walk at Bitcoin's usual 60 % a year, no tick, no lot. */
const YEARLY_VOLATILITY = 0.6
const YEAR_MS = 365 * DAY_MS
export const START = Date.UTC(2022, 0, 1)

export function instrumentNamed(base: string): Instrument {
  return {
    id: `walk:${base}USDT-PERP`,
    venue: 'walk',
    kind: 'perpetual',
    base,
    quote: 'USDT',
    tickSize: 0,
    lotSize: 0,
    minNotional: 0,
    makerFee: 0.0002,
    takerFee: 0.0005,
  }
}

/** Uniform in [0, 1): a linear congruential generator (Numerical Recipes), the same numbers on every machine. */
export function uniform(seed: number): () => number {
  let state = seed >>> 0
  for (let skip = 0; skip < 8; skip++) state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
  return () => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0
    return state / 4_294_967_296
  }
}

export function sharedColumn(length: number): Float64Array {
  return new Float64Array(new SharedArrayBuffer(length * 8))
}

export function openTimes(bars: number, timeframeMs: number): Float64Array {
  const times = sharedColumn(bars)
  for (let bar = 0; bar < bars; bar++) times[bar] = START + bar * timeframeMs
  return times
}

/** Makes something when it is first asked for, and only then: a process that measures its memory holds nothing else. */
export function once<T>(make: () => T): () => T {
  let made: { readonly value: T } | undefined
  return () => (made ??= { value: make() }).value
}

/** A walk whose bars have the standard deviation of their timeframe; highs and lows lie a few tenths of it outside open and close. */
export function walk(
  bars: number,
  timeframeMs: number,
  seed: number,
  openTime: Float64Array = openTimes(bars, timeframeMs),
): Candles {
  const random = uniform(seed)
  const deviation = YEARLY_VOLATILITY * Math.sqrt(timeframeMs / YEAR_MS)
  const [open, high, low, close, volume] = Array.from({ length: 5 }, () => sharedColumn(bars)) as [
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
    Float64Array,
  ]
  let price = 100
  for (let bar = 0; bar < bars; bar++) {
    const before = price
    // The sum of three has the deviation ½: a bell without logarithms.
    price *= 1 + (random() + random() + random() - 1.5) * 2 * deviation
    open[bar] = before
    close[bar] = price
    high[bar] = Math.max(before, price) * (1 + random() * 0.8 * deviation)
    low[bar] = Math.min(before, price) * (1 - random() * 0.8 * deviation)
    volume[bar] = 1 + random()
  }
  return { timeframeMs, openTime, open, high, low, close, volume }
}

/** 1 on one bar in a hundred, chosen by a hash of its number, else 0: known at the bar's close, kept as changes. */
export function onePercent({ openTime, timeframeMs }: Candles): Readonly<Record<string, FactColumns>> {
  const time: number[] = []
  const pick: number[] = []
  let last = -1
  for (let bar = 0; bar < openTime.length; bar++) {
    let mixed = Math.imul(bar ^ (bar >>> 16), 0x85ebca6b)
    mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
    const isPicked = ((mixed ^ (mixed >>> 16)) >>> 0) % 100 === 0 ? 1 : 0
    if (isPicked === last) continue
    last = isPicked
    time.push((openTime[bar] as number) + timeframeMs)
    pick.push(isPicked)
  }
  const known = Float64Array.from(time)
  return { picks: { eventTime: known, knownAt: known, values: { pick: Float64Array.from(pick) } } }
}

/** Every 8 hours, up to ±0.01 %, with a mark. */
export function funding({ openTime, close, timeframeMs }: Candles): FundingSchedule {
  const every = (8 * HOUR_MS) / timeframeMs
  const count = Math.floor((openTime.length - 1) / every)
  const column = (of: (settlement: number) => number): Float64Array =>
    Float64Array.from({ length: count }, (_, at) => of(at))
  return {
    time: column((at) => START + (at + 1) * 8 * HOUR_MS),
    rate: column((at) => Math.sin(at) * 1e-4),
    mark: column((at) => close[(at + 1) * every - 1] as number),
  }
}

/** What the smart-money score reads: whales every 4 hours, funding every 8, open interest and confirmations every hour, flows a day. */
export function smartMoneyFacts({ openTime, timeframeMs }: Candles): Readonly<Record<string, FactColumns>> {
  const end = (openTime[openTime.length - 1] as number) + timeframeMs
  const series = (
    seed: number,
    everyMs: number,
    knownAfterMs: number,
    row: (random: () => number) => Readonly<Record<string, number>>,
  ): FactColumns => {
    const random = uniform(seed)
    const rows = Array.from({ length: Math.floor((end - START) / everyMs) }, () => row(random))
    const eventTime = Float64Array.from(rows, (_, at) => START + at * everyMs)
    return {
      eventTime,
      knownAt: eventTime.map((time) => time + knownAfterMs),
      values: Object.fromEntries(
        Object.keys(rows[0] ?? {}).map((name) => [
          name,
          Float64Array.from(rows, (one) => one[name] as number),
        ]),
      ),
    }
  }
  let openInterest = 10_000
  return {
    whales: series(2, 4 * HOUR_MS, HOUR_MS / 2, (random) => {
      const longs = Math.floor(random() * 50)
      return { longs, shorts: 50 - longs, wallets: 50 }
    }),
    funding: series(3, 8 * HOUR_MS, 0, (random) => {
      const rate8h = (random() - 0.4) * 0.001
      return { rate: rate8h, rate8h, intervalMs: 8 * HOUR_MS }
    }),
    'open-interest': series(4, HOUR_MS, MINUTE_MS, (random) => {
      openInterest *= 1 + (random() - 0.5) * 0.06
      return { openInterest }
    }),
    'exchange-flows': series(5, DAY_MS, 30 * HOUR_MS, (random) => ({
      inflow: random() * 100,
      outflow: random() * 100,
      supply: 8_000,
    })),
    confirmation: series(6, HOUR_MS, 1_000, (random) => {
      const long = random() * 2 - 1
      return { long, short: -long, veto: random() < 0.1 ? 1 : 0, available: 1 }
    }),
  }
}
