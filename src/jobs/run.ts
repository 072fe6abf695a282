import { createHash } from 'node:crypto'
import { writeFile } from 'node:fs/promises'
import { formatUtc, formatUtcDay } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import {
  dataWarnings,
  type DataFindings,
  runWarnings,
  summaryPage,
  SUMMARY_STYLE,
  type DataLine,
  type RunSummary,
} from '../report/index.js'
import type { RiskSettings } from '../risk/settings.js'
import type { Manifest } from '../store/manifest.js'
import type { UsedSeries } from '../store/run-data.js'
import { openStore, storeManifest } from '../store/store.js'
import { compileStrategy } from '../strategy/compile.js'
import { runBacktest, type Backtest, type BacktestOptions } from './backtest.js'
import { codeHashes, relativeImports } from './code-hash.js'
import { gitState } from './git.js'
import { stableJson } from './json.js'
import { RUN_SCHEMA, runId, type RunInputs, type RunManifest } from './manifest.js'
import { packageVersion, PACKAGE_ROOT, versions } from './package-info.js'
import { writeEquity, writeFills, writeTrades } from './parquet.js'
import type { RunFiles } from './run-store.js'
import { settingLines } from './setting-lines.js'
import { loadStrategyFile } from './strategy-file.js'
import { strategySource, type StrategySource } from './strategy-source.js'

/** What a user, or the manifest of an earlier run, asks for. */
export interface RunRequest extends Omit<BacktestOptions, 'strategy'> {
  /** Full path of the strategy file. */
  readonly strategyFile: string
  /** The strategy as it was typed. */
  readonly strategyPath: string
  readonly preset: string | null
  /** Values that differ from the preset's. */
  readonly params: Readonly<Record<string, unknown>>
  readonly seed: number | null
  /** The command that would ask for this again. */
  readonly command: string
}

/** A run that was replayed and not yet stored. */
export interface ExecutedRun {
  readonly backtest: Backtest
  readonly summary: RunSummary
  readonly files: RunFiles
}

/** Loads strategy and data, replays, measures, and makes everything that a stored run consists of. */
export async function executeRun(request: RunRequest): Promise<ExecutedRun> {
  const source = strategySource(request.strategyFile)
  const definition = await loadStrategyFile(request.strategyFile)
  const strategy = compileStrategy(definition, request.params, request.preset ?? 'default')
  const backtest = await runBacktest({ ...request, strategy })
  const inputs: RunInputs = {
    schema: RUN_SCHEMA,
    strategy: {
      name: strategy.name,
      preset: request.preset,
      params: strategy.params,
      risk: strategy.risk,
      factsRead: strategy.factsRead,
    },
    policies: backtest.policies,
    costs: request.costs,
    startingBalance: request.startingBalance,
    instruments: request.instruments,
    timeframeMs: request.timeframeMs,
    range: {
      startTime: request.range.startMs,
      endTime: request.range.endMs,
      warmUpStartTime: backtest.warmUpStartTime,
    },
    funding: request.funding,
    factOverrides: request.factOverrides,
    ...(request.detailMs === undefined ? {} : { detailMs: request.detailMs }),
    ...(request.sensitivity === true ? { sensitivity: true as const } : {}),
    data: {
      hash: backtest.data.dataHash,
      synthetic: backtest.synthetic,
      series: backtest.data.used.map(({ instrumentId, use, seriesId, sha256, flags }) => ({
        id: seriesId ?? '',
        feeds: use,
        instrument: instrumentId,
        hash: sha256 ?? '',
        flags,
      })),
    },
    code: codeHashes(request.strategyFile),
    seed: request.seed,
  }
  const manifest: RunManifest = { inputs, provenance: await provenanceOf(request, source.entry) }
  const store = await storeManifest(openStore(request.dataFolder))
  const summary = summarise(request, manifest, backtest, strategy.notes, store)
  return { backtest, summary, files: runFiles(manifest, backtest, summary, source) }
}

async function provenanceOf(request: RunRequest, strategySource: string): Promise<RunManifest['provenance']> {
  return {
    strategyPath: request.strategyPath,
    strategySource,
    dataFolder: request.dataFolder,
    command: request.command,
    git: await gitState(PACKAGE_ROOT, relativeImports(request.strategyFile)),
    versions: versions(),
  }
}

function summarise(
  request: RunRequest,
  manifest: RunManifest,
  backtest: Backtest,
  notes: readonly string[],
  store: Manifest,
): RunSummary {
  const { result, metrics, synthetic, missingBars } = backtest
  const hasPerpetual = request.instruments.some(({ kind }) => kind === 'perpetual')
  const fundingLeftOut = request.funding === 'none' && hasPerpetual
  const id = runId(manifest.inputs)
  const newest = (series: UsedSeries): number | undefined => newestEventTime(series, backtest)
  const line = (series: UsedSeries): DataLine => {
    const newestTime = newest(series)
    const isStale = newestTime !== undefined && newestTime < result.startTime
    return dataLine(series, store, fundingLeftOut, isStale ? newestTime : undefined)
  }
  return {
    runId: id,
    strategy: manifest.inputs.strategy.name,
    preset: request.preset ?? undefined,
    synthetic,
    result,
    metrics,
    optimistic: backtest.optimistic,
    detail: backtest.detail,
    sensitivity: backtest.sensitivity,
    signals: backtest.signals,
    data: [...backtest.data.used, ...backtest.data.absent].map(line),
    warnings: runWarnings({
      result,
      metrics,
      synthetic,
      signals: backtest.signals,
      data: dataWarnings(
        dataFindings(request, manifest.inputs.strategy.factsRead, result.startTime, backtest, store),
      ),
      notes,
      missingBars,
      riskPerTrade: riskPerTradeOf(manifest.inputs.strategy.risk),
      fundingLeftOut,
      slippageBps: request.costs.slippageBps,
    }),
    settings: settingLines(manifest.inputs),
    reproduce: reproduceLines(id, manifest),
  }
}

/** Newest event of a fact as the run reads it for its instrument; undefined for what is no fact, or has no row. */
export function newestEventTime(
  { instrumentId, use }: UsedSeries,
  { data }: Pick<Backtest, 'data'>,
): number | undefined {
  const facts = data.instruments.find(({ instrument }) => instrument.id === instrumentId)?.facts[use]
  if (facts === undefined || facts.eventTime.length === 0) return undefined
  return facts.eventTime.reduce((newest, time) => Math.max(newest, time))
}

/** What the data of a run were, against what it asked for. `startTime`: open of its first bar, UTC ms. */
export function dataFindings(
  request: Pick<RunRequest, 'range' | 'timeframeMs'>,
  factsRead: readonly string[],
  startTime: number,
  backtest: Pick<Backtest, 'data'>,
  store: Manifest,
): DataFindings {
  const { used, absent } = backtest.data
  const facts = [...used, ...absent].filter(({ use }) => factsRead.includes(use))
  return {
    asked: request.range,
    startTime,
    candles: used.flatMap(({ use, seriesId, instrumentId }) => {
      const entry = use === 'candles' && seriesId !== undefined ? store.series[seriesId] : undefined
      if (entry === undefined) return []
      const endTime = entry.lastEventTime + request.timeframeMs
      return [{ instrument: instrumentId, startTime: entry.firstEventTime, endTime }]
    }),
    facts: facts.map((one) => ({
      name: one.use,
      instrument: one.instrumentId,
      newestTime: newestEventTime(one, backtest),
    })),
    series: used.flatMap(({ seriesId, flags }) => (seriesId === undefined ? [] : [{ id: seriesId, flags }])),
  }
}

/** Undefined where sizes do not come from it. */
function riskPerTradeOf({ sizing, riskPerTrade }: RiskSettings): number | undefined {
  return sizing.kind === 'risk' ? riskPerTrade : undefined
}

/** One line on a series that feeds a run, or on what none feeds. */
export function dataLine(
  { instrumentId, use, seriesId, flags }: UsedSeries,
  store: Manifest,
  fundingLeftOut: boolean,
  staleSince: number | undefined,
): DataLine {
  const entry = seriesId === undefined ? undefined : store.series[seriesId]
  if (entry === undefined) {
    const isLeftOut = use === 'funding-payments' && fundingLeftOut
    return { instrument: instrumentId, feeds: use, series: undefined, notes: [isLeftOut ? 'left out on request' : 'not in the data folder, or left out'] } // prettier-ignore
  }
  const { count, missing } = entry.gaps
  const notes = [
    ...flags.map((flag) => flag.toUpperCase()),
    `${formatValue(entry.file.rows, 'count')} rows`,
    `${formatUtc(entry.firstEventTime)} to ${formatUtc(entry.lastEventTime)} UTC`,
    ...(staleSince === undefined ? [] : [`newest row ${formatUtcDay(staleSince)}: stale in this range`]),
    ...(count > 0
      ? [
          `${formatValue(count, 'count')} gap${count === 1 ? '' : 's'}, ${formatValue(missing, 'count')} missing`,
        ]
      : []),
  ]
  return { instrument: instrumentId, feeds: use, series: seriesId, notes }
}

function reproduceLines(id: string, { inputs, provenance }: RunManifest): [string, string][] {
  const { git } = provenance
  return [
    ['Command', provenance.command],
    ['Check', `baleen runs replay ${id}`],
    ['Data', inputs.data.hash],
    ['Decision code', inputs.code.decision],
    ['Other code', inputs.code.other],
    ['Dependencies', `${inputs.code.dependencies} (${inputs.code.dependenciesFrom})`],
    ['Commit', git === null ? 'unknown' : `${git.commit}${git.dirty ? ' with local changes' : ''}`],
    ['Seed', inputs.seed === null ? 'none: nothing in the run is random' : String(inputs.seed)],
    ['Versions', Object.entries(provenance.versions).map(([name, version]) => `${name} ${version}`).join(', ')],
  ] // prettier-ignore
}

/** What metrics.json holds: all that is shown of a run but its curves, fills and trades. */
function resultsOf(
  { result, metrics, optimistic, detail, sensitivity, signals, missingBars }: Backtest,
  summary: RunSummary,
): unknown {
  const { finalEquity, startTime, endTime, funnel, costs, undecidedExits, flags, path } = result
  return {
    metrics,
    result: {
      finalEquity,
      startTime,
      endTime,
      funnel,
      costs,
      undecidedExits,
      flags,
      path,
      trades: result.trades.length,
    },
    optimistic,
    detail,
    sensitivity,
    signals,
    missingBars,
    warnings: summary.warnings,
    data: summary.data,
  }
}

function runFiles(
  manifest: RunManifest,
  backtest: Backtest,
  summary: RunSummary,
  source: StrategySource,
): RunFiles {
  const styleHash = createHash('sha256').update(SUMMARY_STYLE).digest('base64')
  return {
    manifest,
    created: {
      createdAt: new Date().toISOString(),
      platform: `${process.platform} ${process.arch}`,
      // Relative paths of the run were read from here.
      workingFolder: process.cwd(),
      baleen: packageVersion(),
    },
    writers: {
      ...source.writers,
      'metrics.json': (path) => writeFile(path, stableJson(resultsOf(backtest, summary))),
      'trades.parquet': (path) => writeTrades(path, backtest.result),
      'fills.parquet': (path) => writeFills(path, backtest.result),
      'equity.parquet': (path) => writeEquity(path, backtest.result),
      'summary.html': (path) => writeFile(path, summaryPage(summary, styleHash)),
    },
  }
}
