import type { Position } from '../portfolio/position.js'

/** So many are folded at a time. */
const AT_ONCE = 64

/** What an account of one instrument holds: quote units, base units. */
export interface Held {
  readonly cash: number
  readonly position: Pick<Position, 'base' | 'quantity'>
}

/**
 * Stretches of slots on which nothing changed but prices, each from where the one before it ended, with what was held. They are written down, and their equity is looked at
 * later, many at a time: code that trades and code that folds do not fit the processor's first cache together.
 */
export class Stretches {
  count: number = 0
  /** Where the first of them begins. */
  from: number = 0
  private readonly ends: Int32Array = new Int32Array(AT_ONCE)
  /** Cash, base and quantity of each. */
  private readonly held: Float64Array = new Float64Array(3 * AT_ONCE)

  /** The next one begins at a slot. */
  begin(slot: number): void {
    this.from = slot
    this.count = 0
  }

  /** All of them have been looked at; the next one begins where the last one ended. */
  forget(): void {
    if (this.count > 0) this.begin(this.endOf(this.count - 1))
  }

  get isFull(): boolean {
    return this.count === AT_ONCE
  }

  /** Up to a slot, with what is held there. */
  add(end: number, { cash, position }: Held): void {
    const { count, held } = this
    this.ends[count] = end
    held[3 * count] = cash
    held[3 * count + 1] = position.base
    held[3 * count + 2] = position.quantity
    this.count = count + 1
  }

  endOf(at: number): number {
    return this.ends[at] as number
  }

  /** Lays what was held into another's fields: as results of a call the numbers would be boxed. */
  copy(at: number, to: FoldedHolding): void {
    const { held } = this
    to.cash = held[3 * at] as number
    to.base = held[3 * at + 1] as number
    to.quantity = held[3 * at + 2] as number
  }
}

/** What is held on the stretch that is folded. */
export class FoldedHolding {
  cash: number = NaN
  base: number = NaN
  quantity: number = NaN
}
