import { ConfigError } from '../core/errors.js'
import type { Policies } from '../core/policies.js'
import { durationName } from '../core/time.js'
import { prepareMarket } from '../engine/market.js'
import { effectivePolicies } from '../engine/replay.js'
import type { Track } from '../engine/track.js'
import {
  dataWarnings,
  signalWarnings,
  type DataLine,
  type SignalColumnsOf,
  type SignalSummary,
} from '../report/index.js'
import type { StudiedInstrument } from '../research/signal-input.js'
import { studySignal } from '../research/signal-study.js'
import { openStore, storeManifest } from '../store/store.js'
import { legVariants, type LegVariant } from '../strategy/ablation.js'
import { compileStrategy } from '../strategy/compile.js'
import { chanceOf, loadRunData, missingWithin } from './backtest.js'
import { codeHashes } from './code-hash.js'
import { dataFindings, dataLine, newestEventTime, notesFor } from './run-summary.js'
import type { RunRequest } from './run.js'
import { versions } from './package-info.js'
import { inspectSignals } from './signals.js'
import { loadStrategyFile } from './strategy-file.js'
import { studiedInstruments } from './studied-instruments.js'
import { isSynthetic } from './manifest.js'

/** What is to be studied: a backtest's request, of which what only an account reads changes nothing here. */
export interface SignalRequest extends RunRequest {
  /** In bars, rising, each once. */
  readonly horizons: readonly number[]
  /** The horizon at which months, deciles and legs are shown; one of the above. */
  readonly focus: number
  /** How many times entries are moved to other times. */
  readonly shifts: number
}

/** What a study is shown from: its figures, and the columns they are of. */
export interface SignalResearch {
  readonly summary: SignalSummary
  /** Empty for strategies without a score. */
  readonly columns: readonly SignalColumnsOf[]
}

/**
 * Loads strategy and data as a backtest would and studies what its signal says of later returns. Scores are the columns of the compiled
 * strategy: the very ones that a replay acts on.
 *
 * @throws ConfigError where the strategy decides with its position in view, and as a backtest does
 */
export async function researchSignal(request: SignalRequest): Promise<SignalResearch> {
  const definition = await loadStrategyFile(request.strategyFile)
  const strategy = compileStrategy(definition, request.params, request.preset ?? 'default')
  if (strategy.decide !== undefined) {
    throw new ConfigError(
      'a strategy that decides with its position in view has no signal apart from its trades: backtest it',
      { field: 'strategy', value: strategy.name },
    )
  }
  const { range, costs, timeframeMs } = request
  const store = openStore(request.dataFolder)
  const data = await loadRunData(store, { ...request, strategy })
  const market = prepareMarket({
    instruments: data.instruments,
    startTime: range.startMs,
    endTime: range.endMs,
    startingBalance: request.startingBalance,
    costs,
  })
  const origin = market.timeline.openTime[0]!
  const policies = effectivePolicies({ strategy, policies: request.policies })
  const variants = legVariants(strategy)
  const instruments = studiedInstruments(strategy, variants, market)
  const seed = request.seed ?? 0
  const study = studySignal(instruments, {
    timeframeMs,
    horizons: request.horizons,
    focus: request.focus,
    fillAt: policies.fillAt,
    variants,
    chance: chanceOf(seed),
    shifts: request.shifts,
  })
  const manifest = await storeManifest(store)
  const hasPerpetual = request.instruments.some(({ kind }) => kind === 'perpetual')
  const fundingLeftOut = request.funding === 'none' && hasPerpetual
  const lines = [...data.used, ...data.absent].map((series): DataLine => {
    const newest = newestEventTime(series, { data })
    const isStale = newest !== undefined && newest < origin
    return dataLine(series, manifest, fundingLeftOut, isStale ? newest : undefined)
  })
  const signals = inspectSignals(strategy, data.instruments, range)
  const synthetic = isSynthetic(data, request.instruments)
  const costPerFill = study.score?.turnover.fillCost.value
  const summary: SignalSummary = {
    strategy: strategy.name,
    preset: request.preset ?? undefined,
    synthetic,
    startTime: origin,
    endTime: market.timeline.openTime.at(-1)! + timeframeMs,
    study,
    signals,
    data: lines,
    warnings: signalWarnings({
      study,
      synthetic,
      signals,
      data: dataWarnings(dataFindings(request, strategy.factsRead, origin, { data }, manifest)),
      notes: notesFor(strategy, data),
      missingBars: data.instruments.reduce((sum, { candles }) => sum + missingWithin(candles, range), 0),
      fundingLeftOut,
      missingFunding: missingFunding(market.tracks),
      costPerFill,
    }),
    params: strategy.params,
    settings: settingsOf(request, policies, hasPerpetual, costPerFill),
    command: request.command,
    reproduce: [
      ['Data', data.dataHash],
      ['Strategy file', request.strategyPath],
      ['Decision code', codeHashes(request.strategyFile).decision],
      ['Seed', `${seed}: it draws the ${request.shifts} shifts of entries, and nothing else`],
      ['Versions', Object.entries(versions()).map(([name, version]) => `${name} ${version}`).join(', ')],
    ], // prettier-ignore
  }
  return { summary, columns: columnsOf(variants, instruments, timeframeMs) }
}

function settingsOf(
  { timeframeMs, costs, funding }: SignalRequest,
  { fillAt }: Policies,
  hasPerpetual: boolean,
  costPerFill: number | undefined,
): [string, string][] {
  const { slippageBps, halfSpreadBps = 0, takerFee } = costs
  const fundingWords = !hasPerpetual ? 'spot pays none' : funding === 'none' ? 'left out' : 'included, as a long pays it' // prettier-ignore
  return [
    ['Bars', durationName(timeframeMs)],
    ['Acted on', fillAt === 'next-open' ? 'at the open of the bar after the decision' : 'at the close of the decision itself (fillAt=same-close): not a price that can be had'],
    ['Funding', fundingWords],
    ['Taker fee', takerFee === undefined ? "the instruments' own" : `${takerFee * 100} %`],
    ['Slippage', `${slippageBps} bps`],
    ['Half spread', `${halfSpreadBps} bps`],
    ...(costPerFill === undefined ? [] : [['One fill', `${(costPerFill * 10_000).toFixed(2)} bps`] as [string, string]]),
  ] // prettier-ignore
}

function columnsOf(
  variants: readonly LegVariant[],
  instruments: readonly StudiedInstrument[],
  timeframeMs: number,
): SignalColumnsOf[] {
  return instruments.flatMap(({ id, candles, firstBar, endBar, score, variants: columns }) =>
    score === undefined
      ? []
      : [
          {
            instrument: id,
            closeTime: candles.openTime.slice(firstBar, endBar).map((open) => open + timeframeMs),
            score,
            legs: variants.flatMap(({ kind, leg }, at) => (kind === 'alone' ? [{ leg, values: columns[at]! }] : [])), // prettier-ignore
          },
        ],
  )
}

function missingFunding(tracks: readonly Track[]): number {
  return tracks.reduce((sum, { settlements }) => sum + (settlements?.missingRates.at(-1) ?? 0), 0)
}
