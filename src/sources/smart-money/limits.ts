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

/** Without a key the throttle is of unstated size: the least of the API's own plans (`/v1/plans`, one request) stands for it. */
export async function readLeastPlan(
  client: SmartMoneyClient,
  budget: RequestBudget,
  now: () => number,
): Promise<Outcome> {
  const outcome = await client.ask('/v1/plans')
  const { body } = outcome
  if (body === undefined) return outcome
  const tiers =
    Object.hasOwn(body, 'tiers') && Array.isArray(body['tiers']) ? (body['tiers'] as unknown[]) : []
  const limits = tiers.flatMap((tier) => {
    if (typeof tier !== 'object' || tier === null) return []
    const plan = tier as Readonly<Record<string, unknown>>
    const [perDay, perMinute] = ['requests_per_day', 'requests_per_minute'].map((name) => wholeNumber(plan, name)) // prettier-ignore
    return perDay !== undefined && perMinute !== undefined && perDay >= 1 && perMinute >= 1 ? [{ perDay, perMinute }] : [] // prettier-ignore
  })
  const [least] = limits.sort((a, b) => a.perDay - b.perDay)
  if (least === undefined) return { ...outcome, meaning: 'unreadable', message: 'the answer names no limits' }
  await budget.learn(now(), least)
  return outcome
}

function wholeNumber(body: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = Object.hasOwn(body, name) ? body[name] : undefined
  return Number.isSafeInteger(value) && (value as number) >= 0 ? (value as number) : undefined
}
