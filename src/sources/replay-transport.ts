import type { StoredAnswer } from './smart-money/answer-log.js'
import type { RequestBudget } from './smart-money/budget.js'
import type { Transport } from './transport.js'

/** A replay spends nothing. */
export const UNLIMITED: Pick<RequestBudget, 'take' | 'refused' | 'accepted'> = {
  take: () => Promise.resolve(undefined),
  refused: () => Promise.resolve(),
  accepted: () => Promise.resolve(),
}

/**
 * Answers questions by a recording, through the same client that asks the network: each with the newest answer to that very address that had come by the time it is asked at, failures included. What
 * was never asked by then has no answer: rejects. O(log n) a question.
 */
export function replayTransport(answers: Iterable<StoredAnswer>, now: () => number): Transport {
  const byUrl = new Map<string, StoredAnswer[]>()
  for (const answer of answers) {
    const list = byUrl.get(answer.url)
    if (list === undefined) byUrl.set(answer.url, [answer])
    else list.push(answer)
  }
  for (const list of byUrl.values()) list.sort((a, b) => a.fetchedAt - b.fetchedAt)
  return (url) => {
    const list = byUrl.get(url.href) ?? []
    let [low, high] = [0, list.length]
    while (low < high) {
      const middle = (low + high) >>> 1
      if (list[middle]!.fetchedAt <= now()) low = middle + 1
      else high = middle
    }
    const answer = list[low - 1]
    if (answer === undefined) return Promise.reject(new Error('not recorded by then'))
    if (answer.status === null) return Promise.reject(new Error(answer.failure ?? 'no answer'))
    const { status, headers, body, encoding } = answer
    return Promise.resolve({ status, headers, bytes: Buffer.from(body, encoding) })
  }
}
