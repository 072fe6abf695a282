import { DataError } from '../core/errors.js'
import { formatUtc } from '../core/time.js'
import type { Book, TradingState } from '../trading/state.js'

/**
 * Ends the run where a position was held over a settlement that nobody recorded. Throws DataError that names the first one in time, of those at one instant that of the first
 * instrument: by which way a run comes there makes no difference.
 */
export function refuseMissingFunding(state: TradingState): void {
  const { books } = state
  let first: Book | undefined
  for (let index = 0; index < books.length; index++) {
    const book = books[index] as Book
    if (book.missingFunding === 0) continue
    if (first === undefined || book.missingFundingTime < first.missingFundingTime) first = book
  }
  if (first === undefined) return
  throw missingFunding(state.instrument(first.instrument).id, first.missingFundingTime)
}

/** The error of a position that was held over a settlement at this time (UTC ms) which nobody recorded. */
export function missingFunding(instrumentId: string, time: number): DataError {
  return new DataError(
    `${instrumentId} was held over a funding settlement whose rate was not recorded; import it, shorten the run, or set the policy missingFunding=flag`,
    { field: 'rate', value: formatUtc(time), unit: 'UTC' },
  )
}
