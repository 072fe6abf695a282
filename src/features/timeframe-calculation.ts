import type { Feature } from './feature.js'
import type { BarContext, OperatorDefinition } from './operator.js'

/** One bar of a higher timeframe, as far as its base bars have come. A value that one of them lacks, it lacks too. */
export class HigherBar {
  open: number = NaN
  high: number = NaN
  low: number = NaN
  close: number = NaN
  volume: number = NaN
  /** Its close, UTC ms. */
  time: number = NaN

  begin(open: number, time: number): void {
    this.open = open
    this.high = -Infinity
    this.low = Infinity
    this.volume = 0
    this.time = time
  }

  add(high: number, low: number, close: number, volume: number): void {
    this.high = Math.max(this.high, high)
    this.low = Math.min(this.low, low)
    this.close = close
    this.volume += volume
  }
}

/** A value on one higher bar; to be asked once for each bar, in order. */
export type Calculation = (bar: HigherBar) => number

const FIELDS: ReadonlyMap<string, Calculation> = new Map<string, Calculation>([
  ['open', (bar) => bar.open],
  ['high', (bar) => bar.high],
  ['low', (bar) => bar.low],
  ['close', (bar) => bar.close],
  ['volume', (bar) => bar.volume],
  ['time', (bar) => bar.time],
])

/** A feature on higher bars, begun afresh. Each distinct feature below it is calculated once a bar. */
export function calculation(
  root: Feature,
  definitionOf: (feature: Feature) => OperatorDefinition,
  context: BarContext,
): Calculation {
  const slots = new Map<string, number>()
  const steps: Calculation[] = []
  const values: number[] = []

  const stepOf = (node: Feature, inputs: readonly number[]): Calculation => {
    if (node.operator === 'constant') return () => node.args[0] as number
    const field = FIELDS.get(node.operator)
    if (field !== undefined) return field
    const operator = definitionOf(node).create(node.args, context)
    const [a = 0, b = 0] = inputs
    if (inputs.length === 1) return () => operator.next(values[a] as number)
    if (inputs.length === 2) return () => operator.next(values[a] as number, values[b] as number)
    return () => operator.next(...inputs.map((slot) => values[slot] as number))
  }
  const visit = (node: Feature): number => {
    const known = slots.get(node.key)
    if (known !== undefined) return known
    const inputs = node.inputs.map(visit)
    const slot = steps.push(stepOf(node, inputs)) - 1
    slots.set(node.key, slot)
    return slot
  }
  const last = visit(root)
  return (bar) => {
    for (let slot = 0; slot < steps.length; slot++) values[slot] = (steps[slot] as Calculation)(bar)
    return values[last] as number
  }
}
