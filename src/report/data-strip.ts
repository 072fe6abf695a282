import type { SeriesSurvey, SurveyBucket } from '../core/data-survey.js'
import { formatUtc, formatUtcDay } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import { isIrregular } from './data-findings.js'
import { safe, type Markup } from './markup.js'

const WIDTH = 1000
/** A piece of time is never drawn narrower than this, of 1,000: an hour that is missing in eight years must be seen. */
const NARROWEST = 1.5

/** The axis that strips share, UTC ms. */
export interface StripAxis {
  readonly startTime: number
  readonly endTime: number
}

/** The axis that holds all of some series. */
export function commonAxis(series: readonly SeriesSurvey[]): StripAxis {
  return {
    startTime: Math.min(...series.map(({ firstEventTime }) => firstEventTime)),
    endTime: Math.max(...series.map(({ endTime }) => endTime)),
  }
}

type Shade = 'complete' | 'partial' | 'empty'

interface Piece {
  readonly startTime: number
  readonly endTime: number
  readonly shade: Shade
  readonly coverage: number
  readonly events: number
}

/** Complete pieces in a row are drawn as one; all others keep their own coverage. */
function pieces(buckets: readonly SurveyBucket[]): Piece[] {
  const all: Piece[] = []
  for (const { startTime, endTime, coverage, events } of buckets) {
    const shade: Shade = coverage >= 1 ? 'complete' : coverage > 0 ? 'partial' : 'empty'
    const before = all.at(-1)
    if (before !== undefined && before.shade === shade && shade !== 'partial')
      all[all.length - 1] = { ...before, endTime, events: before.events + events }
    else all.push({ startTime, endTime, shade, coverage, events })
  }
  return all
}

/**
 * Coverage over time as a heat strip, drawn without scripts: teal where nothing is missing, the more amber the more is missing, red
 * where all is, blue where events come at irregular times, grey outside the series' own range. Pointing at a piece says its numbers.
 */
export function coverageStrip(series: SeriesSurvey, axis: StripAxis, height: number): Markup {
  const length = axis.endTime - axis.startTime
  const x = (time: number): number => (length > 0 ? ((time - axis.startTime) / length) * WIDTH : 0)
  const rect = (piece: Piece, fill: string, opacity: number): Markup => {
    const left = x(piece.startTime)
    const width = Math.max(NARROWEST, x(piece.endTime) - left)
    return safe`<rect x="${round(left)}" width="${round(width)}" y="0" height="10" fill="${fill}" fill-opacity="${round(opacity)}"><title>${describe(piece)}</title></rect>`
  }
  const all = pieces(series.coverage.buckets)
  if (isIrregular(series)) {
    const seen = all.filter(({ events }) => events > 0)
    return drawn(series, height, seen.map((piece) => rect(piece, 'var(--strategy)', 1))) // prettier-ignore
  }
  // What is missing is drawn over what is not, so that it is seen however narrow it is.
  const parts = [
    ...all.filter(({ shade }) => shade !== 'empty').map((piece) => rect(piece, 'var(--gain)', 1)),
    ...all.filter(({ shade }) => shade === 'partial').map((piece) => rect(piece, 'var(--fourth)', 0.25 + 0.75 * (1 - piece.coverage))),
    ...all.filter(({ shade }) => shade === 'empty').map((piece) => rect(piece, 'var(--loss)', 1)),
  ] // prettier-ignore
  return drawn(series, height, parts)
}

function drawn(series: SeriesSurvey, height: number, parts: readonly Markup[]): Markup {
  const label = `Coverage of ${series.id}: ${formatValue(series.coverage.share, 'fraction')}`
  return safe`<svg viewBox="0 0 ${WIDTH} 10" width="100%" height="${height}" preserveAspectRatio="none" role="img" aria-label="${label}">
<rect x="0" y="0" width="${WIDTH}" height="10" fill="var(--grid)"></rect>
${parts}
</svg>`
}

function describe({ startTime, endTime, coverage, events }: Piece): string {
  const isWholeDays = startTime % 86_400_000 === 0 && endTime % 86_400_000 === 0
  const text = isWholeDays ? formatUtcDay : formatUtc
  return `${text(startTime)} to ${text(endTime)}: ${formatValue(coverage, 'fraction')} covered, ${formatValue(events, 'count')} events`
}

function round(value: number): number {
  return Number(value.toFixed(2))
}
