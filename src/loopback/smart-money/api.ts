import { answered, type Reply, type Request, type View } from '../reply.js'
import type { World } from '../world.js'
import { confirm } from './confirm.js'
import { history, historyCoverage } from './history.js'
import { crowding, fundingHeatmap, fundingNormalised, historical, marketCandles, screener, whaleConsensus } from './market-answers.js' // prettier-ignore
import { assetOf, type Query, word } from './parameters.js'
import { hasPlan, LOOPBACK_KEYS, PLANS, type PlanName, Quotas } from './plans.js'
import { ApiRefusals, refuseWith } from './refusals.js'

interface Call {
  readonly world: World
  readonly query: Query
  readonly view: View
  readonly key: string | undefined
  readonly plan: PlanName | undefined
  readonly quotas: Quotas
  readonly nowMs: number
}

interface Route {
  /** The least plan; undefined where no key is needed. */
  readonly plan?: PlanName
  readonly answer: (call: Call) => unknown
}

/** Endpoints by path, as the newest document gates them. */
const ROUTES: Readonly<Record<string, Route>> = {
  '/v1/health': { answer: ({ view }) => ({ status: 'ok', ts: Math.floor(view.clockMs / 1_000) }) },
  '/v1/plans': {
    answer: () => ({ currency: 'USD', schema_version: 1, tiers: Object.values(PLANS), trial: null, annual_discount_bps: 0 }),
  },
  '/v1/symbols': { answer: ({ world }) => ({ symbols: [...world.assets.keys()] }) },
  '/v1/usage': { plan: 'free', answer: ({ quotas, key, plan, nowMs }) => quotas.usage(key!, plan!, nowMs) },
  '/v1/confirm': { plan: 'free', answer: confirmed },
  '/v1/history/coverage': { answer: ({ world, view }) => historyCoverage(world, view) },
  '/v1/whale-consensus': { answer: ({ world, view }) => whaleConsensus(world, view) },
  '/v1/whales/crowding': { answer: ({ world, query, plan, view }) => crowding(world, query, hasPlan(plan, 'trader'), view) },
  '/v1/funding/normalised': { answer: ({ world, query, view }) => fundingNormalised(world, query, view) },
  '/v1/derivatives/screener': { answer: ({ world, query, plan, view }) => screener(world, query, plan !== undefined, view) },
  '/v1/derivatives/funding-heatmap': { answer: ({ world, view }) => fundingHeatmap(world, false, view) },
  '/v1/derivatives/heatmap': { plan: 'trader', answer: ({ world, view }) => fundingHeatmap(world, true, view) },
  '/v1/historical/funding': { answer: ({ world, query, view }) => historical(world, 'funding', query, view) },
  '/v1/historical/open-interest': { answer: ({ world, query, view }) => historical(world, 'open-interest', query, view) },
  // A world has no ratio of accounts: as when the upstream is unreadable.
  '/v1/historical/long-short': { answer: () => refuseWith(ApiRefusals.unavailable()) },
  '/v1/market/candles': { answer: ({ world, query, view }) => marketCandles(world, query, view) },
} // prettier-ignore

/** Once open, now withheld for licence. */
const WITHHELD = /^\/v1\/(onchain\/(stablecoins|tvl|yields|dex|btc)|etf\/|options\/|defillama\/)/

/** Paths of the API, for whoever lists them. */
export const API_PATHS: readonly string[] = [...Object.keys(ROUTES), '/v1/history/<table>']

/** The Smart Money API over a world: keys, plans, quotas by virtual time, and what is known at that time. */
export class SmartMoneyApi {
  private readonly quotas = new Quotas()

  constructor(
    private readonly world: World,
    private readonly now: () => number,
    private readonly keys: ReadonlyMap<string, PlanName> = LOOPBACK_KEYS,
  ) {}

  answer({ path, query, headers }: Request, view: View): Reply {
    return answered(() => {
      const key = headers['x-api-key']
      const plan = key === undefined ? undefined : this.keys.get(key)
      if (key !== undefined && plan === undefined) refuseWith(ApiRefusals.badKey())
      const nowMs = this.now()
      const limits = this.quotas.take(key, plan, nowMs)
      const route = routeOf(path)
      if (route.plan !== undefined && plan === undefined) refuseWith(ApiRefusals.noKey())
      if (route.plan !== undefined && !hasPlan(plan, route.plan)) refuseWith(ApiRefusals.notInPlan(route.plan)) // prettier-ignore
      const body = route.answer({ world: this.world, query, view, key, plan, quotas: this.quotas, nowMs })
      return { status: 200, body, headers: limits }
    })
  }
}

function routeOf(path: string): Route {
  if (WITHHELD.test(path)) refuseWith(ApiRefusals.withheld())
  const route = Object.hasOwn(ROUTES, path) ? ROUTES[path] : undefined
  if (route !== undefined) return route
  const table = /^\/v1\/history\/([a-z_]+)$/.exec(path)?.[1]
  if (table === undefined) refuseWith(ApiRefusals.unknown(`endpoint ${path}`))
  return { answer: ({ world, query, view }) => history(world, table, query, view) }
}

function confirmed({ world, query, plan, view }: Call): object {
  const asset = assetOf(query['symbol'] ?? 'BTC')
  const direction = word(query, 'direction', ['long', 'short'], 'long') as 'long' | 'short'
  const { symbols } = PLANS[plan!]
  if (symbols !== null && !symbols.includes(asset)) refuseWith(ApiRefusals.notInTier(asset))
  return confirm(world, asset, direction, query['source'] ?? 'api', plan!, view)
}
