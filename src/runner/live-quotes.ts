import { BaleenError, ConfigError, EXIT_CODES } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { venueSymbol } from '../sources/exchange/live-market.js'
import { BINANCE, understandPublic } from '../sources/exchange/public-requests.js'
import { quoteOfAnswer } from '../sources/exchange/quote-message.js'
import { fetchTransport } from '../sources/transport.js'
import type { LiveAddresses } from './session-file.js'

/** Real ms for one answer. */
const TIMEOUT_MS = 8_000

/**
 * Asks the venue for best bid and ask of each instrument before a session that would fill by them is made. Throws ConfigError where it tells none, BaleenError with the exit code of networks where
 * it does not answer.
 */
export async function requireLiveQuotes(
  { exchange }: LiveAddresses,
  instruments: readonly Instrument[],
): Promise<void> {
  const bare = exchange?.replace(/\/+$/, '')
  for (const instrument of instruments) {
    const isPerpetual = instrument.kind === 'perpetual'
    const own = isPerpetual ? BINANCE.usdmRest : BINANCE.spotRest
    const rest = bare === undefined ? own : `${bare}/${isPerpetual ? 'fapi/v1' : 'api/v3'}`
    const url = new URL(`${rest}/ticker/bookTicker`)
    url.searchParams.set('symbol', venueSymbol(instrument))
    const { status, text } = await answerOf(url)
    const { meaning, message, json } = understandPublic(status, text)
    const quote = quoteOfAnswer(json)
    if (meaning === 'answered' && quote !== undefined && quote.bid > 0 && quote.bid < quote.ask) continue
    if (meaning === 'answered' || meaning === 'bad-request')
      throw new ConfigError(`the venue tells no best bid and ask of it (${message === '' ? 'none stands in its answer' : message}): --fill-model bars fills by its bars`, { field: 'instrument', value: instrument.id }) // prettier-ignore
    throw noAnswer(url, message === '' ? 'no answer' : message)
  }
}

async function answerOf(url: URL): Promise<{ readonly status: number; readonly text: string }> {
  try {
    const { status, bytes } = await fetchTransport(url, { accept: 'application/json' }, AbortSignal.timeout(TIMEOUT_MS)) // prettier-ignore
    return { status, text: bytes.toString('utf8') }
  } catch (error) {
    throw noAnswer(url, error instanceof Error ? error.message : String(error))
  }
}

function noAnswer({ host }: URL, why: string): BaleenError {
  return new BaleenError(`the venue (${host}) does not answer when it is asked for best bid and ask: ${why}`, EXIT_CODES.network) // prettier-ignore
}
