import { ConfigError } from '../../core/errors.js'
import { DAY_MS } from '../../core/time.js'
import { type Separation, separate, type Span, spanDays } from './time-spans.js'

/** One way to leave some groups of days out for testing. */
export interface CombinatorialSplit {
  /** Indices of the groups that are tested, rising. */
  readonly tested: readonly number[]
  /** What is left to train on, purged before and embargoed after each test. */
  readonly training: readonly Span[]
}

/** Which split tells each group of days of a path: `splitOfGroup[group]`. */
export interface TestPath {
  readonly splitOfGroup: readonly number[]
}

export interface CombinatorialPlan {
  readonly groups: readonly Span[]
  readonly splits: readonly CombinatorialSplit[]
  /** Each covers all days, each day by a trial that was not chosen by it. */
  readonly paths: readonly TestPath[]
}

/**
 * Combinatorial purged cross-validation (López de Prado 2018, chapter 12): all choices of `tested` out of `groups` groups of days. The tests
 * recombine to `splits · tested / groups` paths over all days: 10 choose 2 gives 45 splits and 9 paths. Path p takes each group from the
 * p-th split that tests it, so that every test of every split is used once. Groups are whole days, and differ by one where they must.
 * Throws ConfigError where a group would be shorter than `fewestGroupDays` or a split would have nothing to train on.
 */
export function combinatorialPlan(
  options: Separation & {
    readonly period: Span
    /** Default 10. */
    readonly groups?: number
    /** Default 2. */
    readonly tested?: number
    /** Default 30. */
    readonly fewestGroupDays?: number
  },
): CombinatorialPlan {
  const { period, groups: count = 10, tested = 2, fewestGroupDays = 30 } = options
  if (!(Number.isInteger(count) && Number.isInteger(tested) && tested >= 1 && tested < count))
    throw new ConfigError('fewer groups are tested than there are', { field: 'tested', value: `${tested} of ${count}` }) // prettier-ignore
  const days = Math.floor(spanDays(period))
  if (days < count * fewestGroupDays)
    throw new ConfigError(`${count} groups need ${count * fewestGroupDays} days`, {
      field: 'period',
      value: days,
      unit: 'days',
    })
  const edge = (at: number): number => period.startMs + Math.floor((at * days) / count) * DAY_MS
  const groups = Array.from({ length: count }, (_, at) => ({ startMs: edge(at), endMs: edge(at + 1) }))
  const splits = combinations(count, tested).map((chosen): CombinatorialSplit => {
    const tests = chosen.map((group) => groups[group] as Span)
    const training = separate({ startMs: edge(0), endMs: edge(count) }, tests, options)
    if (training.length === 0)
      throw new ConfigError('purge and embargo leave no training', { field: 'groups', value: chosen.join() })
    return { tested: chosen, training }
  })
  return { groups, splits, paths: pathsOf(splits, count) }
}

function pathsOf(splits: readonly CombinatorialSplit[], groups: number): readonly TestPath[] {
  const testing = Array.from({ length: groups }, (_, group) =>
    splits.flatMap(({ tested }, split) => (tested.includes(group) ? [split] : [])),
  )
  const count = testing[0]?.length ?? 0
  return Array.from({ length: count }, (_, path) => ({
    splitOfGroup: testing.map((ofGroup) => ofGroup[path] as number),
  }))
}

/** All choices of `chosen` of the numbers below `count`, in lexicographic order. */
export function combinations(count: number, chosen: number): readonly (readonly number[])[] {
  if (chosen === 0) return [[]]
  return Array.from({ length: count }, (_, last) => last).flatMap((first) =>
    combinations(count - first - 1, chosen - 1).map((rest) => [first, ...rest.map((at) => first + 1 + at)]),
  )
}

/**
 * Puts the paths together: `testReturns[split][k]` are the returns on the k-th tested group of a split. One series of all days a path.
 */
export function assemblePaths(
  plan: CombinatorialPlan,
  testReturns: readonly (readonly Float64Array[])[],
): readonly Float64Array[] {
  return plan.paths.map(({ splitOfGroup }) => {
    const parts = splitOfGroup.flatMap((split, group) => {
      const at = plan.splits[split]?.tested.indexOf(group) ?? -1
      const returns = testReturns[split]?.[at]
      if (returns === undefined)
        throw new ConfigError('a tested group has no returns', {
          field: 'split',
          value: `${split}, group ${group}`,
        })
      return [...returns]
    })
    return Float64Array.from(parts)
  })
}
