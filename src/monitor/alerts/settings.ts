import { readFileSync } from 'node:fs'
import { z } from 'zod'
import { ConfigError } from '../../core/errors.js'
import { parseDuration } from '../../core/time.js'
import { DRAWDOWN_LIMIT } from '../figures.js'
import { OUTBOX_LIMITS, type OutboxLimits } from './outbox.js'
import { ALERT_RULES, type AlertRules } from './rules.js'

/** A way to reach somebody, with its secrets in hand. */
export type Channel =
  | { readonly kind: 'email'; readonly host: string; readonly port: number; readonly secure: boolean; readonly from: string; readonly to: readonly string[]; readonly user: string | undefined; readonly password: string | undefined }
  | { readonly kind: 'webhook'; readonly url: string; readonly token: string | undefined }
  | { readonly kind: 'telegram'; readonly address: string; readonly chat: string; readonly token: string } // prettier-ignore

export interface AlertSettings {
  /** Tried in this order until one takes the message. */
  readonly channels: readonly Channel[]
  readonly rules: AlertRules
  readonly limits: OutboxLimits
  readonly drawdownLimit: number
  /** Texts that must be shown nowhere. */
  readonly secrets: readonly string[]
}

export const NO_ALERTS: AlertSettings = { channels: [], rules: ALERT_RULES, limits: OUTBOX_LIMITS, drawdownLimit: DRAWDOWN_LIMIT, secrets: [] } // prettier-ignore

/** Where settings are looked for when no file is named. */
export const ALERTS_FILE = 'baleen.alerts.json'

const TELEGRAM = 'https://api.telegram.org'

const text = z.string('must be text').min(1, 'must not be empty')
const variable = z.string('must be text').regex(/^[A-Z][A-Z0-9_]*$/, 'must be the name of an environment variable, such as BALEEN_SMTP_PASSWORD: secrets stand in no file') // prettier-ignore
const duration = text.transform((value, context) => {
  try {
    return parseDuration(value)
  } catch {
    context.addIssue({ code: 'custom', message: 'must be a duration such as 15m or 2h' })
    return z.NEVER
  }
})

const channel = z.discriminatedUnion(
  'kind',
  [
    z.strictObject({
      kind: z.literal('email'),
      host: text,
      port: z.int('must be a whole number').min(1, 'must be 1 or more').max(65_535, 'must be 65535 at most'),
      secure: z.boolean('must be true or false').default(false),
      from: text,
      to: z.array(text, 'must be a list of addresses').min(1, 'must name one at least'),
      user: text.optional(),
      passwordVariable: variable.optional(),
    }),
    z.strictObject({
      kind: z.literal('webhook'),
      url: text.optional(),
      urlVariable: variable.optional(),
      tokenVariable: variable.optional(),
    }),
    z.strictObject({
      kind: z.literal('telegram'),
      chat: text,
      tokenVariable: variable,
      address: text.default(TELEGRAM),
    }),
  ],
  'must be an object with the kind email, webhook or telegram',
)

const schema = z.strictObject({
  channels: z.array(channel, 'must be a list').min(1, 'must name one at least'),
  quiet: duration.optional(),
  longestHold: duration.optional(),
  reportDue: duration.optional(),
  drawdownLimit: z.number('must be a number').gt(0, 'must be above 0').max(1, 'must be 1 at most: 0.2 is 20 %').optional(), // prettier-ignore
})

/** Reads settings of alerts. Throws ConfigError naming file, key and value; a secret that is not in the environment is named by its variable. */
export function readAlertSettings(
  file: string,
  environment: Readonly<Record<string, string | undefined>>,
): AlertSettings {
  // prettier-ignore
  let json: unknown
  try {
    json = JSON.parse(readFileSync(file, 'utf8'))
  } catch (error) {
    const isAbsent = (error as NodeJS.ErrnoException).code === 'ENOENT'
    throw new ConfigError(isAbsent ? 'there is no such file' : `not JSON: ${(error as Error).message}`, {
      file,
    })
  }
  const answer = schema.safeParse(json)
  if (!answer.success) throw fault(answer.error.issues[0], json, file)
  const { channels, quiet, longestHold, reportDue, drawdownLimit } = answer.data
  const secrets: string[] = []
  const secretOf = (name: string): string => {
    const value = environment[name]
    if (value === undefined || value === '') throw new ConfigError(`the environment has no ${name}`, { file })
    secrets.push(value)
    return value
  }
  return {
    channels: channels.map((one) => channelOf(one, secretOf, file)),
    rules: { longestHoldMs: longestHold ?? ALERT_RULES.longestHoldMs, reportDueMs: reportDue ?? ALERT_RULES.reportDueMs }, // prettier-ignore
    limits: { ...OUTBOX_LIMITS, quietMs: quiet ?? OUTBOX_LIMITS.quietMs },
    drawdownLimit: drawdownLimit ?? DRAWDOWN_LIMIT,
    secrets,
  }
}

function channelOf(one: z.infer<typeof channel>, secretOf: (name: string) => string, file: string): Channel {
  if (one.kind === 'email') {
    const { host, port, secure, from, to, user, passwordVariable } = one
    if ((user === undefined) !== (passwordVariable === undefined))
      throw new ConfigError('user and passwordVariable go together', { file, field: 'channels' })
    return { kind: 'email', host, port, secure, from, to, user, password: passwordVariable === undefined ? undefined : secretOf(passwordVariable) } // prettier-ignore
  }
  if (one.kind === 'telegram') {
    const { chat, tokenVariable, address } = one
    requireSafe(address, file, 'address')
    return { kind: 'telegram', chat, address, token: secretOf(tokenVariable) }
  }
  const { url: given, urlVariable, tokenVariable } = one
  if ((given === undefined) === (urlVariable === undefined))
    throw new ConfigError('give either url or, where the address is a secret itself, urlVariable', { file, field: 'channels' }) // prettier-ignore
  const url = given ?? secretOf(urlVariable as string)
  requireSafe(url, file, given === undefined ? (urlVariable as string) : 'url')
  return { kind: 'webhook', url, token: tokenVariable === undefined ? undefined : secretOf(tokenVariable) }
}

/** Unencrypted only to this machine. The address itself may be a secret and is not said. */
function requireSafe(address: string, file: string, field: string): void {
  const url = URL.canParse(address) ? new URL(address) : undefined
  const isHere = url !== undefined && ['127.0.0.1', 'localhost', '[::1]'].includes(url.hostname)
  if (url?.protocol === 'https:' || (url?.protocol === 'http:' && isHere)) return
  throw new ConfigError('must be an https address; http only on this machine', { file, field })
}

function fault(issue: z.core.$ZodIssue | undefined, json: unknown, file: string): ConfigError {
  const path = (issue?.path ?? []).map(String)
  if (issue?.code === 'unrecognized_keys')
    return new ConfigError('unknown key', { file, field: [...path, issue.keys[0] ?? ''].join('.') })
  if (path.length === 0) return new ConfigError('must be an object of settings', { file })
  const value = path.reduce<unknown>((inner, key) => (inner as Readonly<Record<string, unknown>> | undefined)?.[key], json) // prettier-ignore
  return new ConfigError(issue?.message ?? 'not a setting', { file, field: path.join('.'), value: typeof value === 'object' ? JSON.stringify(value) : value }) // prettier-ignore
}
