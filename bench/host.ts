import { setTimeout as sleep } from 'node:timers/promises'
import { secondsOf } from './clock.js'
import { median } from './median.js'
import { plainSmaCross } from './plain-loop.js'

/** Of what the plain loop does at its best, at the least: neighbours on the same processor take half of it. */
const FULL_SHARE = 0.85
/** Passes in a row whose median counts as what the host can do: a single one may have been an error of the clock. */
const IN_A_ROW = 5
/** Passes of the plain loop before the first measurement: they compile it, and show what this host can do. */
const FIRST_LOOKS = 200
const PAUSE_MS = 50

/**
 * How fast this host is just now, by the plain loop. Whether it is left alone is asked of that loop only, never of the work that is measured:
 * a repetition is not chosen because it was fast.
 */
export class Host {
  private readonly closes: Float64Array
  private last: readonly number[] = []
  /** The fastest so far: it never falls, however long the host is slow. */
  private best: number = 0

  constructor(closes: Float64Array) {
    this.closes = closes
  }

  /** One pass of the hand-written loop, in M bars a second. */
  async speed(): Promise<number> {
    const speed = this.closes.length / 1e6 / (await secondsOf(() => plainSmaCross(this.closes)))
    this.last = [...this.last, speed].slice(-IN_A_ROW)
    if (this.last.length === IN_A_ROW) this.best = Math.max(this.best, median(this.last))
    return speed
  }

  /** Whether a speed is that of a host that is left alone. */
  isFull(speed: number): boolean {
    return speed >= FULL_SHARE * this.best
  }

  async getToKnow(): Promise<void> {
    for (let look = 0; look < FIRST_LOOKS; look++) await this.speed()
  }

  /** Waits until the host is left alone, or the time is up. What it does then. */
  async waitForFullSpeed(until: number): Promise<number> {
    let speed = await this.speed()
    while (!this.isFull(speed) && performance.now() < until) {
      await sleep(PAUSE_MS)
      speed = await this.speed()
    }
    return speed
  }
}
