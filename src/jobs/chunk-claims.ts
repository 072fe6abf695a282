/** Places on the shared memory. */
const NEXT = 0
const END = 1

/**
 * Which chunk of a run comes next, on memory that all its threads share: each takes the next one by itself, and waits for nobody. They take them in
 * order, and none from the end on, which the thread that delivers moves on as it delivers, so that no more wait to be delivered than it wants.
 */
export class ChunkClaims {
  readonly memory: Int32Array

  /** @param memory that of the run, in the threads; new memory, with no chunk to take yet, for the thread that delivers */
  constructor(memory: Int32Array = new Int32Array(new SharedArrayBuffer(2 * Int32Array.BYTES_PER_ELEMENT))) {
    this.memory = memory
  }

  /** The next chunk, which nobody else gets; undefined where the end has been reached. */
  take(): number | undefined {
    const { memory } = this
    for (;;) {
      const next = Atomics.load(memory, NEXT)
      if (next >= Atomics.load(memory, END)) return undefined
      if (Atomics.compareExchange(memory, NEXT, next, next + 1) === next) return next
    }
  }

  get hasMore(): boolean {
    return Atomics.load(this.memory, NEXT) < Atomics.load(this.memory, END)
  }

  /** No chunk from this one on is taken from now on, but for one that is just being taken. */
  endAt(chunk: number): void {
    Atomics.store(this.memory, END, chunk)
  }
}
