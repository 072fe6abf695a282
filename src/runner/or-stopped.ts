/** What comes of some work; undefined as soon as a signal stops it: the work may go on, and nobody hears of it. */
export function orStopped<T>(work: Promise<T>, stop: AbortSignal): Promise<T | undefined> {
  return new Promise((resolve, reject) => {
    const end = (): void => resolve(undefined)
    if (stop.aborted) end()
    // Taken away again each time: a signal outlives millions of waits.
    stop.addEventListener('abort', end)
    work.then(resolve, reject).finally(() => stop.removeEventListener('abort', end))
  })
}

/** Items until a signal stops them, also while the next one is waited for. */
export async function* itemsUntilStopped<T>(
  items: AsyncIterable<T>,
  stop: AbortSignal,
): AsyncGenerator<T, void> {
  const iterator = items[Symbol.asyncIterator]()
  for (;;) {
    const next = await orStopped(iterator.next(), stop)
    if (next === undefined || next.done === true) return
    yield next.value
  }
}
