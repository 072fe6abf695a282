import { formatUtc, formatUtcDay } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import {
  dataWarnings,
  type DataFindings,
  runWarnings,
  type DataLine,
  type RunSummary,
} from '../report/index.js'
import type { RiskSettings } from '../risk/settings.js'
import type { Manifest } from '../store/manifest.js'
import type { UsedSeries } from '../store/run-data.js'
import type { Backtest } from './backtest.js'
import { runId, type RunManifest } from './manifest.js'
import type { RunRequest } from './run.js'
import { SYNTHETIC } from './simulated-data.js'
import { inputLines } from './setting-lines.js'
import type { CompiledDefinition } from '../strategy/compile.js'

/** Everything that is shown of a run that was just replayed. `store`: what its data folder holds; `notes`: what the strategy says of itself. */
export function summarise(
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
    ...inputLines(id, manifest),
    charts: backtest.charts,
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

/**
 * What a strategy says to the readers of a run. On which recorded data something was chosen is no matter where all data are invented: such a
 * run has no bars that were seen.
 */
export function notesFor(
  { notes, chosenOn }: Pick<CompiledDefinition, 'notes' | 'chosenOn'>,
  { used }: Pick<Backtest['data'], 'used'>,
): readonly string[] {
  const isInvented = used.length > 0 && used.every(({ flags }) => flags.includes(SYNTHETIC))
  return isInvented ? notes : [...notes, ...chosenOn]
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
