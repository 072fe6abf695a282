/** A request as a server's rules see it, whatever carried it. */
export interface Request {
  /** Without the query: `/fapi/v1/klines`. */
  readonly path: string
  readonly query: Readonly<Record<string, string>>
  /** Names in lower case. */
  readonly headers: Readonly<Record<string, string>>
}

export interface Reply {
  readonly status: number
  /** JSON. */
  readonly body: unknown
  readonly headers?: Readonly<Record<string, string>>
}

/** The times by which an answer is made. They differ from the clock's only where a fault makes them. */
export interface View {
  /** What was known then is told. */
  readonly knownMs: number
  /** What the server takes for the time. */
  readonly clockMs: number
}

/** An answer that is no result: thrown where a request is found wanting, sent as it is. */
export class Refusal extends Error {
  constructor(readonly reply: Reply) {
    super(`answered ${reply.status}`)
    this.name = 'Refusal'
  }
}

/** Runs a handler; what it refuses with is its answer. */
export function answered(handle: () => Reply): Reply {
  try {
    return handle()
  } catch (error) {
    if (error instanceof Refusal) return error.reply
    throw error
  }
}
