import { join } from 'node:path'
import { DAY_MS } from '../../core/time.js'
import { known, type Statistic, unknown } from '../../metrics/statistic.js'
import { findMetric, type MetricsReport } from '../../metrics/metrics-report.js'
import { checkStoredRun, type CheckSettings } from '../../jobs/check-strategy.js'
import { type Ledger, readLedger } from '../../jobs/ledger.js'
import type { RunInputs } from '../../jobs/manifest.js'
import { storedRequest, type ReplayRunOptions } from '../../jobs/replay-run.js'
import type { RunRecord } from '../../jobs/run-store.js'
import { type JudgedSweep, sweepOfRun } from '../../jobs/sweep/sweep-of-run.js'
import { countTrials } from '../../research/trial-ledger.js'
import { literal, queryRows, withDuckDB } from '../../store/duckdb.js'
import type { Manifest } from '../../store/manifest.js'
import { openStore, storeManifest, verifiedPath, type Store } from '../../store/store.js'
import type { BacktestEvidence, PaperEvidence, PromotionEvidence } from './evidence.js'
import type { PromotionSubject } from './guard.js'

export interface CollectOptions extends ReplayRunOptions {
  readonly runsFolder: string
  readonly sweepsFolder: string
  readonly ledgerFolder: string
  readonly checks: CheckSettings
  /** What sessions on paper have shown of what would run now in the name of a run. */
  readonly paperEvidence: (run: RunRecord, subject: PromotionSubject) => Promise<PaperEvidence>
}

/** What stored results say of a run: its own figures, the sweep that chose its params, its sessions on paper, and its checks, which are run now. */
export async function collectEvidence(run: RunRecord, subject: PromotionSubject, options: CollectOptions): Promise<PromotionEvidence> {
  const { inputs } = run.manifest
  const { checks } = await checkStoredRun(options.runsFolder, run.id, options.checks, options)
  return {
    checks: checks.map(({ key, name, outcome, detail }) => ({ key, name, outcome, detail })),
    verdict: await verdictOf(inputs, options),
    backtest: await backtestEvidence(run, openStore(storedRequest(run, options).dataFolder)),
    paper: await options.paperEvidence(run, subject),
  }
} // prettier-ignore

async function verdictOf(
  inputs: RunInputs,
  { sweepsFolder, ledgerFolder }: Pick<CollectOptions, 'sweepsFolder' | 'ledgerFolder'>,
): Promise<PromotionEvidence['verdict']> {
  const found = await sweepOfRun(inputs, sweepsFolder)
  if (found === undefined)
    return { reason: 'no sweep on the same data and code has these params for its best trial' }
  const { id, judgement, walkForward: walked } = found
  const { deflatedSharpe } = judgement.assessment
  return {
    sweepId: id,
    verdict: judgement.verdict.verdict,
    ledger: { added: trialsSince(found, await readLedger(ledgerFolder)), counted: found.ledger.trials, command: found.command },
    minimumTrackRecordDays:
      'reason' in deflatedSharpe ? unknown(deflatedSharpe.reason) : deflatedSharpe.minimumTrackRecordDays,
    outOfSampleTrades:
      walked === undefined || !('windows' in walked)
        ? unknown(walked?.reason ?? 'the sweep did not walk forward')
        : known(walked.windows.reduce((sum, { trades = 0 }) => sum + trades, 0)),
  } // prettier-ignore
}

/**
 * How many trials the ledger counts beyond those that a verdict counted. Which data and strategy it is about is read from the sweep's own records; a ledger that is broken, was
 * broken then, or counts fewer is not the one that was judged by.
 */
export function trialsSince(
  { id, ledger: { trials: counted, problem: before } }: Pick<JudgedSweep, 'id' | 'ledger'>,
  { folder, records, problem }: Pick<Ledger, 'folder' | 'records' | 'problem'>,
): Statistic {
  if (problem !== undefined) return unknown(`the ledger's chain is broken: ${problem}`)
  if (before !== undefined)
    return unknown(`the ledger's chain was broken when the sweep was judged: ${before}`)
  const own = records.find(({ from }) => from.startsWith(`${id}/`))
  if (own === undefined) return unknown(`the ledger in ${folder} does not know this sweep`)
  const { trials } = countTrials(records, own)
  return trials < counted
    ? unknown(
        `the ledger in ${folder} counts ${trials} trials, fewer than the ${counted} that were counted then`,
      )
    : known(trials - counted)
}

/** The parts of a stored run's metrics.json that are read here. */
interface StoredMetrics {
  readonly metrics: MetricsReport
  readonly result: { readonly funnel: { readonly bars: number; readonly covered: number } }
}

async function backtestEvidence(run: RunRecord, store: Store): Promise<BacktestEvidence> {
  const { inputs } = run.manifest
  const { metrics, result } = run.metrics as unknown as StoredMetrics
  const statistic = (key: string): Statistic => {
    const found = findMetric(metrics, key)
    return found?.value === undefined
      ? unknown(found?.reason ?? 'the run does not tell')
      : known(found.value as number)
  }
  const { bars, covered } = result.funnel
  const manifest = await storeManifest(store)
  return {
    isSynthetic: inputs.data.synthetic,
    days: statistic('days'),
    coverage: bars === 0 ? unknown('the run has no bar') : known(covered / bars),
    recordedDays: recordedDays(inputs, manifest),
    undecidedExits: statistic('undecidedExits'),
    topFiveShare: statistic('topFiveShare'),
    participation: await participation(run, store, manifest),
  }
}

/** Days of the fact with the fewest; what was assumed or invented was not recorded. Undefined where the strategy reads none. */
function recordedDays({ strategy, data }: RunInputs, { series }: Manifest): Statistic | undefined {
  const read = data.series.filter(({ feeds, id }) => strategy.factsRead.includes(feeds) && id !== '')
  if (strategy.factsRead.length === 0) return undefined
  let fewest = Infinity
  for (const { id, flags } of read) {
    const entry = series[id]
    if (entry === undefined) return unknown(`${id} is no longer in the data folder`)
    if (flags.includes('synthetic')) return unknown(`${id} is invented`)
    const [other] = entry.origins.filter((origin) => origin !== 'recorded')
    if (other !== undefined) return unknown(`when ${id} was known is ${other}, not recorded`)
    fewest = Math.min(fewest, Math.floor((entry.lastEventTime - entry.firstEventTime) / DAY_MS))
  }
  return fewest === Infinity ? unknown('none of the facts that the strategy reads is there') : known(fewest)
}

/** Largest share of a bar's volume that a single fill took; what is closed at the end of the data, of the last bar's. */
async function participation(run: RunRecord, store: Store, manifest: Manifest): Promise<Statistic> {
  const { data, policies } = run.manifest.inputs
  let largest = 0
  for (const { id, feeds, instrument } of data.series) {
    if (feeds !== 'candles') continue
    const entry = manifest.series[id]
    if (entry === undefined) return unknown(`${id} is no longer in the data folder`)
    const { share, empty } = await largestShare(
      join(run.folder, 'fills.parquet'),
      await verifiedPath(store, entry.file),
      instrument,
      policies.fillAt === 'same-close',
    )
    if (empty > 0) return unknown(`a fill of ${instrument} fell on a bar without volume`)
    largest = Math.max(largest, share)
  }
  return known(largest)
}

/**
 * Largest quantity of a fill over the volume of its bar, and how many fell on bars without volume. A fill within a bar has the time of its close, one at an open that time: of fills that may be either (stops, targets,
 * limits, and all where orders fill at the close) the bar with less volume counts.
 */
export async function largestShare(
  fillsFile: string,
  candlesFile: string,
  instrument: string,
  fillsAtClose: boolean,
): Promise<{ readonly share: number; readonly empty: number }> {
  const own = `SELECT * FROM ${literal(fillsFile)} WHERE instrument = ${literal(instrument)}`
  const mayBeWithin = fillsAtClose ? 'true' : `role NOT IN ('entry', 'exit') OR liquidity = 'maker'`
  const [row] = await withDuckDB((connection) =>
    queryRows(
      connection,
      `WITH own AS (${own}), placed AS (SELECT quantity, time AS at FROM own UNION ALL SELECT quantity, time - 1 FROM own WHERE ${mayBeWithin})
       SELECT max(f.quantity / c.volume) AS share, count(*) FILTER (WHERE c.volume IS NULL OR NOT c.volume > 0) AS empty
       FROM placed f ASOF LEFT JOIN ${literal(candlesFile)} c ON c."eventTime" <= f.at`,
    ),
  )
  return { share: Number(row?.['share'] ?? 0), empty: Number(row?.['empty'] ?? 0) }
}
