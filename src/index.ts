/**
 * `baleen`: everything a strategy is made of, and nothing that touches files, network, clock or chance. `baleen/lab` adds stored
 * data, backtests, the run store and the market simulator.
 */

// The vocabulary
export type { Candles, FactColumns, FundingSchedule, PointInTimeIndex } from './core/columns.js'
export { BaleenError, CheckError, ConfigError, DataError, LedgerError } from './core/errors.js'
export type {
  Instrument,
  InstrumentKind,
  InstrumentTerms,
  MarginTerms,
  MarginTier,
  TermsChange,
} from './core/instrument.js'
export type { ExitReason, Fill, Order, OrderState, Side } from './core/orders.js'
export { DEFAULT_POLICIES, POLICY_VALUES, type Policies } from './core/policies.js'
export type { BacktestResult, Funnel } from './core/result.js'
export { SCORE_BANDS, type ScoreBand, type ScoreSignal, scoreSignal } from './core/score-bands.js'
export type { Runs, SignalColumns, SignalRow } from './core/signals.js'
export { DAY_MS, HOUR_MS, MINUTE_MS, formatUtc, parseDuration, parseTimeRange } from './core/time.js'
export type { Trade, TradeTable } from './core/trades.js'

// Features: sources
export {
  type Feature,
  type Operand,
  close,
  constant,
  high,
  low,
  open,
  time,
  volume,
} from './features/feature.js'
export { fact, factAge, factChange, factEventTime } from './features/facts.js'

// Features: operators
export {
  abs,
  add,
  clamp,
  div,
  greater,
  keepWhere,
  max,
  min,
  mul,
  orElse,
  sub,
  where,
} from './features/arithmetic.js'
export { ema, mean, sma, wilder, wma } from './features/averages.js'
export { changeOver, lag, rateOfChange } from './features/changes.js'
export { type CrossRule, crossing } from './features/crosses.js'
export { type BollingerBands, bollinger, deviation, zScore } from './features/dispersion.js'
export { highest, lowest } from './features/extremes.js'
export { type Macd, macd, rsi } from './features/momentum.js'
export { type Stochastic, forceIndex, stochastic, stochasticRsi, trix } from './features/oscillators.js'
export { type DirectionalIndex, adx, atr, trueRange } from './features/range.js'
export { rank, rankOver } from './features/rank.js'
export {
  type IchimokuLines,
  awesomeOscillator,
  cci,
  chandelier,
  ichimoku,
  keltner,
  kst,
  mfi,
  obv,
  psar,
  vwap,
  williamsR,
} from './features/library.js'

// Features: higher timeframes
export { type HigherFeature, completed, timeframe } from './features/timeframe.js'

// Features: the smart-money score
export { type CombinedLegs, type WeightedLeg, combineLegs } from './features/combine.js'
export { type BandAnswers, bandLeg, confirmationLeg } from './features/legs.js'
export {
  NINETY_DAYS,
  type Ranking,
  type Thresholds,
  confirmation,
  confirmationVeto,
  derivativesLeg,
  flowLeg,
  freshFunding,
  openInterestChange,
  tutorialWhaleLeg,
  whaleLeg,
  whaleSnapshot,
} from './features/smart-money.js'
export {
  type SmartMoneyFeatures,
  type SmartMoneyParams,
  smartMoneyFeatures,
  smartMoneyGates,
  smartMoneyParams,
} from './strategy/smart-money.js'

// Strategies
export {
  type Features,
  type Gates,
  type Preset,
  type Row,
  type ScoreThresholds,
  type Strategy,
  type StrategyDefinition,
  defineStrategy,
} from './strategy/define.js'
export {
  type ChoiceParam,
  type FlagParam,
  type NumberParam,
  type NumberParamOptions,
  type ParamSpec,
  type ParamSpecs,
  type ParamValue,
  type ParamValues,
  choice,
  flag,
  int,
  parseParam,
  real,
} from './strategy/params.js'
export {
  type Rule,
  above,
  and,
  atLeast,
  atMost,
  below,
  between,
  crossesAbove,
  crossesBelow,
  known,
  not,
  or,
  unknown,
} from './strategy/rules.js'
export type {
  CompiledStrategy,
  Decision,
  PositionView,
  SignalStream,
  StrategyColumns,
  StrategyInputs,
  StreamBar,
  StreamFact,
} from './strategy/compiled.js'
export { type CompiledDefinition, compileStrategy } from './strategy/compile.js'
export { type StrategyListing, describeStrategy } from './strategy/describe.js'
export { type LegExplanation, type ScoreExplanation, explainScore } from './strategy/explain.js'
export { type LookAhead, type LookAheadKind, findLookAhead } from './strategy/leaks.js'
export {
  type LegActivity,
  type LegRange,
  type ScoreLayout,
  type ScoreRange,
  attainableScores,
  legActivity,
  scoreLayout,
  scoreRange,
} from './strategy/score.js'

// Risk
export {
  DEFAULT_RISK,
  type RiskSettings,
  type SizingRule,
  type StopRule,
  type TargetRule,
  type TrailingRule,
  atrStop,
  atrTrail,
  cashFraction,
  noStop,
  noTarget,
  percentStop,
  percentTarget,
  percentTrail,
  rewardToRisk,
} from './risk/settings.js'

// Replay and measure
export type { CostSettings, InstrumentData, ReplayOptions } from './engine/options.js'
export { effectivePolicies, replay } from './engine/replay.js'
export { type MetricOptions, type MetricsReport, computeMetrics, findMetric } from './metrics/index.js'
