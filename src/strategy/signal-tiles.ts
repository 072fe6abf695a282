import type { ColumnReader, SignalTile } from '../core/signal-tile.js'
import { type Runs, RUNS_END } from '../core/signals.js'
import { type Feature, constant } from '../features/feature.js'
import { planFeatures } from '../features/plan.js'
import type { MakeColumns, Tile, TileColumn } from '../features/tile.js'
import { FeatureTiles } from '../features/tiles.js'
import type { StrategyInputs, StrategyTiles } from './compiled.js'
import { type Program, SCORE, gated } from './program.js'
import { failOnRow } from './row-failure.js'
import { RuleRuns, type TileRuns } from './rule-runs.js'
import { type ScannerKind, createScanner } from './scanner.js'
import { FeatureScore, RowScore, ScoreMemory, type TrialScore } from './trial-score.js'

export interface ProgramTilesOptions {
  readonly scanner?: ScannerKind
  /** The scanner's own, unless given. */
  readonly makeColumns?: MakeColumns
  /** Also computes named features that no signal reads. */
  readonly allFeatures?: boolean
}

/**
 * Signals of several trials on one instrument, tile by tile: each distinct feature, comparison and rule is computed once a tile,
 * whoever shares it. A trial's score and runs are computed when the trial is asked for.
 */
export class ProgramTiles implements StrategyTiles {
  readonly trials: number
  readonly scanner: ScannerKind
  private readonly featureTiles: FeatureTiles
  private readonly rules: RuleRuns
  private readonly list: readonly Trial[]

  constructor(programs: readonly Program[], inputs: StrategyInputs, options: ProgramTilesOptions = {}) {
    this.trials = programs.length
    const roots = programs.flatMap(({ plan, signalFeatures }) =>
      options.allFeatures === true ? plan.nodes : signalFeatures,
    )
    const scanner = createScanner(options.scanner)
    this.scanner = scanner.kind
    this.featureTiles = new FeatureTiles(planFeatures(roots), inputs, options.makeColumns ?? scanner.columns)
    this.rules = new RuleRuns(scanner)
    const scores = new Scores(inputs, this.featureTiles)
    this.list = programs.map((program) => new Trial(program, inputs, this.featureTiles, this.rules, scores))
  }

  load(from: number, to: number): void {
    this.featureTiles.load(from, to)
    this.rules.load(this.featureTiles)
  }

  tile(trial: number): SignalTile {
    return this.trial(trial).load()
  }

  warmUpBars(trial: number): number {
    return this.trial(trial).warmUpBars
  }

  features(trial: number): Readonly<Record<string, ColumnReader>> {
    return this.trial(trial).features
  }

  /** Whole columns of the tile that is loaded. */
  column(feature: Feature): Float64Array {
    return this.featureTiles.column(feature).values
  }

  /** All scores of the tile that is loaded, in memory that no later tile uses; undefined where the trial has none. */
  scoreColumn(trial: number): Float64Array | undefined {
    const { score } = this.trial(trial)
    if (score === undefined) return undefined
    score.compute()
    return score.values.slice(0, this.featureTiles.end - this.featureTiles.first)
  }

  private trial(index: number): Trial {
    const trial = this.list[index]
    if (trial === undefined) throw new RangeError(`there is no trial ${index}; there are ${this.trials}`)
    return trial
  }
}

class FeatureReader implements ColumnReader {
  constructor(
    private readonly tile: Tile,
    private readonly column: TileColumn,
  ) {}

  at(bar: number): number {
    return this.column.values[bar - this.tile.first] as number
  }
}

const NO_RUNS: Runs = Int32Array.of(RUNS_END, RUNS_END)

class Trial implements SignalTile {
  from = 0
  to = 0
  enterLong: Runs = NO_RUNS
  exitLong: Runs = NO_RUNS
  enterShort: Runs = NO_RUNS
  exitShort: Runs = NO_RUNS
  longOff: Runs = NO_RUNS
  shortOff: Runs = NO_RUNS
  usable: Runs
  readonly score: TrialScore | undefined
  readonly coverage: ColumnReader | undefined
  readonly rearmKey: ColumnReader | undefined
  readonly atr: ColumnReader | undefined
  /** Every named feature that is computed. */
  readonly features: Readonly<Record<string, ColumnReader>>
  readonly warmUpBars: number
  private readonly conditions: ConditionRuns | undefined
  private readonly scoreKnown: TileRuns | undefined
  private readonly warm: Runs = Int32Array.of(RUNS_END, RUNS_END, RUNS_END, RUNS_END)

  constructor(
    program: Program,
    inputs: StrategyInputs,
    private readonly tile: FeatureTiles,
    rules: RuleRuns,
    scores: Scores,
  ) {
    const { bound } = program
    const reader = (feature: Feature): ColumnReader => new FeatureReader(tile, tile.column(feature))
    const named = (name: string | undefined): ColumnReader | undefined =>
      name === undefined ? undefined : reader(bound.features[name] as Feature)
    this.warmUpBars = program.warmUp(inputs.candles.timeframeMs)
    this.score = scores.of(program, this.warmUpBars)
    this.coverage = named(bound.coverage)
    this.rearmKey = named(bound.rearm)
    this.atr = program.atr === undefined ? undefined : reader(program.atr)
    this.features = Object.fromEntries(
      Object.entries(bound.features)
        .filter(([, feature]) => tile.has(feature))
        .map(([name, feature]) => [name, reader(feature)]),
    )
    this.usable = this.warm
    this.scoreKnown = this.score && rules.known(this.score)
    this.conditions = conditionRuns(program, rules, (feature) =>
      feature === SCORE ? (this.score as TrialScore) : tile.column(feature),
    )
  }

  /** Computes what depends on the trial alone. */
  load(): this {
    const { conditions } = this
    this.from = this.tile.from
    this.to = this.tile.end
    this.score?.compute()
    this.usable = this.scoreKnown?.clipped() ?? this.warmRuns()
    if (conditions === undefined) return this
    this.enterLong = conditions.enterLong.clipped()
    this.exitLong = conditions.exitLong.clipped()
    this.enterShort = conditions.enterShort.clipped()
    this.exitShort = conditions.exitShort.clipped()
    this.longOff = conditions.longOff.clipped()
    this.shortOff = conditions.shortOff.clipped()
    return this
  }

  private warmRuns(): Runs {
    const start = Math.max(this.from, this.warmUpBars)
    const some = start < this.to
    this.warm[0] = some ? start : RUNS_END
    this.warm[1] = some ? this.to : RUNS_END
    return this.warm
  }
}

type ConditionRuns = Readonly<
  Record<'enterLong' | 'exitLong' | 'enterShort' | 'exitShort' | 'longOff' | 'shortOff', TileRuns>
>

function conditionRuns(
  { conditions, bound }: Program,
  rules: RuleRuns,
  columnOf: (feature: Feature) => TileColumn,
): ConditionRuns | undefined {
  if (conditions === undefined) return undefined
  const enterLong = gated(conditions.enterLong, bound.gates.long)
  const enterShort = gated(conditions.enterShort, bound.gates.short)
  return {
    enterLong: rules.of(enterLong, columnOf),
    exitLong: rules.of(conditions.exitLong, columnOf),
    enterShort: rules.of(enterShort, columnOf),
    exitShort: rules.of(conditions.exitShort, columnOf),
    longOff: rules.of(enterLong, columnOf, false),
    shortOff: rules.of(enterShort, columnOf, false),
  }
}

/** The scores of all trials, each distinct one once. */
class Scores {
  private readonly memory: ScoreMemory
  private readonly byKey = new Map<unknown, Map<string, TrialScore>>()

  constructor(
    private readonly inputs: StrategyInputs,
    private readonly tile: FeatureTiles,
  ) {
    this.memory = new ScoreMemory(tile)
  }

  of(program: Program, warmUpBars: number): TrialScore | undefined {
    const { bound } = program
    const { form } = bound
    if (form.kind === 'rules' || form.kind === 'decide') return undefined
    const { candles } = this.inputs
    const fail = failOnRow(program.strategy, (bar) => (candles.openTime[bar] as number) + candles.timeframeMs)
    if (form.kind === 'score') {
      const feature = bound.features[form.score] ?? constant(0)
      return this.shared('score', feature.key, () => {
        return new FeatureScore(this.memory, warmUpBars, this.tile.column(feature), fail)
      })
    }
    const { signal, loops } = form
    const features = Object.entries(bound.features)
    const key = JSON.stringify([features.map(([name, { key }]) => [name, key]), bound.params, warmUpBars])
    return this.shared(signal, key, () => {
      const columns = Object.fromEntries(features.map(([name, feature]) => [name, this.tile.column(feature)]))
      const loop = loops.of(Object.keys(columns))
      return new RowScore(this.memory, warmUpBars, columns, loop, signal, bound.params, fail)
    })
  }

  private shared(owner: unknown, key: string, make: () => TrialScore): TrialScore {
    const byKey = this.byKey.get(owner) ?? new Map<string, TrialScore>()
    this.byKey.set(owner, byKey)
    const score = byKey.get(key) ?? make()
    byKey.set(key, score)
    return score
  }
}
