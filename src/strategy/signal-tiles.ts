import type { ColumnReader, SignalTile } from '../core/signal-tile.js'
import { type Runs, RUNS_END } from '../core/signals.js'
import { round12 } from '../features/combine.js'
import { type Feature, constant } from '../features/feature.js'
import { planFeatures } from '../features/plan.js'
import type { ColumnMemory, TileColumn } from '../features/tile.js'
import { FeatureTiles } from '../features/tiles.js'
import type { StrategyInputs, StrategyTiles } from './compiled.js'
import type { BoundStrategy, ScoreThresholds } from './define.js'
import { GRADE_CONDITIONS, Grading, type UnroundedThresholds, unrounded } from './grades.js'
import { type Program, SCORE, gated } from './program.js'
import { failOnRow } from './row-failure.js'
import { RuleRuns, type TileRuns } from './rule-runs.js'
import { RunMemory } from './runs.js'
import { type Scanner, type ScannerKind, createScanner } from './scanner.js'
import { ScoreReader, TileReader } from './tile-reader.js'
import { FeatureScore, RowScore, type ScoreTile, type TrialScore } from './trial-score.js'

export interface ProgramTilesOptions {
  readonly scanner?: ScannerKind
  /** Of tiles that nobody asks any more: used again. */
  readonly after?: TileMemory
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
  private readonly machinery: TileMemory
  private isGivenUp = false
  private readonly list: readonly Trial[]

  constructor(programs: readonly Program[], inputs: StrategyInputs, options: ProgramTilesOptions = {}) {
    this.trials = programs.length
    const roots: Feature[] = []
    for (const program of programs)
      if (options.allFeatures === true) roots.push(...program.features)
      else program.addSignalFeatures(roots)
    this.machinery = machineryOf(options)
    const { scanner, lists } = this.machinery
    this.scanner = scanner.kind
    this.featureTiles = new FeatureTiles(planFeatures(roots), inputs, options.memory ?? scanner.memory)
    this.rules = new RuleRuns(scanner, lists)
    const { openTime, timeframeMs } = inputs.candles
    const scores = new Scores(this.featureTiles, (bar) => (openTime[bar] as number) + timeframeMs)
    const warmUps = new Map<string, number>()
    this.list = programs.map((program) => {
      const warmUp = program.warmUp(timeframeMs, warmUps)
      return new Trial(program, warmUp, this.featureTiles, this.rules, scores)
    })
  }

  load(from: number, to: number): void {
    if (this.isGivenUp) throw new RangeError('these tiles were given up: others use their memory')
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

  /** Memory that other tiles may use from now on. These must not be asked again. */
  giveUp(): TileMemory {
    this.isGivenUp = true
    return this.machinery
  }

  /** Whole columns of the tile that is loaded. */
  column(feature: Feature): Float64Array {
    return this.featureTiles.column(feature).values
  }

  /** All scores of the tile that is loaded, in memory that no later tile uses; undefined where the trial has none. */
  scoreColumn(trial: number): Float64Array | undefined {
    return this.trial(trial).trialScore?.scores().map(round12)
  }

  private trial(index: number): Trial {
    const trial = this.isGivenUp ? undefined : this.list[index]
    if (trial === undefined) throw new RangeError(`there is no trial ${index}; there are ${this.trials}`)
    return trial
  }
}

/** What is costly to make anew: memory that has never been written to is slow. */
export interface TileMemory {
  readonly scanner: Scanner
  readonly lists: RunMemory
}

function machineryOf({ scanner, after }: ProgramTilesOptions): TileMemory {
  if (after === undefined || after.scanner.kind !== (scanner ?? after.scanner.kind))
    return { scanner: createScanner(scanner), lists: new RunMemory() }
  after.lists.reuse()
  return after
}

const NO_RUNS: Runs = Int32Array.of(RUNS_END, RUNS_END)

/** One trial's view of the tile that is loaded: what is asked of it is computed then. */
class Trial implements SignalTile {
  readonly trialScore: TrialScore | undefined
  readonly score: ColumnReader | undefined
  readonly coverage: ColumnReader | undefined
  readonly rearmKey: ColumnReader | undefined
  readonly atr: ColumnReader | undefined
  private readonly conditions: ConditionRuns | undefined
  private readonly usableRuns: TileRuns
  private named: Readonly<Record<string, ColumnReader>> | undefined

  constructor(
    private readonly program: Program,
    readonly warmUpBars: number,
    private readonly features: FeatureTiles,
    rules: RuleRuns,
    scores: Scores,
  ) {
    const { bound, atr } = program
    this.trialScore = scores.of(program, warmUpBars)
    this.score = this.trialScore && new ScoreReader(features.tile, this.trialScore)
    this.coverage = this.readerOf(bound.features[bound.coverage ?? ''])
    this.rearmKey = this.readerOf(bound.features[bound.rearm ?? ''])
    this.atr = this.readerOf(atr)
    this.usableRuns =
      this.trialScore === undefined ? rules.warmedUp(warmUpBars) : rules.known(this.trialScore.column)
    this.conditions = conditionRuns(program, rules, (feature) =>
      feature === SCORE ? (this.trialScore as TrialScore).column : features.column(feature),
    )
  }

  /** @throws CheckError where a score of the tile lies outside [0, 1], or the row function threw */
  check(): void {
    void this.trialScore?.grades
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
    return this.usableRuns.clipped()
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

type ConditionRuns = Readonly<
  Record<'enterLong' | 'exitLong' | 'enterShort' | 'exitShort' | 'longOff' | 'shortOff', TileRuns>
>

function conditionRuns(
  program: Program,
  rules: RuleRuns,
  columnOf: (feature: Feature) => TileColumn,
): ConditionRuns | undefined {
  const { bound } = program
  if (program.conditions === undefined) return undefined
  const conditions = bound.form.kind === 'rules' ? program.conditions : GRADE_CONDITIONS
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

/** The scores of all trials, each distinct one with the same thresholds once. */
class Scores {
  private readonly shared: ScoreTile
  private readonly byKey = new Map<unknown, Map<string, TrialScore>>()
  private readonly unrounded = new Map<string, UnroundedThresholds>()

  constructor(
    private readonly features: FeatureTiles,
    private readonly closeTimeOf: (bar: number) => number,
  ) {
    this.shared = { tile: features.tile, grading: new Grading() }
  }

  of({ strategy, bound }: Program, warmUpBars: number): TrialScore | undefined {
    const { form } = bound
    if (form.kind === 'rules' || form.kind === 'decide') return undefined
    const { long, short } = form.thresholds
    const { shared } = this
    const fail = failOnRow(strategy, this.closeTimeOf)
    if (form.kind === 'score') {
      const feature = bound.features[form.score] ?? constant(0)
      return this.distinct('score', `${feature.key} ${long} ${short}`, () => {
        const column = this.features.column(feature)
        return new FeatureScore(shared, warmUpBars, this.thresholds(form.thresholds), column, fail)
      })
    }
    const key = rowKey(bound, [warmUpBars, long, short])
    return this.distinct(form.signal, key, () => {
      const { signal, loops } = form
      const names = Object.keys(bound.features)
      const features = Object.values(bound.features)
      const columns = features.map((feature) => this.features.column(feature))
      const changes = this.features.sharedSteps(features)
      const question = { names, columns, changes, loop: loops.of(names), signal, params: bound.params }
      return new RowScore(shared, warmUpBars, this.thresholds(form.thresholds), question, fail)
    })
  }

  private thresholds(of: ScoreThresholds): UnroundedThresholds {
    const key = `${of.long} ${of.short}`
    const thresholds = this.unrounded.get(key) ?? unrounded(of)
    this.unrounded.set(key, thresholds)
    return thresholds
  }

  private distinct(owner: unknown, key: string, make: () => TrialScore): TrialScore {
    const byKey = this.byKey.get(owner) ?? new Map<string, TrialScore>()
    this.byKey.set(owner, byKey)
    const score = byKey.get(key) ?? make()
    byKey.set(key, score)
    return score
  }
}

/** Says all on which the answers of a row function depend, and some numbers. */
function rowKey({ features, params }: BoundStrategy, numbers: readonly number[]): string {
  return JSON.stringify([Object.entries(features).map(([name, { key }]) => [name, key]), params, numbers])
}
