import type { FactColumns } from '../core/columns.js'
import { DAY_MS } from '../core/time.js'
import type { InstrumentLevels } from './instruments.js'
import { CONFIRMATION, FLOWS, OPEN_INTEREST } from './levels.js'
import { autoregress, Normals, persistenceOf, uniform, type RandomGenerator } from './random.js'
import { hourAt, instants, type Timeline } from './timeline.js'

/** Mean open interest of each hour, in base units, stamped with the hour's open and known when it is over. It moves more when prices do. */
export function simulateOpenInterest(
  timeline: Timeline,
  levels: InstrumentLevels,
  sentiment: Float64Array,
  volatility: Float64Array,
  random: RandomGenerator,
): FactColumns {
  const normals = new Normals(random)
  const eventTime = instants(timeline, OPEN_INTEREST.intervalMs).filter(
    (time) => time + OPEN_INTEREST.intervalMs <= timeline.endTime,
  )
  const reversion = persistenceOf(OPEN_INTEREST.reversionHalfLifeMs, OPEN_INTEREST.intervalMs)
  let logDeviation = 0
  const openInterest = eventTime.map((time) => {
    const hour = hourAt(timeline, time)
    const push = OPEN_INTEREST.perSentimentPerHour * sentiment[hour]!
    const noise = OPEN_INTEREST.noisePerRootHour * volatility[hour]! * normals.next()
    logDeviation = reversion * logDeviation + push + noise
    return roundTo(levels.openInterest * Math.exp(logDeviation), 3)
  })
  return {
    eventTime,
    knownAt: eventTime.map((time) => time + OPEN_INTEREST.knownAfterMs),
    values: { openInterest },
  }
}

/** Exchange inflow, outflow and supply of each whole UTC day, in base units, stamped with the day's open and known 26-70 h after it. */
export function simulateExchangeFlows(
  timeline: Timeline,
  levels: InstrumentLevels,
  sentiment: Float64Array,
  random: RandomGenerator,
): FactColumns {
  const normals = new Normals(random)
  const days = instants(timeline, DAY_MS).filter((day) => day + DAY_MS <= timeline.endTime)
  const columns = { inflow: column(days), outflow: column(days), supply: column(days) }
  const knownAt = column(days)
  let supply = levels.exchangeSupply
  let bustle = normals.next()
  days.forEach((day, index) => {
    const mood = mean(sentiment, hourAt(timeline, day), hourAt(timeline, day + DAY_MS - 1) + 1)
    const surprise = FLOWS.netNoise * Math.exp(FLOWS.netTail * normals.next()) * normals.next()
    const net = supply * (FLOWS.netLevel + FLOWS.netPerSentiment * mood + surprise)
    bustle = autoregress(bustle, FLOWS.throughputPersistence, normals.next())
    const throughput = supply * FLOWS.throughputOverSupply * Math.exp(FLOWS.throughputLogDeviation * bustle)
    columns.inflow[index] = roundTo(throughput + Math.max(net, 0), 4)
    columns.outflow[index] = roundTo(throughput + Math.max(-net, 0), 4)
    supply += net
    columns.supply[index] = roundTo(supply, 4)
    const longest =
      uniform(random) < FLOWS.chanceOfLongLag ? FLOWS.longestLagMs - FLOWS.shortestLagMs : FLOWS.usualSpreadMs
    knownAt[index] = day + FLOWS.shortestLagMs + Math.floor(uniform(random) * longest)
  })
  return sortedByKnownAt({ eventTime: days, knownAt, values: columns })
}

/** A third party's composite for long and for short, each oriented to its own direction, at half past each hour. */
export function simulateConfirmations(
  timeline: Timeline,
  sentiment: Float64Array,
  random: RandomGenerator,
): FactColumns {
  const normals = new Normals(random)
  const eventTime = instants(timeline, CONFIRMATION.intervalMs, CONFIRMATION.offsetMs)
  const long = eventTime.map((time) => {
    const opinion =
      CONFIRMATION.perSentiment * sentiment[hourAt(timeline, time)]! + CONFIRMATION.noise * normals.next()
    return roundTo(Math.min(1, Math.max(-1, opinion)), 4)
  })
  return {
    eventTime,
    knownAt: eventTime.map((time) => time + CONFIRMATION.knownAfterMs),
    values: { long, short: long.map((composite) => 0 - composite) },
  }
}

function column(like: Float64Array): Float64Array {
  return new Float64Array(like.length)
}

function mean(values: Float64Array, start: number, end: number): number {
  let sum = 0
  for (let index = start; index < end; index++) sum += values[index]!
  return sum / (end - start)
}

function roundTo(value: number, digits: number): number {
  const scale = 10 ** digits
  return Math.round(value * scale) / scale
}

/** Facts in the order in which they become known: one known late may be overtaken by the next. */
export function sortedByKnownAt({ eventTime, knownAt, values }: FactColumns): FactColumns {
  const order = Array.from(knownAt.keys()).sort(
    (a, b) => knownAt[a]! - knownAt[b]! || eventTime[a]! - eventTime[b]!,
  )
  return pickRows({ eventTime, knownAt, values }, order)
}

/** These rows, in this order. */
export function pickRows({ eventTime, knownAt, values }: FactColumns, rows: readonly number[]): FactColumns {
  const pick = (column: Float64Array): Float64Array => Float64Array.from(rows, (row) => column[row]!)
  return {
    eventTime: pick(eventTime),
    knownAt: pick(knownAt),
    values: Object.fromEntries(Object.entries(values).map(([name, column]) => [name, pick(column)])),
  }
}
