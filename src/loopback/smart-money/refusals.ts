import { type Reply, Refusal } from '../reply.js'

function error(
  status: number,
  code: string,
  message: string,
  more: object = {},
  headers: Readonly<Record<string, string>> = {},
): Reply {
  // prettier-ignore
  return { status, body: { error: code, message, ...more }, headers }
}

/** The API's errors, `{error, message}`, each by what it means. */
export const ApiRefusals: {
  badParameter(message: string, code?: string): Reply
  noKey(): Reply
  badKey(): Reply
  /** The endpoint is not in the plan: the documents say 402 here and 403 there, so both occur. */
  notInPlan(plan: string): Reply
  notInTier(symbol: string): Reply
  keyNeededByName(): Reply
  unknown(what: string): Reply
  tooMany(retryAfterS?: number): Reply
  withheld(): Reply
  unavailable(): Reply
} = {
  badParameter: (message, code = 'bad_parameter') => error(400, code, message),
  noKey: () => error(401, 'missing_api_key', 'send your key in the header X-API-Key'),
  badKey: () => error(401, 'invalid_api_key', 'no such key'),
  notInPlan: (plan) => error(402, 'plan_required', `this endpoint needs the plan ${plan}`, { upgrade: '/v1/plans' }), // prettier-ignore
  notInTier: (symbol) => error(403, 'symbol_not_in_tier', `${symbol} is not among the symbols of your plan`),
  keyNeededByName: () => error(403, 'key_required', 'looking up a symbol by name needs a key'),
  unknown: (what) => error(404, 'not_found', `there is no ${what}`),
  tooMany: (seconds) =>
    error(429, 'rate_limited', 'too many requests', {}, seconds === undefined ? {} : { 'retry-after': String(seconds) }), // prettier-ignore
  withheld: () =>
    error(451, 'withheld', 'withheld for licence: no plan has it', { reason: 'withheld_for_licence' }),
  unavailable: () => error(503, 'unavailable', 'upstream or store unreadable'),
}

/** Ends a request with an error. */
export function refuseWith(reply: Reply): never {
  throw new Refusal(reply)
}
