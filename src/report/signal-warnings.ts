import { formatValue } from '../metrics/format.js'
import type { Estimate } from '../metrics/newey-west.js'
import type { SignalStudy } from '../research/signal-study.js'
import type { InstrumentSignals } from './run-summary.js'
import { capitalised, unreachable } from './warnings.js'

export interface SignalWarningInputs {
  readonly study: SignalStudy
  readonly synthetic: boolean
  readonly signals: readonly InstrumentSignals[]
  /** What is to be said of the data, as `dataWarnings` does. */
  readonly data: readonly string[]
  /** What the strategy itself says a reader must know. */
  readonly notes: readonly string[]
  /** Bars that are missing inside the range, over all instruments. */
  readonly missingBars: number
  readonly fundingLeftOut: boolean
  /** Settlements of perpetuals inside the range whose rate was not recorded. */
  readonly missingFunding: number
  readonly costPerFill: number | undefined
}

/** Everything a reader must know before believing a figure of a study, gravest first. */
export function signalWarnings(inputs: SignalWarningInputs): string[] {
  const { study, signals, missingBars, missingFunding } = inputs
  const warnings: (string | undefined)[] = [
    inputs.synthetic
      ? 'Synthetic data: invented prices and facts. They say nothing about any real market.'
      : undefined,
    tooShort(study),
    oftenAbsent(study),
    ...inputs.data,
    ...unreachable(signals),
    emptyDeciles(study),
    ...inputs.notes,
    inputs.fundingLeftOut
      ? 'Funding was left out on request: forward returns of perpetuals are of prices alone.'
      : undefined,
    missingFunding === 0
      ? undefined
      : `${formatValue(missingFunding, 'count')} funding settlements have no recorded rate: returns over them are left out, but for those of prices alone.`,
    missingBars === 0
      ? undefined
      : `Bars are missing inside the range: ${formatValue(missingBars, 'count')}. A decision whose next bar opens more than one interval later has no forward return.`,
    inputs.costPerFill === 0
      ? 'Costs are set to 0: what is left after costs is what was there before.'
      : undefined,
  ]
  return warnings.filter((warning) => warning !== undefined).map(capitalised)
}

/** A score known on a smaller share of the bars than this is another one than its name says. */
const KNOWN_SHARE = 0.8

function oftenAbsent({ score }: SignalStudy): string | undefined {
  const where = (score?.coverage ?? []).flatMap(({ instrument, bars, scored }) =>
    scored < KNOWN_SHARE * bars
      ? [`${formatValue(scored / bars, 'fraction')} of the bars of ${instrument}`]
      : [],
  )
  if (where.length === 0) return undefined
  return `SCORE OFTEN ABSENT: it was known on ${where.join(', ')}. Figures are of those bars only.`
}

/** Horizons of which the range holds too few stretches. */
function tooShort({ score, horizons, entries }: SignalStudy): string | undefined {
  const short = score?.decay.filter(({ rank }) => isTooShort(rank)).map(({ horizon }) => horizon) ??
    horizons.filter((horizon) => entries.every((side) => side.horizons.every((one) => one.horizon !== horizon || one.pValue.value === undefined))) // prettier-ignore
  if (short.length === 0) return undefined
  return `The range is too short for ${short.length === horizons.length ? 'every horizon' : `${short.length} of ${horizons.length} horizons`} (${short.join(', ')} bars): how far those figures are off cannot be told, and they are shown without an error.`
}

function isTooShort({ value, standardError }: Estimate): boolean {
  return value.value !== undefined && standardError.value === undefined
}

function emptyDeciles({ score, focus }: SignalStudy): string | undefined {
  const buckets = score?.deciles.find(({ horizon }) => horizon === focus)?.buckets ?? []
  const empty = buckets.filter(({ mean }) => mean.observations === 0).length
  if (empty === 0 || empty === buckets.length) return undefined
  return `${empty} of ${buckets.length} deciles hold no score, since many bars have the very same one: top and bottom are the highest and the lowest that hold any.`
}
