import type { ChartUnit } from '../../src/report/page/chart-data.js'

/** Texts of the ticks of an axis, with no more decimals than tell them apart. */
export function axisText(ticks: readonly number[], unit: ChartUnit): string[] {
  const [scale, suffix] = unit === 'fraction' ? [100, ' %'] : [1, '']
  const values = ticks.map((tick) => tick * scale)
  const step = Math.min(
    ...values
      .slice(1)
      .map((value, index) => Math.abs(value - (values[index] ?? 0)))
      .filter((gap) => gap > 0),
    Infinity,
  )
  const decimals = Number.isFinite(step) ? Math.min(8, Math.max(0, -Math.floor(Math.log10(step) + 1e-9))) : 2
  return values.map((value) => `${grouped(value, decimals)}${suffix}`)
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
