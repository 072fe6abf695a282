import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.js'

const UNITS: readonly (readonly [name: string, lengthMs: number])[] = [['d', DAY_MS], ['h', HOUR_MS], ['min', MINUTE_MS], ['s', SECOND_MS]] // prettier-ignore

/** `3 d 4 h`, `12 min 5 s`, `0 s`: the two largest units that are not below a second. `n/a` for what is not known. */
export function ageWords(ms: number): string {
  if (!Number.isFinite(ms)) return 'n/a'
  const at = UNITS.findIndex(([, lengthMs]) => Math.abs(ms) >= lengthMs)
  if (at < 0) return '0 s'
  const [[name, lengthMs], next] = [UNITS[at] as readonly [string, number], UNITS[at + 1]]
  const whole = Math.floor(Math.abs(ms) / lengthMs)
  const rest = next === undefined ? 0 : Math.floor((Math.abs(ms) - whole * lengthMs) / next[1])
  return `${ms < 0 ? '-' : ''}${whole} ${name}${next === undefined || rest === 0 ? '' : ` ${rest} ${next[0]}`}`
}

/** `0.8 ms`, `312 ms`, `2 min 5 s`: below ten ms with a tenth, above a second as ages. */
export function shortWords(ms: number): string {
  if (Math.abs(ms) >= SECOND_MS) return ageWords(ms)
  return `${Math.abs(ms) < 9.95 ? ms.toFixed(1) : Math.round(ms)} ms`
}
