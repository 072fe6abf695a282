import type { InstrumentData } from '../../engine/options.js'
import { formatValue } from '../../metrics/format.js'
import type { CompiledDefinition } from '../../strategy/compile.js'
import { legActivity, scoreLayout } from '../../strategy/score.js'
import { type CheckResult, checkResult } from './check-result.js'
import type { NamedColumns } from './compare.js'

/** A leg that is known on less than this share of the bars was not tested by the run. */
const LEAST_SHARE = 0.5

/**
 * Whether every fact that the strategy reads was there, and every leg of its score was known on at least half of the bars `[first, end)`
 * and ever away from neutral. A fact that is absent or a leg that never speaks is not tested by the run, which says nothing against the strategy.
 */
export function checkLegs(
  { bound, factsRead }: Pick<CompiledDefinition, 'bound' | 'factsRead'>,
  instruments: readonly InstrumentData[],
  columns: readonly NamedColumns[],
  bars: readonly { readonly first: number; readonly end: number }[],
): CheckResult {
  const layout = scoreLayout(bound)
  if (layout === undefined && factsRead.length === 0)
    return checkResult('legs', 'not run', 'the strategy reads no facts, and its signal is not made of legs')
  const faults: string[] = []
  let lowest = { leg: '', instrument: '', share: Infinity }
  for (const [index, { instrument, facts }] of instruments.entries()) {
    for (const name of factsRead)
      if (facts[name] === undefined) faults.push(`no ${name} for ${instrument.id}`)
    if (layout === undefined) continue
    const { first, end } = bars[index]!
    for (const leg of legActivity(layout, Object.fromEntries(columns[index]!), first, end)) {
      const share = leg.knownBars / Math.max(1, leg.bars)
      if (share < lowest.share) lowest = { leg: leg.name, instrument: instrument.id, share }
      if (share < LEAST_SHARE)
        faults.push(`${leg.name} of ${instrument.id} is known on ${percent(share)} of the bars`)
      else if (leg.activeBars === 0) faults.push(`${leg.name} of ${instrument.id} never leaves neutral`)
    }
  }
  if (faults.length > 0) {
    const more = faults.length > 5 ? `, and ${faults.length - 5} more` : ''
    return checkResult('legs', 'not tested', `${faults.slice(0, 5).join('; ')}${more}`)
  }
  return checkResult(
    'legs',
    'passed',
    layout === undefined
      ? `all facts are there: ${factsRead.join(', ')}`
      : `every leg speaks; the rarest, ${lowest.leg} of ${lowest.instrument}, is known on ${percent(lowest.share)} of the bars`,
  )
}

function percent(fraction: number): string {
  return formatValue(fraction, 'fraction')
}
