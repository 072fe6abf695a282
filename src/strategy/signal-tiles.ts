import type { ColumnReader, SignalTile } from '../core/signal-tile.js'
import { type Runs, RUNS_END } from '../core/signals.js'
import { leastRoundedTo, round12 } from '../features/combine.js'
import { type Feature, constant } from '../features/feature.js'
import { planFeatures } from '../features/plan.js'
import type { ColumnMemory, TileColumn } from '../features/tile.js'
import { FeatureTiles } from '../features/tiles.js'
import type { StrategyInputs, StrategyTiles } from './compiled.js'
import { type Conditions, type Program, SCORE, gated, scoreConditions } from './program.js'
import { failOnRow } from './row-failure.js'
import { RuleRuns, type TileRuns } from './rule-runs.js'
import { above, below, or } from './rules.js'
import { RunList, allRuns } from './runs.js'
import { type ScannerKind, createScanner } from './scanner.js'
import { ScoreReader, TileReader } from './tile-reader.js'
import { type FailOnBar, FeatureScore, RowScore, ScoreMemory, type TrialScore } from './trial-score.js'

export interface ProgramTilesOptions {
  readonly scanner?: ScannerKind
  /** The scanner's own, unless given. */
  readonly memory?: ColumnMemory
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
    const roots = programs.flatMap(({ features, signalFeatures }) =>
      options.allFeatures === true ? features : signalFeatures,
    )
    const scanner = createScanner(options.scanner)
    this.scanner = scanner.kind
    this.featureTiles = new FeatureTiles(planFeatures(roots), inputs, options.memory ?? scanner.memory)
    this.rules = new RuleRuns(scanner)
    const scores = new Scores(this.featureTiles)
    const { openTime, timeframeMs } = inputs.candles
    const warmUps = new Map<string, number>()
    this.list = programs.map((program) => {
      const warmUp = program.warmUp(timeframeMs, warmUps)
      const fail = failOnRow(program.strategy, (bar) => (openTime[bar] as number) + timeframeMs)
      return new Trial(program, warmUp, this.featureTiles, this.rules, scores, fail)
    })
  }

  load(from: number, to: number): void {
    this.featureTiles.load(from, to)
    this.rules.load(this.featureTiles.tile)
  }

  tile(trial: number): SignalTile {
    const found = this.trial(trial)
    // Here and not when runs are asked for: a score that is none must fail, whoever looks.
    found.check()
    return found
  }

  warmUpBars(trial: number): number {
    return this.trial(trial).warmUpBars
  }

  features(trial: number): Readonly<Record<string, ColumnReader>> {
    return this.trial(trial).namedFeatures
  }

  /** Whole columns of the tile that is loaded. */
  column(feature: Feature): Float64Array {
    return this.featureTiles.column(feature).values
  }

  /** All scores of the tile that is loaded, in memory that no later tile uses; undefined where the trial has none. */
  scoreColumn(trial: number): Float64Array | undefined {
    const { scoreColumn } = this.trial(trial)
    const { first, end } = this.featureTiles.tile
    return scoreColumn?.values.slice(0, end - first).map(round12)
  }

  private trial(index: number): Trial {
    const trial = this.list[index]
    if (trial === undefined) throw new RangeError(`there is no trial ${index}; there are ${this.trials}`)
    return trial
  }
}

const NO_RUNS: Runs = Int32Array.of(RUNS_END, RUNS_END)

/** One trial's view of the tile that is loaded: what is asked of it is computed then. */
class Trial implements SignalTile {
  readonly scoreColumn: TrialScore | undefined
  readonly score: ColumnReader | undefined
  readonly coverage: ColumnReader | undefined
  readonly rearmKey: ColumnReader | undefined
  readonly atr: ColumnReader | undefined
  private readonly conditions: ConditionRuns | undefined
  private readonly scoreKnown: TileRuns | undefined
  /** A score that is a feature is checked as any rule is; a row function's by the loop that asks it. */
  private readonly notAScore: TileRuns | undefined
  private readonly warm = new RunList()
  private named: Readonly<Record<string, ColumnReader>> | undefined

  constructor(
    private readonly program: Program,
    readonly warmUpBars: number,
    private readonly features: FeatureTiles,
    rules: RuleRuns,
    scores: Scores,
    private readonly fail: FailOnBar,
  ) {
    const { bound, atr } = program
    this.scoreColumn = scores.of(program, warmUpBars, fail)
    this.score = this.scoreColumn && new ScoreReader(features.tile, this.scoreColumn)
    this.coverage = this.readerOf(bound.features[bound.coverage ?? ''])
    this.rearmKey = this.readerOf(bound.features[bound.rearm ?? ''])
    this.atr = this.readerOf(atr)
    this.scoreKnown = this.scoreColumn && rules.known(this.scoreColumn)
    const columnOf = (feature: Feature): TileColumn =>
      feature === SCORE ? (this.scoreColumn as TrialScore) : features.column(feature)
    this.conditions = conditionRuns(program, rules, columnOf)
    this.notAScore = bound.form.kind === 'score' ? rules.of(NOT_A_SCORE, columnOf) : undefined
  }

  /** @throws CheckError where a score of the tile lies outside [0, 1], or the row function threw */
  check(): void {
    this.scoreColumn?.check?.()
    const bar = this.notAScore?.clipped()[0] ?? RUNS_END
    if (bar !== RUNS_END) this.fail(bar, this.scoreColumn?.at(bar - this.features.tile.first), false)
  }

  get from(): number {
    return this.features.tile.from
  }
  get to(): number {
    return this.features.tile.end
  }
  get enterLong(): Runs {
    return this.runs(this.conditions?.enterLong)
  }
  get exitLong(): Runs {
    return this.runs(this.conditions?.exitLong)
  }
  get enterShort(): Runs {
    return this.runs(this.conditions?.enterShort)
  }
  get exitShort(): Runs {
    return this.runs(this.conditions?.exitShort)
  }
  get longOff(): Runs {
    return this.runs(this.conditions?.longOff)
  }
  get shortOff(): Runs {
    return this.runs(this.conditions?.shortOff)
  }
  get usable(): Runs {
    if (this.scoreKnown !== undefined) return this.runs(this.scoreKnown)
    allRuns(this.warm, Math.max(this.from, this.warmUpBars), this.to)
    return this.warm.runs
  }

  /** Every named feature that is computed. */
  get namedFeatures(): Readonly<Record<string, ColumnReader>> {
    this.named ??= Object.fromEntries(
      Object.entries(this.program.bound.features)
        .filter(([, feature]) => this.features.has(feature))
        .map(([name, feature]) => [name, this.readerOf(feature) as ColumnReader]),
    )
    return this.named
  }

  private runs(of: TileRuns | undefined): Runs {
    if (of === undefined) return NO_RUNS
    return of.clipped()
  }

  private readerOf(feature: Feature | undefined): ColumnReader | undefined {
    return feature && new TileReader(this.features.tile, this.features.column(feature))
  }
}

const NOT_A_SCORE = or(above(SCORE, 1), below(SCORE, 0))

type ConditionRuns = Readonly<
  Record<'enterLong' | 'exitLong' | 'enterShort' | 'exitShort' | 'longOff' | 'shortOff', TileRuns>
>

function conditionRuns(
  program: Program,
  rules: RuleRuns,
  columnOf: (feature: Feature) => TileColumn,
): ConditionRuns | undefined {
  const { bound } = program
  const conditions = tileConditions(program)
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

/** The conditions as they read in columns, where scores are not rounded. */
function tileConditions({ conditions, bound: { form } }: Program): Conditions | undefined {
  if (form.kind === 'rules' || form.kind === 'decide') return conditions
  const { long, short } = form.thresholds
  return scoreConditions({ long: leastRoundedTo(long), short: leastRoundedTo(short) })
}

/** The scores of all trials, each distinct one once. */
class Scores {
  private readonly memory: ScoreMemory
  private readonly byKey = new Map<unknown, Map<string, TrialScore>>()

  constructor(private readonly features: FeatureTiles) {
    this.memory = new ScoreMemory(features.tile, features.ownMemory())
  }

  of({ bound }: Program, warmUpBars: number, fail: FailOnBar): TrialScore | undefined {
    const { form } = bound
    if (form.kind === 'rules' || form.kind === 'decide') return undefined
    if (form.kind === 'score') {
      const feature = bound.features[form.score] ?? constant(0)
      return this.shared('score', feature.key, () => {
        return new FeatureScore(this.features.tile, warmUpBars, this.features.column(feature))
      })
    }
    const { signal, loops } = form
    const features = Object.entries(bound.features)
    const key = JSON.stringify([features.map(([name, { key }]) => [name, key]), bound.params, warmUpBars])
    return this.shared(signal, key, () => {
      const columns = features.map(([, feature]) => this.features.column(feature))
      const names = features.map(([name]) => name)
      return new RowScore(
        this.memory,
        warmUpBars,
        names,
        columns,
        loops.of(names),
        signal,
        bound.params,
        fail,
      )
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
