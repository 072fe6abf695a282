import { createHash } from 'node:crypto'

/** Venues take 32 to 36 characters. */
const LENGTH = 32

/**
 * The client id of an order: a hash of the session, of the intent (the reducer's own number of the order) and of the attempt. Asking twice
 * gives the same id, so that sending twice is sending once.
 */
export function clientOrderId(sessionId: string, orderId: number, attempt: number = 1): string {
  return createHash('sha256').update(`${sessionId}\n${orderId}\n${attempt}`).digest('hex').slice(0, LENGTH)
}
