export { DEFAULT_INSTRUMENTS, instrumentLevels, type InstrumentLevels } from './levels.js'
export { fork, type JumpableRandomGenerator, type RandomGenerator } from './random.js'
export {
  simulateMarket,
  type MarketOptions,
  type SimulatedInstrument,
  type SimulatedMarket,
} from './simulate.js'
export type { WhalePositions } from './whales.js'
