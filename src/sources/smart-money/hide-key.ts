import { storedBody, type StoredAnswer } from './answer-log.js'
import type { Secret } from './secret.js'

const HIDDEN = '[secret]'

/**
 * An answer without the key that it was asked with: a server, or whatever stands in between, may send back what it was sent. The key is taken out as it is, as JSON and an address write it,
 * and in base64; an answer that held it says so.
 */
export function withoutKey(answer: StoredAnswer, key: Secret | undefined): StoredAnswer {
  if (key === undefined) return answer
  const forms = formsOf(key.reveal())
  const hide = (text: string): string => forms.reduce((rest, form) => rest.replaceAll(form, HIDDEN), text)
  const bytes = Buffer.from(answer.body, answer.encoding)
  // Letter by letter, whatever the bytes mean.
  const raw = bytes.toString('latin1')
  const shown = hide(raw)
  const { failure } = answer
  const hidden: StoredAnswer = {
    ...answer,
    url: hide(answer.url),
    params: mapped(answer.params, hide),
    headers: mapped(answer.headers, hide),
    ...(shown !== raw && storedBody(Buffer.from(shown, 'latin1'))),
    ...(failure !== undefined && { failure: hide(failure) }),
  }
  return JSON.stringify(hidden) === JSON.stringify(answer) ? answer : { ...hidden, redacted: true }
}

function mapped(
  fields: Readonly<Record<string, string>>,
  by: (text: string) => string,
): Record<string, string> {
  // prettier-ignore
  return Object.fromEntries(Object.entries(fields).map(([name, value]) => [by(name), by(value)]))
}

/** Longest first, so that none leaves part of another. */
function formsOf(key: string): string[] {
  const bytes = Buffer.from(key)
  const json = JSON.stringify(key).slice(1, -1)
  const forms = [key, key.toLowerCase(), key.toUpperCase(), json, json.replaceAll('/', '\\/'), encodeURIComponent(key), encodeURI(key), bytes.toString('base64').replace(/=+$/, ''), bytes.toString('base64url')] // prettier-ignore
  return [...new Set(forms)].sort((a, b) => b.length - a.length)
}
