import { TrialWorkers } from '../src/jobs/trial-workers.js'
import type { LedgerRecord } from '../src/research/trial-ledger.js'
import { KeptResults } from './calibration/kept-results.js'
import { simulatedMarket } from './calibration/markets.js'
import { noiseCell, noiseStudy } from './calibration/noise-design.js'
import { runStudy, type StudyResult } from './calibration/study.js'
import { isInPart, type CampaignOptions } from './options.js'

const DAYS = 730
/** Sweeps that somebody tries on one data set, one after the other. */
const STUDIES = 20
/** Data sets, of sixty, in which any sweep may be believed. */
const MOST_BELIEVED = 3 / 60

interface Path {
  /** Of its twenty sweeps, in their order. */
  readonly verdicts: readonly StudyResult['verdict'][]
}

/**
 * Somebody who tries one search after the other on the same data until something looks good: twenty sweeps of 50 trials by other strategies, samplers and costs, all counted in
 * one ledger, on a market without any edge. `size` markets; passes where at most one in twenty of them has a sweep that is believed.
 */
export async function forkingPaths(options: CampaignOptions): Promise<number> {
  const { size, seed } = options
  const kept = new KeptResults<Path>('forking-paths', options)
  const workers = new TrialWorkers(1)
  try {
    for (let index = 0; index < size; index++) {
      if (!isInPart(index, options) || kept.get(seed + index) !== undefined) continue
      const path = { verdicts: await pathOf(index, seed + index, workers) }
      kept.add(seed + index, path)
      console.log(`market ${seed + index}: ${path.verdicts.join(', ')}`)
    }
  } finally {
    await workers.close()
  }
  const paths = Array.from({ length: size }, (_, index) => kept.get(seed + index)).filter((one) => one !== undefined) // prettier-ignore
  const believed = paths.filter(({ verdicts }) => verdicts.includes('believe')).length
  console.log(`${believed} of ${paths.length} markets have a sweep that is believed, at most ${Math.floor(MOST_BELIEVED * paths.length)} may`) // prettier-ignore
  const failed = believed > MOST_BELIEVED * paths.length ? 1 : 0
  console.log(`forking-paths: ${1 - failed} passed, ${failed} failed`)
  return failed
}

async function pathOf(index: number, seed: number, workers: TrialWorkers): Promise<Path['verdicts']> {
  const { drift } = noiseCell(index)
  const market = simulatedMarket({ seed, days: DAYS, edge: 0, driftPerYear: drift, withFacts: true })
  const ledger: LedgerRecord[] = []
  const verdicts: StudyResult['verdict'][] = []
  for (let study = 0; study < STUDIES; study++) {
    // Another search each time: other cells of the design, other seeds of the sampler.
    const asked = noiseStudy({ ...noiseCell(study), trials: 50 }, seed + study * 1_000_003)
    verdicts.push((await runStudy(asked, market, workers, ledger)).verdict)
  }
  return verdicts
}
