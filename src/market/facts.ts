import type { FactColumns } from '../core/columns.js'
import { DAY_MS, HOUR_MS } from '../core/time.js'
import { CONFIRMATION, FLOWS, OPEN_INTEREST, type InstrumentLevels } from './levels.js'
import { gaussian, persistenceOf, uniform, type RandomGenerator } from './random.js'
import { barAt, instants, type Timeline } from './timeline.js'

/** Open interest at each full hour, in base units, known a minute later. */
export function simulateOpenInterest(
  timeline: Timeline,
  levels: InstrumentLevels,
  sentiment: Float64Array,
  random: RandomGenerator,
): FactColumns {
  const eventTime = instants(timeline, OPEN_INTEREST.intervalMs)
  const reversion = persistenceOf(OPEN_INTEREST.reversionHalfLifeMs, OPEN_INTEREST.intervalMs)
  const rootHours = Math.sqrt(OPEN_INTEREST.intervalMs / HOUR_MS)
  let logDeviation = 0
  const openInterest = eventTime.map((time) => {
    const push = OPEN_INTEREST.perSentimentPerHour * sentiment[barAt(timeline, time)]!
    const noise = OPEN_INTEREST.noisePerRootHour * rootHours * gaussian(random)
    logDeviation = reversion * logDeviation + push * (OPEN_INTEREST.intervalMs / HOUR_MS) + noise
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
  const days = instants(timeline, DAY_MS).filter(
    (day) => day + DAY_MS <= timeline.startTime + timeline.bars * timeline.timeframeMs,
  )
  const columns = { inflow: column(days), outflow: column(days), supply: column(days) }
  const knownAt = column(days)
  let supply = levels.exchangeSupply
  days.forEach((day, index) => {
    const mood = mean(sentiment, barAt(timeline, day), barAt(timeline, day + DAY_MS - 1) + 1)
    const net = supply * (FLOWS.netLevel + FLOWS.netPerSentiment * mood + FLOWS.netNoise * gaussian(random))
    const throughput = supply * FLOWS.inflowOverSupply * Math.exp(FLOWS.logDeviation * gaussian(random))
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
  const eventTime = instants(timeline, CONFIRMATION.intervalMs, CONFIRMATION.offsetMs)
  const long = eventTime.map((time) => {
    const opinion =
      CONFIRMATION.perSentiment * sentiment[barAt(timeline, time)]! + CONFIRMATION.noise * gaussian(random)
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

/** A day known late may be overtaken by the next one. */
function sortedByKnownAt(facts: FactColumns): FactColumns {
  const order = Array.from(facts.knownAt.keys()).sort(
    (a, b) => facts.knownAt[a]! - facts.knownAt[b]! || facts.eventTime[a]! - facts.eventTime[b]!,
  )
  const pick = (values: Float64Array): Float64Array => Float64Array.from(order, (row) => values[row]!)
  return {
    eventTime: pick(facts.eventTime),
    knownAt: pick(facts.knownAt),
    values: Object.fromEntries(Object.entries(facts.values).map(([name, values]) => [name, pick(values)])),
  }
}
