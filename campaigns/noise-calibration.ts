import { TrialWorkers } from '../src/jobs/trial-workers.js'
import type { LedgerRecord } from '../src/research/trial-ledger.js'
import type { GateKey } from '../src/research/overfitting/verdict.js'
import { upperBound } from './calibration/clopper-pearson.js'
import { KeptResults } from './calibration/kept-results.js'
import { simulatedMarket } from './calibration/markets.js'
import { FACTORS, noiseCell, noiseStudy, type NoiseCell } from './calibration/noise-design.js'
import { runStudy, type StudyResult } from './calibration/study.js'
import { isInPart, type CampaignOptions } from './options.js'

const DAYS = 730

type NoiseResult = StudyResult & NoiseCell

/**
 * How often a sweep over markets without any edge is believed: each study a new market, a new ledger and one sweep, balanced over strategy, sampler, trials, costs and
 * drift. Passes where the 95 % bound of the rate of false beliefs is at most 5 %, and that of each level of a factor at most 10 %.
 */
export async function noiseCalibration(options: CampaignOptions): Promise<number> {
  const { size, seed } = options
  const kept = new KeptResults<NoiseResult>(options.keep)
  const workers = new TrialWorkers(1)
  try {
    for (let index = 0; index < size; index++) {
      if (!isInPart(index, options) || kept.get(seed + index) !== undefined) continue
      const cell = noiseCell(index)
      const begun = performance.now()
      const result = await noiseResult(cell, seed + index, workers, [])
      kept.add(seed + index, { ...cell, ...result })
      console.log(`study ${seed + index}: ${Object.values(cell).join(' ')}: ${result.verdict}, Sharpe ${result.sharpe?.toFixed(2) ?? 'n/a'}, ${Object.entries(result.gates).filter(([, { isPassed }]) => isPassed).map(([key]) => key).join(' ') || 'no gate'} (${((performance.now() - begun) / 1000).toFixed(1)} s)`) // prettier-ignore
    }
  } finally {
    await workers.close()
  }
  const results = Array.from({ length: size }, (_, index) => kept.get(seed + index))
  return report(results.filter((result) => result !== undefined))
}

export function noiseResult(
  cell: NoiseCell,
  seed: number,
  workers: TrialWorkers,
  ledger: LedgerRecord[],
): Promise<StudyResult> {
  const market = simulatedMarket({
    seed,
    days: DAYS,
    edge: 0,
    driftPerYear: cell.drift,
    withFacts: cell.strategy === 'smart-money',
  })
  return runStudy(noiseStudy(cell, seed), market, workers, ledger)
}

function report(results: readonly NoiseResult[]): number {
  const believed = (of: readonly NoiseResult[]): number =>
    of.filter(({ verdict }) => verdict === 'believe').length
  const row = (name: string, of: readonly NoiseResult[], limit: number): readonly [object, boolean] => {
    const count = believed(of)
    const bound = upperBound(count, of.length)
    const share = (verdict: StudyResult['verdict']): string =>
      percent(of.filter((one) => one.verdict === verdict).length / of.length)
    return [
      { studies: name, count: of.length, believe: count, 'bound of 95 %': percent(bound), 'at most': percent(limit), 'not yet': share('not yet'), no: share('no') },
      bound <= limit,
    ] // prettier-ignore
  }
  const rows = [row('all', results, 0.05)]
  for (const factor of FACTORS)
    for (const level of [...new Set(results.map((one) => one[factor]))].sort())
      rows.push(row(`${factor} ${level}`, results.filter((one) => one[factor] === level), 0.1)) // prettier-ignore
  console.table(rows.map(([cells]) => cells))
  console.table(gateRates(results))
  const failed = rows.filter(([, isHeld]) => !isHeld).length
  console.log(`noise-calibration: ${rows.length - failed} passed, ${failed} failed`)
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

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`
}
