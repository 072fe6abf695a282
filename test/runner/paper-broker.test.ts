import { DEFAULT_POLICIES } from '../../src/core/policies.js'
import { HOUR_MS } from '../../src/core/time.js'
import { riskSettings } from '../../src/risk/settings.js'
import { PaperBroker } from '../../src/runner/paper-broker.js'
import { instrumentOf } from '../engine/scripted.js'
import { describeBroker } from './broker-contract.js'

const START = Date.UTC(2024, 0, 1)

describeBroker('on paper, by bars', () => {
  const broker = new PaperBroker({
    config: {
      instruments: [instrumentOf({ takerFee: 0.001 })],
      timeframeMs: HOUR_MS,
      risk: riskSettings({}),
      policies: DEFAULT_POLICIES,
      decide: undefined,
    },
    costs: { slippageBps: 1 },
    startingBalance: 10_000,
    startTime: START,
  })
  let openTime = START
  return {
    broker,
    trade: (open, high, low, close) => {
      const bar = { instrument: 0, openTime, open, high, low, close, volume: 1 }
      openTime += HOUR_MS
      broker.bars.trade({ closeTime: openTime, bars: [bar] }, new Set())
      broker.bars.afterClose()
    },
  }
})
