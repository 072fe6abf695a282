import { Refusal } from '../reply.js'

/**
 * The venue's error bodies `{code, msg}`, with status 400. Source: Binance, "Error Codes" of the spot API and of USDⓈ-M futures, sections
 * 10xx (general) and 11xx (request issues).
 */
const ERRORS: Readonly<Record<VenueError, readonly [code: number, message: string]>> = {
  mandatory: [-1102, "Mandatory parameter '%' was not sent, was empty/null, or malformed."],
  illegal: [-1100, "Illegal characters found in parameter '%'."],
  interval: [-1120, 'Invalid interval.'],
  symbol: [-1121, 'Invalid symbol.'],
  limit: [-1130, "Data sent for parameter '%' is not valid."],
  timeRange: [-1128, 'Combination of optional parameters invalid.'],
}

export type VenueError = 'mandatory' | 'illegal' | 'interval' | 'symbol' | 'limit' | 'timeRange'

/** Ends a request as the venue would. */
export function refuse(error: VenueError, name: string = ''): never {
  const [code, message] = ERRORS[error]
  throw new Refusal({ status: 400, body: { code, msg: message.replace('%', name) } })
}
