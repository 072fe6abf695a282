import { scoreSignal } from '../core/score-bands.js'
import { ENTER_LONG, ENTER_SHORT, EXIT_LONG, EXIT_SHORT } from '../core/signals.js'
import type { DecisionRecord } from '../engine/session.js'
import type { Intent } from '../runner/desk.js'

/** Why an entry condition that held came to no order, in words. */
const BLOCKED: Readonly<Record<string, string>> = {
  'in-position': 'a position was open',
  'long-and-short': 'long and short held at once',
  'exit-on-same-bar': 'a position was left on this bar',
  'not-shortable': 'the instrument cannot be shorted',
  'not-rearmed': 'the side was not armed again since its last exit',
  halted: 'entries were halted or held',
  'order-on-same-bar': 'an order was out on this bar',
  'no-stop': 'there was no stop to size by',
  'no-capital': 'capital was not free',
  'max-positions': 'as many positions were open as may be',
  'min-notional': 'the order would have been below the least notional',
  lot: 'the order would have been below one lot',
  stale: 'the signal was stale',
  'end-of-data': 'the data ended',
  'no-price': 'there was no price',
  unfilled: 'the order was not filled',
  withdrawn: 'the order was withdrawn',
  'no-volume': 'there was no volume',
  delisted: 'the instrument left the venue',
}

/** What a signal asks for: `enter long`, `exit short`, …; empty where it asks for nothing. */
export function askedBy(bits: number): string[] {
  const names: readonly (readonly [number, string])[] = [[ENTER_LONG, 'enter long'], [EXIT_LONG, 'exit long'], [ENTER_SHORT, 'enter short'], [EXIT_SHORT, 'exit short']] // prettier-ignore
  return names.flatMap(([bit, name]) => ((bits & bit) === 0 ? [] : [name]))
}

/** Up to six digits, as people read a feature. */
export function figure(value: number): string {
  if (!Number.isFinite(value)) return 'unknown'
  return String(Number(value.toPrecision(6)))
}

/** The features that a decision rested on: `fast 101.2, slow unknown`. */
export function featureWords(features: Readonly<Record<string, number>>): string {
  return Object.entries(features).map(([name, value]) => `${name} ${figure(value)}`).join(', ') // prettier-ignore
}

/** What was known at a close and what the strategy made of it, in one sentence. */
export function signalWords({ signal, usable }: Pick<DecisionRecord, 'signal' | 'usable'>): string {
  const { score, coverage, bits } = signal
  const band = scoreSignal(score)
  const scored = band === undefined ? '' : `score ${figure(score)} (${band.signal.replaceAll('_', ' ')})`
  const covered = Number.isNaN(coverage) ? '' : `${figure(coverage * 100)} % of the weight known`
  const asked = askedBy(bits).join(' and ')
  const parts = [usable ? '' : 'not enough is known', scored, covered, asked === '' ? 'asks for nothing' : `asks to ${asked}`] // prettier-ignore
  return parts.filter((part) => part !== '').join('; ')
}

/** What came of a decision: the intents that left after its close, or why none did. */
export function outcomeWords(decision: DecisionRecord, intents: readonly Intent[]): string {
  const { blocked, instrument } = decision
  const sent = intents.flatMap((intent) => {
    if (intent.kind !== 'submit' || intent.order.order.instrument !== instrument) return []
    const { role, side, kind, quantity, price, exitReason } = intent.order.order
    const at = Number.isNaN(price) ? '' : ` at ${figure(price)}`
    const why = exitReason === undefined ? '' : ` (${exitReason})`
    return [`${role}: ${side > 0 ? 'buy' : 'sell'} ${figure(quantity)} ${kind}${at}${why}`]
  })
  const words = [...sent, ...(blocked === undefined ? [] : [`no entry: ${BLOCKED[blocked] ?? blocked}`])]
  return words.length === 0 ? 'nothing to do' : words.join('; ')
}
