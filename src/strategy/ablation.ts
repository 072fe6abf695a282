import { combineLegs } from '../features/combine.js'
import type { Feature } from '../features/feature.js'
import { planColumns, planFeatures } from '../features/plan.js'
import type { CompiledDefinition } from './compile.js'
import type { StrategyInputs } from './compiled.js'
import { scoreLayout } from './score.js'

/** A score with one leg only, or with all but one. */
export interface LegVariant {
  readonly kind: 'alone' | 'without'
  /** Name of the leg. */
  readonly leg: string
  /** Share of this leg in the whole score, before any is missing. */
  readonly weightShare: number
  readonly feature: Feature
}

/**
 * Each leg alone, then the score without each leg: combined as the strategy combines them, so that the weights of the others grow in
 * proportion and the minimum coverage stays. None for strategies whose score is not made of legs, nor "without" where there is but one.
 */
export function legVariants({ bound }: Pick<CompiledDefinition, 'bound'>): readonly LegVariant[] {
  const layout = scoreLayout(bound)
  if (layout === undefined) return []
  const { legs } = layout
  const total = legs.reduce((sum, { weight }) => sum + weight, 0)
  const alone = legs.map(({ name, weight, feature }) => ({ kind: 'alone' as const, leg: name, weightShare: weight / total, feature })) // prettier-ignore
  if (legs.length === 1) return alone
  const without = legs.map(({ name, weight }) => {
    const others = legs.filter((leg) => leg.name !== name)
    const { score } = combineLegs(
      others.map((leg) => ({ weight: leg.weight, leg: leg.feature })),
      layout,
    )
    return { kind: 'without' as const, leg: name, weightShare: weight / total, feature: score }
  })
  return [...alone, ...without]
}

/** Values of variants, one column each, one value a bar; NaN where unknown, and before the strategy itself is warm. O(bars · operators). */
export function variantColumns(
  variants: readonly LegVariant[],
  inputs: StrategyInputs,
  warmUpBars: number,
): readonly Float64Array[] {
  if (variants.length === 0) return []
  const plan = planFeatures(variants.map(({ feature }) => feature))
  const columns = planColumns(plan, inputs)
  return variants.map(({ feature }) => {
    const column = Float64Array.from(columns[plan.slots.get(feature.key) as number] as Float64Array)
    return column.fill(NaN, 0, warmUpBars)
  })
}
