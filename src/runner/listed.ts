import type { Instrument } from '../core/instrument.js'

/** Whether an instrument is traded at its venue at a time, UTC ms. */
export function isOpen({ listedAt = -Infinity, delistedAt = Infinity }: Instrument, time: number): boolean {
  return time >= listedAt && time < delistedAt
}

/** Whether the bar of an instrument that closes then lies within the time that it is listed. UTC ms. */
export function isListed({ listedAt = -Infinity, delistedAt = Infinity }: Instrument, closeTime: number, timeframeMs: number): boolean {
  return closeTime - timeframeMs >= listedAt && closeTime <= delistedAt
} // prettier-ignore
