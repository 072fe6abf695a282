/**
 * What came of a request, by an allow-list: only an answer that the API's documents describe counts as what they say. All else is `unexpected`, of which nothing may be concluded; a request that
 * got no answer is `no-answer`, which is never "not found".
 */
export type Meaning =
  | 'answered'
  /** 200, and no JSON object. */
  | 'unreadable'
  /** 400: a parameter is wrong; asking again will not help. */
  | 'bad-request'
  /** 401. */
  | 'key-refused'
  /** 402 and 403: the documents use both for what a plan does not have. */
  | 'not-in-plan'
  /** 404 with the API's own error body. */
  | 'not-found'
  /** 429. */
  | 'limited'
  /** 451. */
  | 'withheld'
  /** 503: upstream or store unreadable. */
  | 'unavailable'
  | 'unexpected'
  | 'no-answer'
  /** Not sent: the budget is used up, or a Retry-After is not over. */
  | 'held-back'

const BY_STATUS: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [400, 'bad-request'],
  [401, 'key-refused'],
  [402, 'not-in-plan'],
  [403, 'not-in-plan'],
  [404, 'not-found'],
  [451, 'withheld'],
])

/** Answers that anything on the way may give, and that mean the same whoever gives them. */
const WITHOUT_BODY: ReadonlyMap<number, Meaning> = new Map<number, Meaning>([
  [429, 'limited'],
  [503, 'unavailable'],
])

export interface Understood {
  readonly meaning: Meaning
  /** The API's own words, or what is wrong with the answer. */
  readonly message: string
  /** The body of an answer. */
  readonly body?: Readonly<Record<string, unknown>>
}

/** What an answer means. Pure. */
export function understand(status: number, text: string): Understood {
  const body = objectOf(text)
  if (status === 200) {
    return body === undefined
      ? { meaning: 'unreadable', message: 'the body is no JSON object' }
      : { meaning: 'answered', message: '', body }
  }
  const message = wordsOf(body)
  const anyway = WITHOUT_BODY.get(status)
  if (anyway !== undefined) return { meaning: anyway, message: message ?? `status ${status}` }
  const meaning = BY_STATUS.get(status)
  // A page of a proxy that says 403 or 404 is not the API speaking.
  if (meaning !== undefined && message !== undefined) return { meaning, message }
  return { meaning: 'unexpected', message: message ?? `status ${status} without the API's error body` }
}

function objectOf(text: string): Readonly<Record<string, unknown>> | undefined {
  let json: unknown
  try {
    json = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof json !== 'object' || json === null || Array.isArray(json)) return undefined
  return json as Readonly<Record<string, unknown>>
}

function wordsOf(body: Readonly<Record<string, unknown>> | undefined): string | undefined {
  if (body === undefined || !Object.hasOwn(body, 'error') || typeof body['error'] !== 'string') return undefined // prettier-ignore
  const message = Object.hasOwn(body, 'message') ? body['message'] : undefined
  return typeof message === 'string' ? `${body['error']}: ${message}` : body['error']
}
