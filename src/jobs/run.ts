import { writeFile } from 'node:fs/promises'
import { canonicalJson } from '../core/canonical-json.js'
import { reportPage, type RunSummary } from '../report/index.js'
import { openStore, storeManifest } from '../store/store.js'
import { compileStrategy } from '../strategy/compile.js'
import { runBacktest, type Backtest, type BacktestOptions } from './backtest.js'
import { codeHashes, relativeImports } from './code-hash.js'
import { gitState } from './git.js'
import { stableJson } from './json.js'
import { RUN_SCHEMA, type RunInputs, type RunManifest, seriesUsed } from './manifest.js'
import { packageVersion, PACKAGE_ROOT, versions } from './package-info.js'
import { loadPageKit } from './page-kit.js'
import { writeEquity, writeFills, writeTrades } from './parquet.js'
import { REPORT_FILE, type RunFiles } from './run-store.js'
import { notesFor, summarise } from './run-summary.js'
import { storedResults } from './stored-results.js'
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
    ...(backtest.sensitivity === undefined ? {} : { sensitivity: true as const }),
    data: {
      hash: backtest.data.dataHash,
      synthetic: backtest.synthetic,
      series: seriesUsed(backtest.data),
    },
    code: codeHashes(request.strategyFile),
    seed: request.seed,
  }
  const manifest: RunManifest = { inputs, provenance: await provenanceOf(request, source.entry) }
  const store = await storeManifest(openStore(request.dataFolder))
  const summary = summarise(request, manifest, backtest, notesFor(strategy, backtest.data), store)
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

function runFiles(
  manifest: RunManifest,
  backtest: Backtest,
  summary: RunSummary,
  source: StrategySource,
): RunFiles {
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
      'metrics.json': (path) => writeFile(path, stableJson(storedResults(backtest, summary))),
      'trades.parquet': (path) => writeTrades(path, backtest.result),
      'fills.parquet': (path) => writeFills(path, backtest.result),
      'equity.parquet': (path) => writeEquity(path, backtest.result),
      'charts.json': (path) => writeFile(path, `${canonicalJson(backtest.charts)}\n`),
      [REPORT_FILE]: async (path) => writeFile(path, reportPage(await loadPageKit(), summary)),
    },
  }
}
