export {
  DEFAULT_INSTRUMENTS,
  instrumentLevels,
  INVENTED_INSTRUMENTS,
  type InstrumentLevels,
} from './instruments.js'
export type { RandomGenerator } from './random.js'
export {
  checkMarketOptions,
  simulateMarket,
  type MarketOptions,
  type SimulatedInstrument,
  type SimulatedMarket,
} from './simulate.js'
export type { WhalePositions } from './whales.js'
