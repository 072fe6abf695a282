// The counting stands in core because the store, which may import nothing else, makes recorded facts of it; a session counts
// the snapshots that it receives with the same functions.
export { type WhaleCounts, type WhalePositions, countWhales, whaleFacts } from '../core/whales.js'
