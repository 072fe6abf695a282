import { formatValue } from '../../metrics/format.js'
import { DEFAULT_VERDICT_LIMITS } from '../overfitting/verdict-limits.js'
import type { WalkForwardResult } from '../splits/walk-forward.js'

export interface WalkForwardVerdict {
  readonly verdict: 'held up' | 'did not hold up' | 'not judged'
  readonly reason: string
}

/**
 * Whether what was chosen in training earned on the days after it: a net return above 0, and at least half of what training promised. Not judged where it did, but a trade outlasted the
 * purge: what training knew may then reach into the test.
 */
export function walkForwardVerdict(
  { netReturn, efficiency }: WalkForwardResult,
  outlastsPurge: boolean,
): WalkForwardVerdict {
  const { walkForwardNet, walkForwardEfficiency } = DEFAULT_VERDICT_LIMITS
  if (netReturn.value === undefined) return { verdict: 'not judged', reason: netReturn.reason }
  const net = `net return out of sample ${formatValue(netReturn.value, 'fraction')}`
  if (!(netReturn.value > walkForwardNet))
    return { verdict: 'did not hold up', reason: `${net}: nothing was gained` }
  if (efficiency.value === undefined)
    return { verdict: 'not judged', reason: `${net}, but no efficiency: ${efficiency.reason}` }
  const kept = `efficiency ${efficiency.value.toFixed(2)}`
  if (efficiency.value >= walkForwardEfficiency && outlastsPurge)
    return { verdict: 'not judged', reason: `${net}, ${kept}, but a trade was held longer than the purge` }
  return efficiency.value >= walkForwardEfficiency
    ? { verdict: 'held up', reason: `${net}, ${kept}, at least ${walkForwardEfficiency} asked for` }
    : { verdict: 'did not hold up', reason: `${net}, but ${kept}, below ${walkForwardEfficiency}: training promised far more` } // prettier-ignore
}
