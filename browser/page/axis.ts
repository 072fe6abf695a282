import type { ChartUnit } from '../../src/report/page/chart-data.js'

/** Texts of the ticks of an axis, with no more decimals than tell them apart. */
export function axisText(ticks: readonly number[], unit: ChartUnit): string[] {
  const [scale, suffix] = unit === 'fraction' ? [100, ' %'] : [1, '']
  const values = ticks.map((tick) => tick * scale)
  const decimals = decimalsOf(values)
  return values.map((value) => `${grouped(value, decimals)}${suffix}`)
}

/** The fewest decimals that write every value as it is; ticks are round, so few are enough. */
function decimalsOf(values: readonly number[]): number {
  for (let decimals = 0; decimals < 10; decimals++) {
    const scale = 10 ** decimals
    if (
      values.every(
        (value) =>
          Math.abs(value * scale - Math.round(value * scale)) < 1e-6 * Math.max(1, Math.abs(value * scale)),
      )
    )
      return decimals
  }
  return 10
}

function grouped(value: number, decimals: number): string {
  const digits = Math.abs(value).toFixed(decimals)
  const [whole = '', fraction] = digits.split('.')
  const text = whole.replace(/\B(?=(\d{3})+$)/g, ',') + (fraction === undefined ? '' : `.${fraction}`)
  return value < 0 && Number(digits) !== 0 ? `-${text}` : text
}

/** Ticks of an axis that draws ln(1 + r): round returns where they are close, round multiples where they are far apart. */
export function logarithmicTicks(low: number, high: number): number[] {
  const [from, to] = [Math.exp(low), Math.exp(high)]
  const round = to / from < 5 ? stepsOf(from, to) : decadesOf(from, to)
  return round.map(Math.log)
}

function stepsOf(from: number, to: number): number[] {
  const raw = (to - from) / 5
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = power * ([1, 2, 5, 10].find((factor) => factor * power >= raw) ?? 10)
  const ticks: number[] = []
  for (let count = Math.ceil(from / step); count * step <= to; count++)
    if (count > 0) ticks.push(count * step)
  return ticks
}

function decadesOf(from: number, to: number): number[] {
  const ticks: number[] = []
  for (let power = Math.floor(Math.log10(from)); 10 ** power <= to; power++) {
    for (const factor of [1, 2, 5]) {
      const tick = factor * 10 ** power
      if (tick >= from && tick <= to) ticks.push(tick)
    }
  }
  return ticks
}

const MONTHS = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const DAY_MS = 86_400_000

/** Texts of the ticks of an axis of UTC times: what differs from the tick before it, the year below where it changes. */
export function timeTexts(ticks: readonly number[]): string[] {
  const gap = (ticks[1] ?? Infinity) - (ticks[0] ?? 0)
  let [lastYear, lastDay] = ['', '']
  return ticks.map((tick) => {
    const iso = new Date(tick).toISOString()
    const [year, day] = [iso.slice(0, 4), iso.slice(0, 10)]
    const dayName = `${Number(iso.slice(8, 10))} ${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''}`
    const isNewYear = year !== lastYear
    const isNewDay = day !== lastDay
    ;[lastYear, lastDay] = [year, day]
    if (gap >= 360 * DAY_MS) return year
    if (gap >= 27 * DAY_MS)
      return `${MONTHS[Number(iso.slice(5, 7)) - 1] ?? ''}${isNewYear ? `\n${year}` : ''}`
    if (gap >= DAY_MS) return `${dayName}${isNewYear ? `\n${year}` : ''}`
    return `${iso.slice(11, gap < 60_000 ? 19 : 16)}${isNewDay ? `\n${dayName}${isNewYear ? ` ${year}` : ''}` : ''}`
  })
}
