import { DataError } from '../core/errors.js'
import type { BacktestResult } from '../core/result.js'
import type { ReplayOptions } from '../engine/options.js'
import { quantile } from '../metrics/moments.js'
import { quotient, type Statistic } from '../metrics/statistic.js'
import { delayed } from '../strategy/delay.js'
import { type Chance, permutations } from './permutations.js'
import { withScaledCosts } from './scaled-costs.js'

/** What one variant of a run came to. Quote units and fractions. */
export interface Outcome {
  readonly finalEquity: number
  readonly totalReturn: number
  readonly trades: number
}

/** Why a variant has no outcome. */
export interface NoOutcome {
  readonly reason: string
}

/** Final equities of variants that differ in nothing that should matter. */
export interface EquitySpread {
  readonly runs: number
  readonly minimum: number
  readonly median: number
  readonly maximum: number
}

/** How far the figures of a run lean on what it assumed. None of it changes the run's own result. */
export interface Sensitivity {
  /** Exits of which no bar tells what came first, of all closed trades: the metric `undecidedExits`. */
  readonly undecidedShare: Statistic
  /** Undecided bars taken against the strategy, and in its favour. */
  readonly pessimistic: Outcome | NoOutcome
  readonly optimistic: Outcome | NoOutcome
  /** Fees, slippage and half spread at 1, 2 and 3 times what they are; funding as it is. */
  readonly costs: readonly { readonly factor: number; readonly outcome: Outcome | NoOutcome }[]
  /** Every decision acts one bar later. */
  readonly oneBarLate: Outcome | NoOutcome
  /** Instruments of one account under each other's ids, which break ties where slots or money are scarce. */
  readonly shuffledIds: EquitySpread | NoOutcome
}

/** Replays a variant: by the caller, who may have finer candles to fetch for it. */
export type Play = (options: ReplayOptions) => Promise<BacktestResult>

const COST_FACTORS = [1, 2, 3] as const
const MOST_SHUFFLES = 20

/**
 * Replays a run under other assumptions: up to 24 replays, one after the other. `result` is that of the options as they are. A variant that
 * the data cannot answer, such as one that holds over a settlement nobody recorded, says so in place of its outcome.
 */
export async function measureSensitivity(
  options: ReplayOptions,
  result: BacktestResult,
  chance: Chance,
  play: Play,
): Promise<Sensitivity> {
  const variant = (changed: ReplayOptions): Promise<Outcome | NoOutcome> => outcomeOf(changed, play)
  const undecided = async (policy: 'pessimistic' | 'optimistic'): Promise<Outcome | NoOutcome> => {
    const isSame = result.policies.undecided === policy || result.questions.every((one) => one.isAnswered)
    return isSame
      ? summaryOf(result)
      : variant({ ...options, policies: { ...options.policies, undecided: policy } })
  }
  const closed = result.trades.filter(({ status }) => status === 'closed').length
  const costs: { factor: number; outcome: Outcome | NoOutcome }[] = []
  for (const factor of COST_FACTORS) {
    const outcome = factor === 1 ? summaryOf(result) : await variant(withScaledCosts(options, factor))
    costs.push({ factor, outcome })
  }
  return {
    undecidedShare: quotient(result.undecidedExits, closed, 'no closed trade'),
    pessimistic: await undecided('pessimistic'),
    optimistic: await undecided('optimistic'),
    costs,
    oneBarLate: await variant({ ...options, strategy: delayed(options.strategy) }),
    shuffledIds: await shuffleIds(options, result, chance, play),
  }
}

function summaryOf({ finalEquity, startingBalance, trades }: BacktestResult): Outcome {
  return { finalEquity, totalReturn: finalEquity / startingBalance - 1, trades: trades.length }
}

async function outcomeOf(options: ReplayOptions, play: Play): Promise<Outcome | NoOutcome> {
  try {
    return summaryOf(await play(options))
  } catch (error) {
    if (error instanceof DataError) return { reason: error.message }
    throw error
  }
}

async function shuffleIds(
  options: ReplayOptions,
  result: BacktestResult,
  chance: Chance,
  play: Play,
): Promise<EquitySpread | NoOutcome> {
  const { instruments } = options
  if (instruments.length === 1) return { reason: 'one instrument' }
  const ids = instruments.map(({ instrument }) => instrument.id)
  const equities = [result.finalEquity]
  for (const order of permutations(ids.length, MOST_SHUFFLES, chance).slice(1)) {
    const renamed = instruments.map((data, at) => ({
      ...data,
      instrument: { ...data.instrument, id: ids[order[at] as number] as string },
    }))
    const outcome = await outcomeOf({ ...options, instruments: renamed }, play)
    if ('reason' in outcome) return outcome
    equities.push(outcome.finalEquity)
  }
  const [minimum, median, maximum] = [0, 0.5, 1].map((level) => quantile(equities, level))
  return { runs: equities.length, minimum, median, maximum } as EquitySpread
}
