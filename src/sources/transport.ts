/** An answer as it came over the wire. */
export interface WireAnswer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  readonly bytes: Buffer
}

/** Sends one request and reads its whole answer; rejects where none came. A live one is `fetchTransport`, a recorded one `replayTransport`. */
export type Transport = (
  url: URL,
  headers: Readonly<Record<string, string>>,
  signal: AbortSignal,
) => Promise<WireAnswer>

/** More than any documented answer: 5,000 rows are about 2 MB. */
const LARGEST_BODY_BYTES = 32 * 1024 * 1024

/** Asks the network. A redirect would carry a key elsewhere: it is no answer. */
export const fetchTransport: Transport = async (url, headers, signal) => {
  const response = await fetch(url, { headers: { ...headers }, redirect: 'error', signal })
  const bytes = await readAtMost(response, LARGEST_BODY_BYTES)
  const told = Object.fromEntries([...response.headers].filter(([name]) => name !== 'set-cookie'))
  return { status: response.status, headers: told, bytes }
}

async function readAtMost(response: Response, largest: number): Promise<Buffer> {
  const pieces: Uint8Array[] = []
  let size = 0
  for await (const piece of response.body ?? []) {
    size += piece.length
    if (size > largest) throw new Error(`the body is larger than ${largest} bytes`)
    pieces.push(piece)
  }
  return Buffer.concat(pieces)
}
