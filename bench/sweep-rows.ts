import {
  compileStrategy,
  HOUR_MS,
  MINUTE_MS,
  type Candles,
  type FactColumns,
  type FundingSchedule,
  type Strategy,
} from 'baleen'
import {
  prepareMarket,
  runTrials,
  type Market,
  type TrialOptions,
  type TrialOutcome,
  type TrialParams,
  type UsedTiles,
} from 'baleen/lab'
import { funding, instrumentNamed, once, onePercent, smartMoneyFacts, walk } from './market.js'
import { secondsOfSync } from './clock.js'
import { WrongAnswer, type BenchmarkRow } from './harness.js'
import { outcomeHash, outcomesHash } from './hash.js'
import onePercentStrategy from './strategies/one-percent.js'
import rowFunction from './strategies/row-function.js'
import scoreRowFunction from './strategies/score-row-function.js'
import smaCross from './strategies/sma-cross.js'
import smartMoney from '../strategies/smart-money.js'

/** Two years of hours, and of minutes. */
export const HOURS = 17_520
export const MINUTES = 1_051_200
export const hourly: () => Candles = once(() => walk(HOURS, HOUR_MS, 1))
export const minutely: () => Candles = once(() => walk(MINUTES, MINUTE_MS, 1))

/** All pairs of 50 windows of 10 to 500 hours: 1,225. */
export const hourlyPairs: readonly TrialParams[] = pairs(Array.from({ length: 50 }, (_, at) => 10 + 10 * at))

/** 100 of the pairs of 15 windows from half an hour to a day, on minutes. */
export const minutePairs: readonly TrialParams[] = pairs([
  30, 45, 60, 90, 120, 180, 240, 300, 360, 480, 600, 720, 960, 1_200, 1_440,
]).slice(0, 100)

function pairs(windows: readonly number[]): TrialParams[] {
  return windows.flatMap((fast, at) => windows.slice(at + 1).map((slow) => ({ fast, slow })))
}

/** Ten stops of 0.5 to 5 % by ten other distances of 1 to 10 %. */
function grid(other: 'target' | 'trail', rest: TrialParams = {}): TrialParams[] {
  const ten = Array.from({ length: 10 }, (_, at) => at)
  return ten.flatMap((i) => ten.map((j) => ({ stop: 0.005 + 0.005 * i, [other]: 0.01 + 0.01 * j, ...rest })))
}

/** 100 ways to weigh the four legs, no two alike. */
const weights: readonly TrialParams[] = Array.from({ length: 100 }, (_, at) => ({
  whaleWeight: 0.2 + 0.003 * at,
  derivativesWeight: 0.5 - 0.0021 * at,
  onChainWeight: 0.15 + 0.0007 * ((at * 37) % 100),
  confirmationWeight: 0.1,
}))

interface Sweep {
  readonly bars: number
  readonly candles: () => Candles
  readonly strategy: Strategy
  readonly params: readonly TrialParams[]
  readonly floor: number
  readonly facts?: () => Readonly<Record<string, FactColumns>>
  readonly funding?: boolean
  readonly scanner?: TrialOptions['scanner']
}

export function marketOf(
  candles: Candles,
  facts: Readonly<Record<string, FactColumns>> = {},
  funding: FundingSchedule | undefined = undefined,
): Market {
  return prepareMarket({
    instruments: [{ instrument: instrumentNamed('BTC'), candles, funding, facts }],
    startTime: -Infinity,
    endTime: Infinity,
    startingBalance: 10_000,
    costs: { slippageBps: 1 },
  })
}

function sweepRow(name: string, sweep: Sweep): BenchmarkRow {
  const { bars, candles, strategy, params, scanner } = sweep
  let facts: Readonly<Record<string, FactColumns>> = {}
  let schedule: FundingSchedule | undefined
  // A sweep runs generation after generation in the memory of the one before.
  let used: UsedTiles | undefined
  const outcomesOf = (of: readonly TrialParams[], path: 'skipping' | 'bar-by-bar'): TrialOutcome[] => {
    const outcomes: TrialOutcome[] = []
    const trials = of.map((values) => compileStrategy(strategy, values))
    const market = marketOf(candles(), facts, schedule)
    const before = used
    used = undefined
    used = runTrials(
      { market, trials, path, ...(scanner !== undefined && { scanner }) },
      (outcome) => outcomes.push(outcome),
      before,
    )
    return outcomes
  }
  return {
    name,
    bars,
    trials: params.length,
    floor: { value: sweep.floor, unit: 'M bars/s' },
    prepare: async () => {
      facts = sweep.facts?.() ?? {}
      if (sweep.funding === true) schedule = funding(candles())
    },
    run: () => outcomesOf(params, 'skipping'),
    hash: (outcomes: readonly TrialOutcome[]) => outcomesHash(outcomes),
    reference: (outcomes: readonly TrialOutcome[]) => {
      const sample = [Math.floor(params.length / 4), Math.floor((params.length * 3) / 4)]
      const [slow, seconds] = secondsOfSync(() =>
        outcomesOf(
          sample.map((at) => params[at] as TrialParams),
          'bar-by-bar',
        ),
      )
      sample.forEach((at, index) => expectSame(name, outcomes[at], slow[index]))
      return (bars * sample.length) / 1e6 / seconds
    },
  }
}

/** @throws WrongAnswer where bars one by one say anything else */
export function expectSame(
  name: string,
  fast: TrialOutcome | undefined,
  slow: TrialOutcome | undefined,
): void {
  if (fast !== undefined && slow !== undefined && outcomeHash(fast) === outcomeHash(slow)) return
  throw new WrongAnswer(
    `${name}, trial ${fast?.trial} ${JSON.stringify(fast?.params)}: skipping ends with ${fast?.finalEquity}, bars one by one with ${slow?.finalEquity}`,
  )
}

/** Sweeps on one worker: from columns in memory to outcomes, features and the layout of the market included. */
export function sweepRows(): BenchmarkRow[] {
  const onHours = { bars: HOURS, candles: hourly, strategy: smaCross, params: hourlyPairs }
  const onMinutes = { bars: MINUTES, candles: minutely, strategy: smaCross, params: minutePairs }
  const picked = {
    bars: MINUTES,
    candles: minutely,
    strategy: onePercentStrategy,
    facts: () => onePercent(minutely()),
  }
  const scored = {
    bars: MINUTES,
    candles: minutely,
    params: weights,
    facts: () => smartMoneyFacts(minutely()),
  }
  const halted = { dailyLossLimit: 0.02, timeExitBars: 1_440 }
  return [
    sweepRow('sma-cross-hourly', { ...onHours, floor: 280 }),
    sweepRow('sma-cross-minute', { ...onMinutes, floor: 350 }),
    sweepRow('sma-cross-hourly-js', { ...onHours, floor: 120, scanner: 'plain' }),
    sweepRow('sma-cross-minute-js', { ...onMinutes, floor: 100, scanner: 'plain' }),
    sweepRow('stop-target', { ...picked, params: grid('target'), floor: 900 }),
    sweepRow('trailing-stop', { ...picked, params: grid('trail'), floor: 800 }),
    sweepRow('stop-target-halt', { ...picked, params: grid('target', halted), floor: 400 }),
    sweepRow('stop-target-funding', {
      ...picked,
      params: grid('target'),
      floor: 500,
      funding: true,
    }),
    sweepRow('row-function', { ...onMinutes, strategy: rowFunction, params: minutePairs, floor: 170 }),
    sweepRow('score-combinator', { ...scored, strategy: smartMoney, floor: 250 }),
    sweepRow('score-row-function', { ...scored, strategy: scoreRowFunction, floor: 90 }),
  ]
}
