import type { Candles, FactColumns } from '../core/columns.js'
import { FACT_OPERATORS, type SeriesFact, SeriesStream } from './facts.js'
import type { Feature } from './feature.js'
import type { Operator } from './operator.js'
import { BAR_FIELDS, definitionOf, isSource } from './registry.js'
import { sharedMemory } from './tile.js'
import { FeatureTiles } from './tiles.js'

/** Every distinct feature below some roots, each once, inputs before what reads them. */
export interface Plan {
  readonly nodes: readonly Feature[]
  /** Position in `nodes` by feature key. */
  readonly slots: ReadonlyMap<string, number>
  /** Names of the series read, sorted. */
  readonly series: readonly string[]
}

/** What the features of one instrument are computed from. */
export interface FeatureInputs {
  readonly candles: Candles
  /** By series name; an absent series gives absent values. */
  readonly facts: Readonly<Record<string, FactColumns>>
}

/** Puts features in order of computation. Throws ConfigError for an unknown operator. */
export function planFeatures(roots: readonly Feature[]): Plan {
  const nodes: Feature[] = []
  const slots = new Map<string, number>()
  const series = new Set<string>()
  const visit = (node: Feature): void => {
    if (slots.has(node.key)) return
    if (!isSource(node)) definitionOf(node)
    if (FACT_OPERATORS.has(node.operator)) series.add(node.args[0] as string)
    node.inputs.forEach(visit)
    slots.set(node.key, nodes.length)
    nodes.push(node)
  }
  roots.forEach(visit)
  return { nodes, slots, series: [...series].sort() }
}

/** Names of the series that features read, sorted. O(features²). Throws ConfigError for an unknown operator. */
export function seriesRead(roots: readonly Feature[]): string[] {
  const seen: Feature[] = []
  const series: string[] = []
  for (const root of roots) noteSeries(root, seen, series)
  return series.sort()
}

/** Lists and not sets: a strategy has few features, and a sweep asks this of thousands of strategies. */
function noteSeries(node: Feature, seen: Feature[], series: string[]): void {
  if (isSource(node)) {
    const name = FACT_OPERATORS.has(node.operator) ? (node.args[0] as string) : undefined
    if (name !== undefined && !series.includes(name)) series.push(name)
    return
  }
  if (seen.includes(node)) return
  seen.push(node)
  definitionOf(node)
  for (const input of node.inputs) noteSeries(input, seen, series)
}

/** Close time of each bar, UTC ms. */
export function closeTimes({ openTime, timeframeMs }: Candles): Float64Array {
  const closeTime = new Float64Array(openTime.length)
  for (let i = 0; i < closeTime.length; i++) closeTime[i] = (openTime[i] as number) + timeframeMs
  return closeTime
}

/** Computes whole columns, one per node of the plan and in its order, each value a function of bars up to its own. */
export function planColumns(plan: Plan, inputs: FeatureInputs): Float64Array[] {
  const tiles = new FeatureTiles(plan, inputs, sharedMemory())
  tiles.load(0, inputs.candles.close.length)
  return plan.nodes.map((node) => tiles.column(node).values)
}

/** One completed bar. */
export interface FeatureBar {
  readonly openTime: number
  readonly open: number
  readonly high: number
  readonly low: number
  readonly close: number
  readonly volume: number
}

export interface FeatureStream {
  /** Delivers a fact of a series; facts of series that no feature reads are passed over. */
  learn(series: string, fact: SeriesFact): void
  /** Values of all nodes on this bar, in the plan's order. The array is reused by the next call. */
  next(bar: FeatureBar): Float64Array
}

/** The same plan bar by bar: bit for bit the values of `planColumns`. */
export function planStream(plan: Plan, timeframeMs: number): FeatureStream {
  const values = new Float64Array(plan.nodes.length)
  const streams = new Map(plan.series.map((name) => [name, new SeriesStream(name, plan.nodes)]))
  const steps = plan.nodes.map((node, slot) => streamStep(plan, node, slot, values, streams, timeframeMs))
  return {
    learn: (series, fact) => streams.get(series)?.learn(fact),
    next(bar) {
      const closeTime = bar.openTime + timeframeMs
      for (const stream of streams.values()) stream.advanceTo(closeTime)
      for (const step of steps) step(bar, closeTime)
      return values
    },
  }
}

function streamStep(
  plan: Plan,
  node: Feature,
  slot: number,
  values: Float64Array,
  streams: ReadonlyMap<string, SeriesStream>,
  timeframeMs: number,
): (bar: FeatureBar, closeTime: number) => void {
  if (node.operator === 'time') return (_bar, closeTime) => void (values[slot] = closeTime)
  if (BAR_FIELDS.has(node.operator)) {
    const field = node.operator as 'open'
    return (bar) => void (values[slot] = bar[field])
  }
  if (node.operator === 'constant') {
    values[slot] = node.args[0] as number
    return () => undefined
  }
  if (FACT_OPERATORS.has(node.operator)) {
    const stream = streams.get(node.args[0] as string)
    return () => void (values[slot] = stream?.value(node) ?? Number.NaN)
  }
  const operator = definitionOf(node).create(node.args, { timeframeMs })
  return operatorStep(
    operator,
    node.inputs.map((input) => plan.slots.get(input.key) as number),
    slot,
    values,
  )
}

function operatorStep(
  operator: Operator,
  inputs: readonly number[],
  slot: number,
  values: Float64Array,
): () => void {
  const [a = 0, b = 0, c = 0] = inputs
  switch (inputs.length) {
    case 1:
      return () => void (values[slot] = operator.next(values[a] as number))
    case 2:
      return () => void (values[slot] = operator.next(values[a] as number, values[b] as number))
    case 3:
      return () =>
        void (values[slot] = operator.next(values[a] as number, values[b] as number, values[c] as number))
    default:
      return () => void (values[slot] = operator.next(...inputs.map((input) => values[input] as number)))
  }
}
