import type { SessionFile } from './session-file.js'

/** Whether an address is one of this very machine. */
export function isLoopbackAddress(text: string): boolean {
  return URL.canParse(text) && ['127.0.0.1', '[::1]', 'localhost'].includes(new URL(text).hostname)
}

/**
 * Whether a session lives by a clock, or on a market, that is not the world's: stored data, a loopback world, addresses of somebody else's, facts told by this very machine. What it shows counts for nothing
 * above paper.
 */
export function hasVirtualClock({ source }: Pick<SessionFile, 'source'>): boolean {
  if (source.kind === 'stored' || source.isLoopback || source.speed !== 1) return true
  const { exchange, stream, smartMoney } = source.addresses
  return exchange !== undefined || stream !== undefined || (smartMoney !== undefined && isLoopbackAddress(smartMoney))
} // prettier-ignore
