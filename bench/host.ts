import { setTimeout as sleep } from 'node:timers/promises'
import { secondsOf } from './clock.js'
import { plainSmaCross } from './plain-loop.js'

/** Of what the plain loop does at its best, at the least: neighbours on the same processor take half of it. */
const FULL_SHARE = 0.85
/** Which of the speeds seen so far counts as the best: the very fastest may have been an error of the clock. */
const BEST_QUANTILE = 0.9
/** Passes of the plain loop before the first measurement: they compile it, and show what this host can do. */
const FIRST_LOOKS = 200
const PAUSE_MS = 50

/**
 * How fast this host is just now, by the plain loop. Whether it is left alone is asked of that loop only, never of the work that is measured:
 * a repetition is not chosen because it was fast.
 */
export class Host {
  private readonly closes: Float64Array
  private readonly seen: number[] = []

  constructor(closes: Float64Array) {
    this.closes = closes
  }

  /** One pass of the hand-written loop, in M bars a second. */
  async speed(): Promise<number> {
    const speed = this.closes.length / 1e6 / (await secondsOf(() => plainSmaCross(this.closes)))
    this.seen.push(speed)
    return speed
  }

  /** Whether a speed is that of a host that is left alone. */
  isFull(speed: number): boolean {
    const sorted = [...this.seen].sort((a, b) => a - b)
    return speed >= FULL_SHARE * (sorted[Math.floor((sorted.length - 1) * BEST_QUANTILE)] as number)
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
