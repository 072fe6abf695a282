import type { SessionFile } from './session-file.js'

/** Of the Smart Money API itself: facts that another address tells are somebody else's. */
export const SMART_MONEY_URL = 'https://api.smartmoneyapi.com'

/** Whether an address is one of this very machine. */
export function isLoopbackAddress(text: string): boolean {
  return URL.canParse(text) && ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(text).hostname)
}

/**
 * Whether a session lives by a clock, on a market or by facts that are not the world's: stored data, a loopback world, addresses of somebody else's, of the API's facts too. What it shows counts for nothing
 * above paper.
 */
export function hasVirtualClock({ source }: Pick<SessionFile, 'source'>): boolean {
  if (source.kind === 'stored' || source.isLoopback || source.speed !== 1) return true
  const { exchange, stream, smartMoney } = source.addresses
  return exchange !== undefined || stream !== undefined || (smartMoney !== undefined && smartMoney.replace(/\/+$/, '') !== SMART_MONEY_URL)
} // prettier-ignore
