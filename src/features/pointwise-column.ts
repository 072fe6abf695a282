import { runOperator } from './loop.js'
import type { Operator } from './operator.js'
import { type Bounds, type Ramp, keepWithin } from './ramp.js'
import { CommonSteps, type SharedSteps, Steps, areFew } from './steps.js'
import type { TileColumn } from './tile.js'
import type { LoadedTile, OwnMemory } from './tile-state.js'

/** What a stateless operator is known to do besides. */
export interface PointwiseTraits {
  readonly isMonotone?: true
  readonly bounds?: Bounds
}

/**
 * A calculation that does not remember. It is done when it is asked for, in the cheapest of three forms: on the changes of its inputs,
 * where these stand still for long; as a slope, where one of them rises steadily; else bar by bar.
 */
export class PointwiseColumn implements TileColumn {
  private form: 'bars' | 'steps' | 'ramp' = 'bars'
  private settled = -1
  private filled = -1
  private ownSteps: Steps | undefined
  private ownRamp: Quotient | undefined
  private common: CommonSteps | undefined
  private answers: Float64Array = new Float64Array(0)

  constructor(
    private readonly tile: LoadedTile,
    private readonly memory: OwnMemory,
    private readonly operator: Operator,
    private readonly inputs: readonly TileColumn[],
    private readonly shared: SharedSteps,
    private readonly traits: PointwiseTraits,
  ) {}

  get steps(): Steps | undefined {
    this.settle()
    return this.form === 'steps' ? this.ownSteps : undefined
  }

  get ramp(): Ramp | undefined {
    this.settle()
    return this.form === 'ramp' ? this.ownRamp : undefined
  }

  get values(): Float64Array {
    const values = this.memory.take()
    if (this.filled === this.tile.number) return values
    this.filled = this.tile.number
    const { steps } = this
    if (steps !== undefined) steps.fill(values, this.tile.length)
    else {
      const inputs = this.inputs.map((input) => input.values)
      runOperator(this.operator, inputs, values, 0, this.tile.length)
    }
    return values
  }

  at(place: number): number {
    if (this.filled === this.tile.number) return this.memory.take()[place] as number
    const { steps } = this
    return steps === undefined
      ? this.operator.next(...this.inputs.map((input) => input.at(place)))
      : steps.at(place)
  }

  /** Chooses the form for this tile. */
  private settle(): void {
    if (this.settled === this.tile.number) return
    this.settled = this.tile.number
    this.form = 'bars'
    const [first, second] = this.inputs
    const { bounds, isMonotone } = this.traits
    if (this.shared.load(this.tile.number, this.tile.length)) this.calculateSteps()
    else if (isMonotone && first?.ramp !== undefined && second?.steps !== undefined)
      this.calculateRamp(first.ramp, second.steps)
    else if (bounds !== undefined && first?.steps !== undefined && second?.ramp !== undefined)
      this.calculateKept(first.steps, second.ramp, bounds)
  }

  /** The operator's own loop, over pieces instead of bars. */
  private calculateSteps(): void {
    const { common, values } = this.shared
    if (this.answers.length < common.count) this.answers = new Float64Array(common.places.length)
    runOperator(this.operator, values, this.answers, 0, common.count)
    this.ownSteps ??= new Steps()
    this.ownSteps.write(common.places, this.answers, common.count)
    this.form = 'steps'
  }

  private calculateRamp(ramp: Ramp, divisor: Steps): void {
    this.ownRamp ??= new Quotient(this.operator)
    this.ownRamp.align(ramp, divisor)
    this.form = 'ramp'
  }

  private calculateKept(value: Steps, gauge: Ramp, bounds: Bounds): void {
    if (!areFew(value.count + gauge.count, 2, this.tile.length)) return
    const common = (this.common ??= new CommonSteps(2))
    common.align([value, gauge])
    const steps = (this.ownSteps ??= new Steps())
    steps.clear()
    keepWithin(steps, value, gauge, bounds, common, this.tile.length)
    this.form = 'steps'
  }
}

/** A ramp and something that stands still, calculated with place by place. */
class Quotient implements Ramp {
  private readonly common = new CommonSteps(2)
  private ramp: Ramp | undefined
  private divisor: Steps | undefined

  constructor(private readonly operator: Operator) {}

  get places(): Int32Array {
    return this.common.places
  }

  get count(): number {
    return this.common.count
  }

  align(ramp: Ramp, divisor: Steps): void {
    this.ramp = ramp
    this.divisor = divisor
    this.common.align([ramp, divisor])
  }

  at(piece: number, place: number): number {
    const [ramps, divisors] = this.common.pieces as [Int32Array, Int32Array]
    const value = (this.ramp as Ramp).at(ramps[piece] as number, place)
    return this.operator.next(value, (this.divisor as Steps).values[divisors[piece] as number] as number)
  }
}
