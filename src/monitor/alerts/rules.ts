import { HOUR_MS } from '../../core/time.js'
import { metRules, metWords } from '../../runner/promotion/demotion.js'
import type { ParityResult } from '../daily-report.js'
import type { LivenessState } from '../liveness.js'
import type { SessionStatus } from '../status-tables.js'
import { ageWords } from '../words.js'
import type { Alert, Severity } from './alert.js'

/** What the rules go by. */
export interface AlertRules {
  /** A hold that lasts longer than this, by the session's clock. */
  readonly longestHoldMs: number
  /** After 00:00 UTC by which the report of the day before has to be there. */
  readonly reportDueMs: number
}

export const ALERT_RULES: AlertRules = { longestHoldMs: 2 * HOUR_MS, reportDueMs: 2 * HOUR_MS }

/** What stands beside the session. */
export interface AlertContext {
  /** Of the newest day that was replayed. */
  readonly parity: ParityResult & { readonly day: string | undefined }
  /** A day that is over and has no report yet, and since when it is over; undefined where there is none. */
  readonly missingReport: { readonly day: string; readonly overSince: number } | undefined
}

const BAD: Readonly<Partial<Record<LivenessState, readonly [Severity, string]>>> = {
  dead: ['critical', 'The runner is dead'],
  stalled: ['critical', 'The runner says nothing'],
  late: ['critical', 'A close was not decided on'],
  unknown: ['critical', 'Nothing is heard of the runner'],
  stopped: ['warning', 'Nobody runs the session'],
}

/** Relative difference of equity by fills from the session's own that is rounding. */
const BOOKS_SLACK = 1e-6

/** Everything that is wrong with a session now. Deterministic; the same trouble has the same key whenever it is seen. */
export function alertsOf(status: SessionStatus, context: AlertContext, rules: AlertRules = ALERT_RULES): Alert[] {
  const { view, checks, liveness } = status
  const { journal, killReason } = view
  const alerts: Alert[] = []
  const say = (key: string, severity: Severity, title: string, detail: string): void => {
    alerts.push({ key, severity, title, detail })
  }
  const bad = BAD[liveness.state]
  if (bad !== undefined) say(`liveness ${liveness.state}`, bad[0], bad[1], liveness.detail)
  for (const { key, name, state, detail } of checks)
    if (state === 'failed') say(`check ${key}`, 'critical', `Health check failed: ${name}`, detail)
  if (killReason !== undefined || journal.mode === 'halted')
    say('kill', 'critical', 'The kill switch is thrown', killReason ?? journal.modeReason)
  if (journal.marks.at(-1)?.halted === true)
    say('halt', 'critical', 'The limit on the loss of a day was passed', 'nothing is entered until the next UTC day') // prettier-ignore
  const heldMs = journal.lastClose - journal.heldSince
  if (heldMs > rules.longestHoldMs)
    say('hold', 'warning', 'Nothing is entered', `held back for ${ageWords(heldMs)}: ${journal.holds.join(', ')}`)
  if (context.parity.state === 'different')
    say(`parity ${context.parity.day ?? ''}`, 'critical', 'Decisions were not the same when replayed', `${context.parity.day ?? ''} ${context.parity.detail}`) // prettier-ignore
  if ('rules' in view.demotion)
    for (const rule of metRules(view.demotion.rules))
      alerts.push({ key: `demotion ${rule.key}`, severity: 'critical', title: 'The session is to be demoted', detail: `${metWords(rule)}, by the report of ${view.demotion.day}`, isToldOnce: true })
  const { missingReport } = context
  if (missingReport !== undefined && view.now - missingReport.overSince > rules.reportDueMs)
    say('report', 'warning', 'The report of a day is late', `${missingReport.day} is over since ${ageWords(view.now - missingReport.overSince)}`) // prettier-ignore
  for (const problem of view.problems) say(`unreadable ${problem}`, 'critical', 'Something of the session cannot be read', problem) // prettier-ignore
  const [byFills, own] = [journal.account.equity(), journal.equity]
  if (view.problems.length === 0 && journal.marks.length > 0 && Math.abs(byFills - own) > BOOKS_SLACK * Math.abs(own) && isAtClose(status)) // prettier-ignore
    say('books', 'critical', 'The books disagree', `equity by fills is ${byFills}, the session says ${own}`)
  return alerts
} // prettier-ignore

/** The mark is the newest row but for what opens the next close: fills that came since would differ from it rightly. */
function isAtClose({ view }: SessionStatus): boolean {
  return view.journal.tail.at(-1)?.kind === 'mark'
}
