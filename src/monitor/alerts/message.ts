import { formatUtc } from '../../core/time.js'
import type { Bundle } from './alert.js'

/** A bundle in words. */
export interface Message {
  readonly session: string
  readonly subject: string
  readonly text: string
  readonly bundle: Bundle
}

/** One line of subject, then a paragraph for each alert; `redact` takes out what must be shown nowhere. */
export function messageOf(session: string, bundle: Bundle, redact: (text: string) => string): Message {
  const { alerts, dropped } = bundle
  const [first] = alerts
  const more = alerts.length > 1 ? ` and ${alerts.length - 1} more` : ''
  const subject = oneLine(`[baleen] ${first?.severity.toUpperCase() ?? ''} ${session}: ${first?.title ?? ''}${more}`)
  const lines = alerts.map(({ time, severity, title, detail, swallowed }) =>
    oneLine(`${formatUtc(Math.floor(time / 1_000) * 1_000)} UTC ${severity.toUpperCase()} ${title}${detail === '' ? '' : `: ${detail}`}${swallowed === 0 ? '' : ` (seen ${swallowed} times more)`}`),
  )
  const lost = dropped === 0 ? [] : [`${dropped} further warnings were dropped: there were too many.`]
  const clean = alerts.map((alert) => ({ ...alert, title: redact(alert.title), detail: redact(alert.detail) }))
  return {
    session,
    subject: redact(subject),
    text: redact([`Session ${session}, on paper.`, ...lines, ...lost].join('\n\n')),
    bundle: { alerts: clean, dropped },
  }
} // prettier-ignore

/** No control character gets into a header or onto a terminal. */
function oneLine(text: string): string {
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029]+/g, ' ')
}

/** Takes secrets out of texts: as they are, as addresses spell them, and inside base64, as headers and logins do. */
export function redactor(secrets: readonly string[]): (text: string) => string {
  const spellings = secrets.flatMap((one) => [one, encodeURIComponent(one), ...inBase64(one)])
  const spelled = [...new Set(spellings)].filter((one) => one.length >= 4).sort((a, b) => b.length - a.length)
  return (text) => spelled.reduce((clean, secret) => clean.replaceAll(secret, '[secret]'), text)
}

/** The letters of base64 that a text alone decides, wherever in a longer text it begins. */
function inBase64(text: string): string[] {
  return [0, 1, 2].map((offset) => {
    const bytes = Buffer.concat([Buffer.alloc(offset), Buffer.from(text)])
    const whole = Math.floor((bytes.length * 8) / 6)
    return bytes.toString('base64').slice(Math.ceil((offset * 8) / 6), whole)
  })
}
