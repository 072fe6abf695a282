import type { ImportPlan } from './plan.js'

/** Reasons for quarantine that begin with no field, and what they are about; `values` is every field. */
const ABOUT: Readonly<Record<string, readonly string[] | 'values'>> = {
  'high is below low': ['high', 'low'],
  'open or close is outside high and low': ['open', 'high', 'low', 'close'],
  'known before it happened': ['time', 'known-at'],
  'no candle of the same time to convert by': ['time'],
  'off the grid of the interval': ['time'],
  'within half an interval of another settlement': ['time'],
  'differs from the stored candle': 'values',
  'differs from another row of the same time': 'values',
}

/** The fields that a reason for quarantine is about: its first word where it is one, as in `open is not a number`. */
export function problemFields({ fields }: ImportPlan, reason: string): readonly string[] {
  const values = fields.map(({ field }) => field.name)
  const about = ABOUT[reason]
  if (about !== undefined) return about === 'values' ? values : about
  const [first = ''] = reason.split(' ', 1)
  return ['time', 'known-at', ...values].includes(first) ? [first] : []
}
