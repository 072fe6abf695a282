import { TrialWorkers } from '../src/jobs/trial-workers.js'
import type { GateKey } from '../src/research/overfitting/verdict.js'
import type { RunData } from '../src/store/run-data.js'
import { upperBound } from './calibration/clopper-pearson.js'
import { percent } from './calibration/percent.js'
import { KeptResults } from './calibration/kept-results.js'
import { recordedCandles, shuffledDays, simulatedMarket } from './calibration/markets.js'
import { FACTORS, noiseCell, noiseStudy, type NoiseCell } from './calibration/noise-design.js'
import { runStudy, type StudyResult } from './calibration/study.js'
import { isInPart, type CampaignOptions } from './options.js'

const DAYS = 730

type NoiseResult = StudyResult & NoiseCell

/**
 * How often a sweep over markets without any edge is believed: each study a new market, a new ledger and one sweep, balanced over strategy, sampler, trials, costs and
 * drift. Passes where the 95 % bound of the rate of false beliefs is at most 5 %, and that of each level of a factor at most 10 %.
 */
export function noiseCalibration(options: CampaignOptions): Promise<number> {
  return calibrate('noise-calibration', options, noiseCell, ({ drift, strategy }, seed) =>
    simulatedMarket({
      seed,
      days: DAYS,
      edge: 0,
      driftPerYear: drift,
      withFacts: strategy === 'smart-money',
    }),
  )
}

/**
 * The same on two years of recorded days of Bitcoin and Ether in random order: their own returns, jumps and volatility within days, and nothing that one day
 * says of the next. Needs the reference data. By strategies that read candles alone; no drift is set, what there is is that of the days.
 */
export async function shuffledCalibration(options: CampaignOptions): Promise<number> {
  const candles = await recordedCandles()
  const cell = (index: number): NoiseCell => ({ ...noiseCell(index), ...CANDLE_CELLS[index % 3], drift: 0 })
  return calibrate('shuffled-days', options, cell, (_, seed) => shuffledDays(candles, DAYS, seed))
}

/** Spot cannot be sold short. */
const CANDLE_CELLS = [
  { strategy: 'sma-cross' },
  { strategy: 'trend-breakout' },
  { strategy: 'sma-cross' },
] as const

async function calibrate(
  name: string,
  options: CampaignOptions,
  cellOf: (index: number) => NoiseCell,
  marketOf: (cell: NoiseCell, seed: number) => RunData,
): Promise<number> {
  const { size, seed } = options
  const kept = new KeptResults<NoiseResult>(name, options)
  const workers = new TrialWorkers(1)
  try {
    for (let index = 0; index < size; index++) {
      if (!isInPart(index, options) || kept.get(seed + index) !== undefined) continue
      const cell = cellOf(index)
      const begun = performance.now()
      const result = await runStudy(noiseStudy(cell, seed + index), marketOf(cell, seed + index), workers, []) // prettier-ignore
      kept.add(seed + index, { ...cell, ...result })
      console.log(`study ${seed + index}: ${Object.values(cell).join(' ')}: ${result.verdict}, Sharpe ${result.sharpe?.toFixed(2) ?? 'n/a'}, ${Object.entries(result.gates).filter(([, { isPassed }]) => isPassed).map(([key]) => key).join(' ') || 'no gate'} (${((performance.now() - begun) / 1000).toFixed(1)} s)`) // prettier-ignore
    }
  } finally {
    await workers.close()
  }
  const results = Array.from({ length: size }, (_, index) => kept.get(seed + index))
  return report(
    name,
    results.filter((result) => result !== undefined),
  )
}

interface Row {
  readonly studies: string
  readonly count: number
  readonly believe: number
  readonly 'bound of 95 %': string
  readonly 'at most': string
  readonly 'not yet': string
  readonly no: string
}

function report(name: string, results: readonly NoiseResult[]): number {
  const believed = (of: readonly NoiseResult[]): number =>
    of.filter(({ verdict }) => verdict === 'believe').length
  const row = (title: string, of: readonly NoiseResult[], limit: number): readonly [Row, boolean] => {
    const count = believed(of)
    const bound = upperBound(count, of.length)
    const share = (verdict: StudyResult['verdict']): string =>
      percent(of.filter((one) => one.verdict === verdict).length / of.length)
    return [
      { studies: title, count: of.length, believe: count, 'bound of 95 %': percent(bound), 'at most': percent(limit), 'not yet': share('not yet'), no: share('no') },
      bound <= limit,
    ] // prettier-ignore
  }
  const rows = [row('all', results, 0.05)]
  for (const factor of FACTORS)
    for (const level of [...new Set(results.map((one) => one[factor]))].sort())
      rows.push(row(`${factor} ${level}`, results.filter((one) => one[factor] === level), 0.1)) // prettier-ignore
  console.table(rows.map(([cells]) => cells))
  console.table(gateRates(results))
  const missed = rows.flatMap(([cells, isHeld]) => (isHeld ? [] : [cells]))
  for (const { studies, count, believe, 'bound of 95 %': bound, 'at most': limit } of missed)
    console.log(`${studies}: ${believe} of ${count} believed bound the rate at ${bound} only, ${limit} is asked${believe === 0 ? ': more studies are needed' : ''}`) // prettier-ignore
  const failed = missed.length
  console.log(`${name}: ${rows.length - failed} passed, ${failed} failed`)
  return failed
}

/** How often each gate let noise pass, and how often it had a figure at all. */
function gateRates(results: readonly StudyResult[]): readonly object[] {
  const keys = [...new Set(results.flatMap(({ gates }) => Object.keys(gates) as GateKey[]))]
  return keys.map((gate) => {
    const of = results.flatMap(({ gates }) => gates[gate] ?? [])
    return {
      gate,
      passed: percent(of.filter(({ isPassed }) => isPassed).length / results.length),
      'has a figure': percent(of.filter(({ value }) => value !== undefined).length / results.length),
    }
  })
}
