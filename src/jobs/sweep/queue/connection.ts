import type { Redis } from 'ioredis'
import { QueueError, type QueueAddress } from './queue-address.js'

/** Until a first connection must be there. */
const CONNECT_MS = 5_000
const RETRY_MS = 500

export interface ConnectionOptions {
  /** How long a connection that was lost is waited for. */
  readonly lostForMs: number
  /** Told that the connection is lost, and that it is back. */
  readonly onMessage: (text: string) => void
}

/** One connection to Redis that mends itself. Commands wait while it is lost; whoever waits for one races it against `lost`. */
export interface QueueConnection {
  readonly client: Redis
  readonly address: QueueAddress
  /** Runs work that speaks to Redis. Rejects with QueueError once the connection has been lost for too long. */
  during<T>(work: Promise<T>): Promise<T>
  close(): void
}

/** Throws QueueError within seconds where nobody answers at the address, or nobody lets us in. Loads the client only now. */
export async function connectQueue(
  address: QueueAddress,
  { lostForMs, onMessage }: ConnectionOptions,
): Promise<QueueConnection> {
  const { Redis: Client } = await import('ioredis')
  let wasReady = false
  const client = new Client({
    host: address.host,
    port: address.port,
    db: address.database,
    ...(address.username === undefined ? {} : { username: address.username }),
    ...(address.password === undefined ? {} : { password: address.password }),
    ...(address.isEncrypted ? { tls: { servername: address.host } } : {}),
    lazyConnect: true,
    connectTimeout: CONNECT_MS,
    // Commands wait until the connection is back: how long is decided here, not by each of them.
    maxRetriesPerRequest: null,
    retryStrategy: () => (wasReady ? RETRY_MS : null),
  })
  let failure: Error | undefined
  client.on('error', (error: Error) => (failure = error))
  await connectFirst(client, address, () => failure)
  wasReady = true

  let giveUp: NodeJS.Timeout | undefined
  let isClosed = false
  let reject: (error: QueueError) => void = () => undefined
  const lost = new Promise<never>((_, rejectLost) => (reject = rejectLost))
  // Whoever is waiting hears of it; nobody need be.
  lost.catch(() => undefined)
  client.on('close', () => {
    if (isClosed || giveUp !== undefined) return
    onMessage(`Redis at ${place(address)} is lost: waiting for it, ${secondsText(lostForMs)} at most`)
    giveUp = setTimeout(() => reject(new QueueError(`Redis at ${place(address)} was lost and did not come back within ${secondsText(lostForMs)}: ${reasonOf(failure)}`)), lostForMs) // prettier-ignore
  })
  client.on('ready', () => {
    if (giveUp !== undefined) onMessage(`Redis at ${place(address)} is back`)
    clearTimeout(giveUp)
    giveUp = undefined
  })
  return {
    client,
    address,
    during: (work) => {
      // Where the connection is given up first, what becomes of the command is nobody's matter.
      work.catch(() => undefined)
      return Promise.race([work, lost])
    },
    close: () => {
      isClosed = true
      clearTimeout(giveUp)
      client.disconnect()
    },
  }
}

async function connectFirst(
  client: Redis,
  address: QueueAddress,
  failure: () => Error | undefined,
): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`no answer within ${secondsText(CONNECT_MS)}`)), CONNECT_MS)
  })
  try {
    await Promise.race([client.connect(), late])
    // A server that asks for a password lets a client connect, and refuses the first command.
    await Promise.race([client.ping(), late])
  } catch (error) {
    client.disconnect()
    throw new QueueError(`Redis at ${place(address)} cannot be reached: ${reasonOf(failure() ?? error)}`)
  } finally {
    clearTimeout(timer)
  }
}

function place({ host, port }: QueueAddress): string {
  return `${host}, port ${port}`
}

/** The system's and the server's own words hold no password; those that people know are said as people say them. */
function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return 'no reason was given'
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ECONNREFUSED') return 'the connection was refused; is redis-server running there?'
  if (code === 'ENOTFOUND' || code === 'EAI_AGAIN') return 'there is no host of this name'
  if (code === 'ETIMEDOUT') return 'nobody answers'
  if (/^NOAUTH/.test(error.message)) return 'it asks for a password'
  if (/^WRONGPASS/.test(error.message)) return 'user or password are wrong'
  return error.message
}

function secondsText(milliseconds: number): string {
  return `${milliseconds / 1_000} s`
}
