import { BaleenError, ConfigError, EXIT_CODES } from '../../../core/errors.js'

/** Where a queue is, and how to get in. Never printed, logged or stored whole: `text` is what may be. */
export interface QueueAddress {
  readonly host: string
  readonly port: number
  /** Number of the database. */
  readonly database: number
  readonly username: string | undefined
  readonly password: string | undefined
  readonly isEncrypted: boolean
  /** `redis://host:6379/0`, without user and password. */
  readonly text: string
}

/** The queue cannot be reached, or was lost for too long. */
export class QueueError extends BaleenError {
  constructor(message: string) {
    super(message, EXIT_CODES.network)
  }
}

const DEFAULT_PORT = 6_379

/**
 * Reads `redis://[user:password@]host[:port][/database]`, or `rediss://` for an encrypted connection. A password given apart wins over one in the address. Throws
 * ConfigError, which does not repeat the password.
 */
export function parseQueueAddress(text: string, passwordApart?: string): QueueAddress {
  const fail = (message: string): ConfigError =>
    new ConfigError(`${message}: a queue is redis://host:port/database`, {
      field: '--queue',
      value: withoutPassword(text),
    })
  let url: URL
  try {
    url = new URL(text)
  } catch {
    throw fail('not an address')
  }
  if (url.protocol !== 'redis:' && url.protocol !== 'rediss:') throw fail('not a Redis address')
  if (url.hostname === '') throw fail('the host is missing')
  if (url.search !== '' || url.hash !== '') throw fail('nothing may follow the database')
  const path = /^\/?(\d*)\/?$/.exec(url.pathname)
  if (path === null) throw fail('the database is a whole number')
  const database = Number(path[1] ?? '')
  const port = url.port === '' ? DEFAULT_PORT : Number(url.port)
  // An IPv6 address stands in brackets in a URL, and without in a connection.
  const host = url.hostname.replace(/^\[(.*)\]$/, '$1')
  return {
    host,
    port,
    database,
    username: decoded(url.username),
    password: passwordApart ?? decoded(url.password),
    isEncrypted: url.protocol === 'rediss:',
    text: `${url.protocol}//${url.hostname}:${port}/${database}`,
  }
}

function decoded(part: string): string | undefined {
  if (part === '') return undefined
  try {
    return decodeURIComponent(part)
  } catch {
    // A % that begins no code stands for itself.
    return part
  }
}

/** An address without whatever stands before its last `@`: user and password, also where it is no good address. */
export function withoutPassword(address: string): string {
  return address.replace(/^(.*?:\/\/)?.*@/s, '$1')
}
