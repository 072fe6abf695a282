/** Bars over which the participation cap averages volume. */
export const VOLUME_BARS = 20

/** Mean of up to the last 20 volumes, added up oldest first; NaN where one of them is unknown, or there is none. */
export function meanOfVolumes(volumes: ArrayLike<number>, end: number = volumes.length): number {
  const from = Math.max(0, end - VOLUME_BARS)
  let sum = 0
  for (let at = from; at < end; at++) sum += volumes[at] as number
  return sum / (end - from)
}
