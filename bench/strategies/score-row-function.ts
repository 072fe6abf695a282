import {
  defineStrategy,
  percentStop,
  rewardToRisk,
  smartMoneyFeatures,
  smartMoneyGates,
  smartMoneyParams,
} from 'baleen'

/** The smart-money score with the weighted mean of its four legs written out by the strategy itself. */
export default defineStrategy({
  name: 'score-row-function',
  description: 'One score of whales, derivatives, flows and confirmation.',
  params: { ...smartMoneyParams },
  features: (p) => {
    const { whales, derivatives, onChain, confirmation, veto, whaleSnapshot } = smartMoneyFeatures(p)
    return { whales, derivatives, onChain, confirmation, veto, whaleSnapshot }
  },
  signal: (row, p) => {
    let sum = 0
    let present = 0
    if (row.whales === row.whales) {
      sum += p.whaleWeight * row.whales
      present += p.whaleWeight
    }
    if (row.derivatives === row.derivatives) {
      sum += p.derivativesWeight * row.derivatives
      present += p.derivativesWeight
    }
    if (row.onChain === row.onChain) {
      sum += p.onChainWeight * row.onChain
      present += p.onChainWeight
    }
    if (row.confirmation === row.confirmation) {
      sum += p.confirmationWeight * row.confirmation
      present += p.confirmationWeight
    }
    const total = p.whaleWeight + p.derivativesWeight + p.onChainWeight + p.confirmationWeight
    return present >= p.minimumCoverage * total ? sum / present : NaN
  },
  thresholds: () => ({ long: 0.65, short: 0.35 }),
  rearm: 'whaleSnapshot',
  gates: (f, p) => smartMoneyGates({ ...f, score: f.whales, coverage: f.whales }, p),
  risk: () => ({ stop: percentStop(0.02), target: rewardToRisk(2), allowShort: true }),
})
