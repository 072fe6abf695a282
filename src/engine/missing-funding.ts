import { DataError } from '../core/errors.js'
import { formatUtc } from '../core/time.js'
import type { Lane } from './lane.js'

/** Ends the run where a position was held over a settlement that nobody recorded. Throws DataError that names the first one. */
export function refuseMissingFunding(lanes: readonly Lane[]): void {
  for (const { book, track } of lanes)
    if (book.missingFunding !== 0) throw missingFunding(track.data.instrument.id, book.missingFundingTime)
}

/** The error of a position that was held over a settlement at this time (UTC ms) which nobody recorded. */
export function missingFunding(instrumentId: string, time: number): DataError {
  return new DataError(
    `${instrumentId} was held over a funding settlement whose rate was not recorded; import it, shorten the run, or set the policy missingFunding=flag`,
    { field: 'rate', value: formatUtc(time), unit: 'UTC' },
  )
}
