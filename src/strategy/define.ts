import { ConfigError } from '../core/errors.js'
import type { Policies } from '../core/policies.js'
import type { Feature } from '../features/feature.js'
import { type RiskSettings, riskSettings } from '../risk/settings.js'
import type { Decision, PositionView } from './compiled.js'
import { type ParamSpecs, type ParamValues, paramValues } from './params.js'
import { type RowFunction, RowLoops } from './row-loop.js'
import type { Rule } from './rules.js'
import { callPart, StrictNames, strictNames } from './user-code.js'

export type Features = Readonly<Record<string, Feature>>

/** One bar's values of a strategy's features; NaN where unknown. */
export type Row<F> = { readonly [K in keyof F]: number }

/** Scores at or above `long` are a buy, below `short` a sell. */
export interface ScoreThresholds {
  readonly long: number
  readonly short: number
}

export const DEFAULT_THRESHOLDS: ScoreThresholds = { long: 0.65, short: 0.35 }

/** Rules that must hold for an entry of that side, whatever the signal says. Exits are never gated. */
export interface Gates {
  readonly long?: Rule
  readonly short?: Rule
}

export interface Preset<P> {
  readonly description?: string
  readonly params: Partial<P>
}

/**
 * A strategy in one object. It speaks in exactly one of four ways: rules (`enterLong`, …), a named feature as `score`, a row function
 * `signal`, or `decide` with the position in view. A score or signal buys at or above the long threshold, sells below the
 * short one; each exits the other side.
 *
 * What reads features is written as methods: before the features are inferred, a function declared elsewhere is compared with any
 * features at all, which only a method's parameters survive. A misspelt name still does not compile.
 */
export interface StrategyDefinition<P extends ParamSpecs, F extends Features> {
  readonly name: string
  readonly description: string
  readonly params: P
  readonly features: (p: ParamValues<NoInfer<P>>) => F
  enterLong?(f: NoInfer<F>, p: ParamValues<NoInfer<P>>): Rule
  exitLong?(f: NoInfer<F>, p: ParamValues<NoInfer<P>>): Rule
  enterShort?(f: NoInfer<F>, p: ParamValues<NoInfer<P>>): Rule
  exitShort?(f: NoInfer<F>, p: ParamValues<NoInfer<P>>): Rule
  readonly score?: keyof NoInfer<F> & string
  /** One bar's values → score in [0, 1], NaN for unknown. No state; not asked before the warm-up is over. */
  signal?(row: Row<NoInfer<F>>, p: ParamValues<NoInfer<P>>): number
  /** Bar by bar, with the position in view: slower, for what the others cannot say. */
  decide?(row: Row<NoInfer<F>>, position: PositionView, p: ParamValues<NoInfer<P>>): Decision
  readonly thresholds?: (p: ParamValues<NoInfer<P>>) => ScoreThresholds
  /** Feature that says which share of the signal's weight was present. */
  readonly coverage?: keyof NoInfer<F> & string
  /** Feature that rises when the fact that may re-arm an entry is replaced by a newer one. */
  readonly rearm?: keyof NoInfer<F> & string
  gates?(f: NoInfer<F>, p: ParamValues<NoInfer<P>>): Gates
  readonly risk?: (p: ParamValues<NoInfer<P>>) => Partial<RiskSettings>
  readonly policies?: (p: ParamValues<NoInfer<P>>) => Partial<Policies>
  /** Yearly, as a fraction, for the metrics of a run; 0 unless given. */
  readonly riskFreeRate?: (p: ParamValues<NoInfer<P>>) => number
  /** Series that feeds a fact, where it is stored and the run names no other: for what would not be found by the instrument. */
  readonly series?: (p: ParamValues<NoInfer<P>>) => Readonly<Record<string, string>>
  /** What a reader of any result must know. */
  readonly notes?: (p: ParamValues<NoInfer<P>>) => readonly string[]
  /** On which recorded data something was chosen, in sentences: said as notes are, but not of runs on invented data alone. */
  readonly chosenOn?: (p: ParamValues<NoInfer<P>>) => readonly string[]
  /** Named sets of params. `default` is every param's default unless given here. */
  readonly presets?: Readonly<Record<string, Preset<ParamValues<NoInfer<P>>>>>
}

/** A strategy with its params fixed, everything in it evaluated, nothing in it generic. */
export interface BoundStrategy {
  readonly params: Readonly<Record<string, number | string | boolean>>
  readonly features: Features
  readonly form:
    | { readonly kind: 'rules'; readonly enterLong: Rule; readonly exitLong: Rule; readonly enterShort: Rule; readonly exitShort: Rule } // prettier-ignore
    | { readonly kind: 'score'; readonly score: string; readonly thresholds: ScoreThresholds }
    | { readonly kind: 'signal'; readonly signal: RowFunction; readonly loops: RowLoops; readonly thresholds: ScoreThresholds } // prettier-ignore
    | { readonly kind: 'decide'; readonly decide: (row: Row<Features>, position: PositionView) => unknown }
  readonly gates: Gates
  readonly coverage: string | undefined
  readonly rearm: string | undefined
  readonly risk: RiskSettings
  readonly policies: Partial<Policies>
  readonly riskFreeRate: number
  readonly series: Readonly<Record<string, string>>
  readonly notes: readonly string[]
  readonly chosenOn: readonly string[]
}

/** What `defineStrategy` makes: the definition behind one door, so that code about all strategies needs no type parameters. */
export interface Strategy {
  readonly name: string
  readonly description: string
  readonly params: ParamSpecs
  readonly presets: Readonly<Record<string, Preset<Readonly<Record<string, unknown>>>>>
  bind(params: Readonly<Record<string, unknown>>): BoundStrategy
}

/**
 * Checks a definition and types it: a misspelt param or feature does not compile.
 *
 * @throws ConfigError where the definition contradicts itself; params are checked when it is compiled
 */
export function defineStrategy<const P extends ParamSpecs, F extends Features>(
  definition: StrategyDefinition<P, F>,
): Strategy {
  const { name, description, params } = definition
  if (!/^[a-z][a-z0-9-]*$/.test(name)) throw new ConfigError('a name is words in lower case joined by hyphens', { field: 'strategy.name', value: name }) // prettier-ignore
  refuseUnknownParts(name, definition)
  const presets = { default: { params: {} }, ...definition.presets }
  for (const preset of Object.values(presets)) paramValues(params, preset.params)
  const loops = new RowLoops(name)
  const bindTo = (given: Readonly<Record<string, unknown>>): BoundStrategy =>
    bind(definition, paramValues(params, given), loops)
  return { name, description, params, presets, bind: bindTo }
}

const PARTS: ReadonlySet<string> = new Set([
  'name',
  'description',
  'params',
  'features',
  'enterLong',
  'exitLong',
  'enterShort',
  'exitShort',
  'score',
  'signal',
  'decide',
  'thresholds',
  'coverage',
  'rearm',
  'gates',
  'risk',
  'policies',
  'riskFreeRate',
  'series',
  'notes',
  'chosenOn',
  'presets',
] satisfies (keyof StrategyDefinition<ParamSpecs, Features>)[])

/** A file that is run without being compiled must not lose a rule to a slip of the pen. */
function refuseUnknownParts(name: string, definition: object): void {
  const unknown = Object.keys(definition).find((part) => !PARTS.has(part))
  if (unknown === undefined) return
  throw new ConfigError(`a strategy has no such part; its parts are ${[...PARTS].join(', ')}`, {
    field: name,
    value: unknown,
  })
}

/** What all trials have in common that say nothing else: a sweep keeps thousands of them. */
const NEVER: Rule = { kind: 'or', rules: [] }
const NOTHING: Readonly<Record<string, never>> = Object.freeze({})
const NO_NOTES: readonly string[] = []
const PARAM_NAMES = new StrictNames('param')
const FEATURE_NAMES = new StrictNames('feature')

function bind<P extends ParamSpecs, F extends Features>(
  definition: StrategyDefinition<P, F>,
  params: ParamValues<P>,
  loops: RowLoops,
): BoundStrategy {
  const { name } = definition
  const p = strictNames(params, PARAM_NAMES)
  const features = callPart(name, 'features', () => definition.features(p))
  for (const key in features) {
    if (!/^[A-Za-z][A-Za-z0-9]*$/.test(key)) {
      throw new ConfigError('a feature is named by letters and digits', {
        field: `${definition.name}.features`,
        value: key,
      })
    }
  }
  requireFeature(name, features, definition.score)
  requireFeature(name, features, definition.coverage)
  requireFeature(name, features, definition.rearm)
  const f = strictNames(features, FEATURE_NAMES)
  return {
    params,
    features,
    form: formOf(definition, f, p, params, loops),
    gates: askPart<Gates>(name, 'gates', NOTHING, definition.gates && (() => definition.gates?.(f, p))),
    coverage: definition.coverage,
    rearm: definition.rearm,
    risk: callPart(name, 'risk', () => riskSettings(definition.risk?.(p) ?? {})),
    policies: askPart<Partial<Policies>>(
      name,
      'policies',
      NOTHING,
      definition.policies && (() => definition.policies?.(p)),
    ),
    riskFreeRate: askPart(
      name,
      'riskFreeRate',
      0,
      definition.riskFreeRate && (() => definition.riskFreeRate?.(p)),
    ),
    series: askPart<Readonly<Record<string, string>>>(
      name,
      'series',
      NOTHING,
      definition.series && (() => definition.series?.(p)),
    ),
    notes: askPart(name, 'notes', NO_NOTES, definition.notes && (() => definition.notes?.(p))),
    chosenOn: askPart(name, 'chosenOn', NO_NOTES, definition.chosenOn && (() => definition.chosenOn?.(p))),
  }
}

/** What a part of the definition answers; where there is none, or it answers nothing, something else. */
function askPart<T>(
  strategy: string,
  part: string,
  otherwise: T,
  call: (() => T | undefined) | undefined,
): T {
  return typeof call === 'function' ? (callPart(strategy, part, call) ?? otherwise) : otherwise
}

function requireFeature(strategy: string, features: Features, named: string | undefined): void {
  if (named === undefined || Object.hasOwn(features, named)) return
  throw new ConfigError('no feature has this name', { field: `${strategy}.features`, value: named })
}

/** `f` and `p` refuse unknown names; `params` are the same without that care, for what is called on every bar. */
function formOf<P extends ParamSpecs, F extends Features>(
  definition: StrategyDefinition<P, F>,
  f: F,
  p: ParamValues<P>,
  params: ParamValues<P>,
  loops: RowLoops,
): BoundStrategy['form'] {
  const { name, enterLong, exitLong, enterShort, exitShort, score, signal, decide } = definition
  const hasRules =
    enterLong !== undefined || exitLong !== undefined || enterShort !== undefined || exitShort !== undefined
  const forms =
    Number(hasRules) +
    Number(score !== undefined) +
    Number(signal !== undefined) +
    Number(decide !== undefined)
  if (forms !== 1) {
    throw new ConfigError(
      'a strategy speaks by rules, or a score, or a signal, or decide: exactly one of them',
      {
        field: name,
      },
    )
  }
  const thresholds = thresholdsOf(definition, p)
  if (score !== undefined) return { kind: 'score', score, thresholds }
  if (signal !== undefined) return { kind: 'signal', signal, loops, thresholds }
  if (decide !== undefined)
    return { kind: 'decide', decide: (row, position) => decide(row as Row<F>, position, params) }
  if (enterLong === undefined && enterShort === undefined) {
    throw new ConfigError('a strategy of rules needs enterLong or enterShort', { field: name })
  }
  return {
    kind: 'rules',
    enterLong: askPart(name, 'enterLong', NEVER, enterLong && (() => enterLong(f, p))),
    exitLong: askPart(name, 'exitLong', NEVER, exitLong && (() => exitLong(f, p))),
    enterShort: askPart(name, 'enterShort', NEVER, enterShort && (() => enterShort(f, p))),
    exitShort: askPart(name, 'exitShort', NEVER, exitShort && (() => exitShort(f, p))),
  }
}

function thresholdsOf<P extends ParamSpecs, F extends Features>(
  definition: Pick<StrategyDefinition<P, F>, 'name' | 'thresholds'>,
  p: ParamValues<P>,
): ScoreThresholds {
  const { name } = definition
  const ask = definition.thresholds && (() => definition.thresholds?.(p))
  return checkedThresholds(name, askPart(name, 'thresholds', DEFAULT_THRESHOLDS, ask))
}

function checkedThresholds(strategy: string, thresholds: ScoreThresholds): ScoreThresholds {
  const { long, short } = thresholds
  if (!(short > 0 && short <= long && long <= 1)) {
    throw new ConfigError('thresholds must satisfy 0 < short ≤ long ≤ 1', {
      field: `${strategy}.thresholds`,
      value: `${short}, ${long}`,
    })
  }
  return thresholds === DEFAULT_THRESHOLDS ? thresholds : { long, short }
}
