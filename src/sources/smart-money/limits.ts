import type { RequestBudget } from './budget.js'
import type { Outcome, SmartMoneyClient } from './client.js'

/** Reads what the key's plan allows from the API (`/v1/usage`, one request) into the budget. Where the answer does not say it, the budget stays as cautious as it was. */
export async function readLimits(
  client: SmartMoneyClient,
  budget: RequestBudget,
  now: () => number,
): Promise<Outcome> {
  // prettier-ignore
  const outcome = await client.ask('/v1/usage')
  const { body } = outcome
  if (body === undefined) return outcome
  const [perDay, perMinute, used] = ['requests_per_day', 'requests_per_minute', 'used_today'].map((name) => wholeNumber(body, name)) // prettier-ignore
  if (perDay === undefined || perMinute === undefined || perDay < 1 || perMinute < 1)
    return { ...outcome, meaning: 'unreadable', message: 'the answer names no limits' }
  await budget.learn(now(), { perDay, perMinute }, used)
  return outcome
}

function wholeNumber(body: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = Object.hasOwn(body, name) ? body[name] : undefined
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}
