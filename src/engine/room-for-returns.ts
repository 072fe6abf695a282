/** Trials whose daily returns lie in one piece of memory: to get a piece costs as much as to fill it. */
const TOGETHER = 16

/** Memory for the daily returns of one more trial, of so many days, all of which are then written. */
export type RoomForReturns = (days: number) => Float64Array

/** Each from new memory, some of them from one piece of it. */
export function newRooms(): RoomForReturns {
  let piece = new Float64Array(0)
  let used = 0
  return (days) => {
    if (used + days > piece.length) {
      piece = new Float64Array(days * TOGETHER)
      used = 0
    }
    used += days
    return piece.subarray(used - days, used)
  }
}
