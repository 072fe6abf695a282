import type { Statistic } from '../../metrics/statistic.js'

export type Unit = 'days' | 'count' | 'share' | 'bps' | 'times'

/** A figure of a gate or a rule, with as many digits as tell it from its limit. */
export function figureText({ value }: Statistic, unit: Unit): string {
  if (value === undefined) return 'n/a'
  switch (unit) {
    case 'days':
      return `${decimals(value)} d`
    case 'count':
      return decimals(value)
    case 'share':
      return `${decimals(100 * value)} %`
    case 'bps':
      return `${decimals(value)} bps`
    case 'times':
      return `${decimals(value)} ×`
  }
}

export function decimals(value: number): string {
  return String(Number(value.toPrecision(6)))
}
