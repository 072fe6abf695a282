import { createHash, timingSafeEqual } from 'node:crypto'
import { ConfigError } from '../core/errors.js'

/** The one address that is listened on. */
export const HOST = '127.0.0.1'

/** Throws ConfigError for an address that other machines reach. */
export function requireLoopback(host: string): void {
  if (host === HOST || host === 'localhost') return
  throw new ConfigError(
    'only this machine may ask: what is served is one token away from everybody who reaches it. From elsewhere use a tunnel (ssh -L)',
    { field: '--host', value: host },
  )
}

/** Whether a request names this very server: a page of another origin, or a name that was bent to this address, does not. */
export function isOurs(
  { host, origin }: { readonly host: string | undefined; readonly origin: string | undefined },
  port: number,
): boolean {
  // prettier-ignore
  const names = [`${HOST}:${port}`, `localhost:${port}`]
  if (host === undefined || !names.includes(host)) return false
  return origin === undefined || names.some((name) => origin === `http://${name}`)
}

/** Whether an Authorization header holds the token. Takes as long whatever is wrong with it. */
export function isAllowed(authorization: string | undefined, token: string): boolean {
  const given = /^Bearer (.+)$/.exec(authorization ?? '')?.[1] ?? ''
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(given), digest(token)) && given !== ''
}

/** At least so many letters, or guessing it is no work. */
const LEAST_TOKEN = 16

/** Throws ConfigError for a token that is short, or that no header can hold. */
export function requireToken(token: string): void {
  if (token.length < LEAST_TOKEN || !/^[\x21-\x7e]+$/.test(token))
    throw new ConfigError(`a token is ${LEAST_TOKEN} or more printable letters without spaces`, { field: 'BALEEN_TOKEN' }) // prettier-ignore
}
