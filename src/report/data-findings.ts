import type { SeriesSurvey, Staleness } from '../core/data-survey.js'
import { DAY_MS, formatUtc } from '../core/time.js'
import { formatValue } from '../metrics/format.js'

/** Something about a series that whoever uses it should know. */
export interface DataFinding {
  /** Equal for the same thing in several series: `return-outlier`, `assumed-known-at`, … */
  readonly key: string
  readonly severity: 'impossible' | 'suspicious' | 'note'
  /** What it is, the same for every series. */
  readonly title: string
  /** What it is in this series. */
  readonly text: string
}

/** Under this share of time the gaps of a series are more than a note. */
const GOOD_COVERAGE = 0.99
/** Values that stand still for longer than so many events look like a frozen feed. */
const LONGEST_STANDSTILL = 12
const STALE_SHARE = 0.01

/** What the words of a stored series' flags mean. */
const FLAG_MEANINGS: Readonly<Record<string, string>> = {
  synthetic: 'made by a simulator: says nothing about any real market',
  'cross-venue': 'turned into its unit with prices of another venue',
  'partial-universe': 'only some of the assets were recorded',
  'volume-unknown': 'the unit of its volume is unknown',
}

/** A duration as a reader takes it: `1.5 d`, `7.1 h`, `35.0 min`, `12 s`, `at once`. */
export function durationText(durationMs: number): string {
  if (durationMs === 0) return 'at once'
  if (Math.abs(durationMs) < 60_000) return `${formatValue(durationMs / 1000, 'count')} s`
  return formatValue(durationMs / DAY_MS, 'days')
}

/** Whether the events of a series stand at no fixed distance: half of its steps are then longer than the usual one by their nature. */
export function isIrregular({ expectedStep, spacing }: SeriesSurvey): boolean {
  if (expectedStep.basis !== 'median' || spacing === undefined) return false
  return spacing.p75 > 1.25 * spacing.median || spacing.p25 < 0.75 * spacing.median
}

/** What to know of a series before using it, gravest first. */
export function dataFindings(series: SeriesSurvey): DataFinding[] {
  const order = { impossible: 0, suspicious: 1, note: 2 }
  const all = [
    ...fromChecks(series),
    ...fromCoverage(series),
    ...fromKnownAt(series),
    ...fromStaleness(series.staleness),
    ...fromStandstill(series),
    ...fromRows(series),
    ...fromFlags(series),
  ]
  return all.sort((a, b) => order[a.severity] - order[b.severity])
}

function fromChecks({ checks }: SeriesSurvey): DataFinding[] {
  return checks.flatMap(({ key, severity, title, count, worst }) => {
    if (count === undefined || count === 0) return []
    const [first] = worst
    const example =
      first === undefined
        ? ''
        : `, ${severity === 'note' ? 'first' : 'worst'} ${formatUtc(first.time)}: ${first.text}`
    const text = `${formatValue(count, 'count')} row${count === 1 ? '' : 's'}${example}`
    const field = /^change-outlier-(.*)$/.exec(key)?.[1]
    return field === undefined
      ? [{ key, severity, title, text }]
      : [{ key: 'change-outlier', severity, title: 'outlying change', text: `${field} ${text}` }]
  })
}

function fromCoverage(series: SeriesSurvey): DataFinding[] {
  const { gaps, coverage, spacing } = series
  if (isIrregular(series) && spacing !== undefined) {
    const range = `${durationText(spacing.minimum)} to ${durationText(spacing.maximum)} apart, usually ${durationText(spacing.median)}`
    return [{ key: 'irregular', severity: 'note', title: 'at irregular times', text: range }]
  }
  const [longest] = gaps.longest
  if (longest === undefined) return []
  const text = `${formatValue(gaps.count, 'count')} gap${gaps.count === 1 ? '' : 's'}, ${formatValue(coverage.missingEvents, 'count')} events missing, ${formatValue(1 - coverage.share, 'fraction')} of its time; the longest ${durationText(longest.lengthMs)} after ${formatUtc(longest.afterTime)}`
  const severity = coverage.share < GOOD_COVERAGE ? 'suspicious' : 'note'
  return [{ key: 'gaps', severity, title: 'gaps', text }]
}

function fromKnownAt({ known, rows }: SeriesSurvey): DataFinding[] {
  const { basis, neverKnown, knownEvents, instantEvents, delay } = known
  const findings: DataFinding[] = []
  if (basis.some((word) => word === 'assumed-lag' || word === 'assumed-column')) {
    const text = delay === undefined ? 'never known' : `${durationText(delay.median)} after the event`
    findings.push({ key: 'assumed-known-at', severity: 'note', title: 'known-at is assumed, not measured: for research only', text }) // prettier-ignore
  }
  if (basis.includes('unknown'))
    findings.push({ key: 'unknown-known-at', severity: 'suspicious', title: 'where known-at is from is unknown', text: `${formatValue(rows, 'count')} rows` }) // prettier-ignore
  if (basis.includes('column') && knownEvents > 0 && instantEvents === knownEvents)
    findings.push({ key: 'instant-known-at', severity: 'suspicious', title: 'known-at equals the event time everywhere: measured, or copied?', text: `${formatValue(knownEvents, 'count')} events` }) // prettier-ignore
  if (neverKnown > 0)
    findings.push({ key: 'never-known', severity: 'note', title: 'rows that were never known: read by no run', text: `${formatValue(neverKnown, 'count')} of ${formatValue(rows, 'count')} rows` }) // prettier-ignore
  return findings
}

function fromStaleness(staleness: Staleness | undefined): DataFinding[] {
  if (staleness === undefined || staleness.overLimit <= STALE_SHARE) return []
  const { limitMs, overLimit, largestMs, largestAt } = staleness
  const text = `older than ${durationText(limitMs)} on ${formatValue(overLimit, 'fraction')} of the time, at worst ${durationText(largestMs)} on ${formatUtc(largestAt)}`
  return [{ key: 'stale', severity: 'note', title: 'what is known grows stale', text }]
}

/** Funding rates sit at a venue's base rate for days, and a user's own numbers may be steps: neither is a fault. */
function fromStandstill({ kind, values, events }: SeriesSurvey): DataFinding[] {
  if (kind === 'funding' || kind === 'series' || kind === 'confirmations') return []
  return values.flatMap(({ name, flat }): DataFinding[] => {
    if (flat === undefined || flat.length <= LONGEST_STANDSTILL || events <= LONGEST_STANDSTILL) return []
    const text = `${formatValue(flat.length, 'count')} events with the same ${name}, from ${formatUtc(flat.startTime)} to ${formatUtc(flat.endTime)}`
    return [{ key: 'standstill', severity: 'suspicious', title: 'stands still', text }]
  })
}

function fromRows({ quarantined, revisions, values }: SeriesSurvey): DataFinding[] {
  const findings: DataFinding[] = []
  if (quarantined.rows > 0) {
    const reasons = quarantined.reasons.map(({ reason, rows }) => `${reason} (${formatValue(rows, 'count')})`)
    findings.push({ key: 'quarantined', severity: 'note', title: 'rows in quarantine: read by no run', text: `${formatValue(quarantined.rows, 'count')} rows: ${reasons.join(', ')}` }) // prettier-ignore
  }
  if (revisions > 0)
    findings.push({ key: 'revised', severity: 'note', title: 'rows that were corrected later', text: `${formatValue(revisions, 'count')} rows` }) // prettier-ignore
  for (const { name, missing, spread } of values) {
    if (missing > 0 && spread !== undefined)
      findings.push({ key: 'missing-values', severity: 'note', title: 'values missing', text: `${formatValue(missing, 'count')} rows without ${name}` }) // prettier-ignore
  }
  return findings
}

function fromFlags({ flags, inverse }: SeriesSurvey): DataFinding[] {
  const words = flags.map((flag): DataFinding => {
    const severity = flag === 'synthetic' ? 'suspicious' : 'note'
    return { key: `flag-${flag}`, severity, title: flag.toUpperCase(), text: FLAG_MEANINGS[flag] ?? 'a flag of its import' } // prettier-ignore
  })
  if (inverse)
    words.push({ key: 'inverse', severity: 'note', title: 'coin-margined', text: 'stored, never traded as linear' }) // prettier-ignore
  return words
}
