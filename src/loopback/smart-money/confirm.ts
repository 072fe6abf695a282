import type { View } from '../reply.js'
import { newestRow, type World } from '../world.js'
import type { PlanName } from './plans.js'
import { hasPlan } from './plans.js'

/** What the API advises at a composite and a confidence. Thresholds are ours: the documents name the words and no figures. */
export function actionOf(
  composite: number | null,
  confidence: string,
): { readonly action: string; readonly size_mult: number } {
  // prettier-ignore
  if (confidence === 'NO_DATA' || composite === null) return { action: 'NO_DATA_SKIP', size_mult: 0 }
  if (confidence === 'VETO') return { action: 'VETO_SKIP', size_mult: 0 }
  if (composite >= 0.5) return { action: 'CONFIRM_FULL', size_mult: 1.5 }
  if (composite >= 0.25) return { action: 'CONFIRM_FULL', size_mult: 1 }
  if (composite >= 0) return { action: 'CONFIRM_REDUCED', size_mult: 0.5 }
  return { action: 'CONFIRM_MINIMAL', size_mult: 0.25 }
}

/** Legs of the score with the weights of the documents' example. */
const WEIGHTS = { derivatives: 0.4, onchain: 0.35, whale: 0.25, x_sentiment: 0 } as const

/**
 * `GET /v1/confirm`: what the newest known confirmation says of a symbol and a direction. Nothing known is `NO_DATA` with a composite of 0.0, as the real body
 * has it: a trap for whoever reads the number first. The three legs all show the composite, since a world knows no more; Free has none of them.
 */
export function confirm(
  world: World,
  asset: string,
  direction: 'long' | 'short',
  source: string,
  plan: PlanName,
  view: View,
): object {
  // prettier-ignore
  const facts = world.assets.get(asset)?.confirmations
  const row = newestRow(facts, view.knownMs)
  const value = facts === undefined || row === undefined ? NaN : facts.values[direction]![row]!
  const told = facts?.texts['confidence']![row ?? -1] ?? 'NO_DATA'
  const confidence = Number.isNaN(value) ? 'NO_DATA' : told
  const composite = Number.isNaN(value) ? 0 : value
  const isKnown = confidence !== 'NO_DATA'
  const common = {
    symbol: asset,
    direction,
    source,
    ts: Math.floor((isKnown && facts !== undefined && row !== undefined ? facts.eventTime[row]! : view.clockMs) / 1_000), // prettier-ignore
    model_version: facts?.texts['modelVersion']![row ?? -1] ?? 'unknown',
    composite,
    ...(isKnown && confidence !== 'VETO' && { base_composite: composite }),
    confidence,
    ...actionOf(isKnown ? composite : null, confidence),
    decision: isKnown ? (composite >= 0 ? 'CONFIRM' : 'ABSTAIN') : 'ABSTAIN',
    x_score: 0,
    weights: WEIGHTS,
    weights_mode: plan === 'free' ? 'free' : 'full',
    coverage: { derivatives: isKnown, whale: isKnown, onchain: isKnown },
    withheld_sources: [],
    unsupported: facts === undefined,
    adjustments: { agreement: 0, trend: 0, rsi_1h: 0, news_macro: 0, momentum: 0, time_of_day: 0, streak_decay: 0 }, // prettier-ignore
    operator_position_disclosure: null,
  }
  if (!hasPlan(plan, 'trader')) return common
  const scores = isKnown ? composite : null
  const factor = (weight: number): object => ({ score: scores, weight, weighted: scores === null ? null : scores * weight }) // prettier-ignore
  return {
    ...common,
    deriv_score: scores,
    onchain_score: scores,
    whale_score: scores,
    factors: {
      derivatives: factor(WEIGHTS.derivatives),
      onchain: { ...factor(WEIGHTS.onchain), source: 'none', available: isKnown },
      whale: { ...factor(WEIGHTS.whale), weight_effective: WEIGHTS.whale, staleness_factor: 1 },
      x_sentiment: factor(WEIGHTS.x_sentiment),
    },
    reasons: [],
    details: {},
  }
}
