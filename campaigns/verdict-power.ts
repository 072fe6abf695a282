import { resolve } from 'node:path'
import { TrialWorkers } from '../src/jobs/trial-workers.js'
import { percent } from './calibration/percent.js'
import { KeptResults } from './calibration/kept-results.js'
import { simulatedMarket } from './calibration/markets.js'
import { runStudy, type Study, type StudyResult } from './calibration/study.js'
import { isInPart, type CampaignOptions } from './options.js'

const DAYS = 1461

interface Setting {
  readonly name: string
  /** Of the simulator: such that the trials which carry it have the Sharpe ratio of the name on average, costs paid. */
  readonly edge: number
  readonly search: readonly string[]
  /** What share of the studies may come to what. */
  readonly passes: {
    readonly verdict: StudyResult['verdict']
    readonly atLeast?: number
    readonly atMost?: number
  }
}

const SHARED = ['smooth=12:48', 'enterFrom=0.62:0.72']

const SETTINGS: readonly Setting[] = [
  { name: 'Sharpe 3, all trials', edge: 0.066, search: SHARED, passes: { verdict: 'believe', atLeast: 0.8 } },
  { name: 'Sharpe 3, 10 of 50 trials', edge: 0.066, search: [...SHARED, 'monthsLate'], passes: { verdict: 'believe', atLeast: 0.8 } },
  { name: 'Sharpe 2, all trials', edge: 0.046, search: SHARED, passes: { verdict: 'no', atMost: 0.05 } },
] // prettier-ignore

/**
 * How often a sweep of 50 trials over four years finds an edge that is there: `size` markets for each of three settings. A verdict that never believes fails here.
 */
export async function verdictPower(options: CampaignOptions): Promise<number> {
  const { size, seed } = options
  const kept = new KeptResults<StudyResult>('verdict-power', options)
  const workers = new TrialWorkers(1)
  const numberOf = (setting: number, index: number): number => seed + setting * size + index
  try {
    for (const [at, setting] of SETTINGS.entries())
      for (let index = 0; index < size; index++) {
        const number = numberOf(at, index)
        if (!isInPart(index, options) || kept.get(number) !== undefined) continue
        const begun = performance.now()
        const result = await powerResult(setting, number, workers)
        kept.add(number, result)
        const open = Object.entries(result.gates).filter(([, { isPassed }]) => !isPassed)
        console.log(`study ${number}: ${setting.name}: ${result.verdict}, Sharpe ${result.sharpe?.toFixed(2) ?? 'n/a'}, short of ${open.map(([key, { value }]) => `${key} ${value?.toFixed(3) ?? 'n/a'}`).join(', ') || 'nothing'} (${((performance.now() - begun) / 1000).toFixed(1)} s)`) // prettier-ignore
      }
  } finally {
    await workers.close()
  }
  return report(SETTINGS.map((_, at) => Array.from({ length: size }, (__, index) => kept.get(numberOf(at, index))).filter((one) => one !== undefined))) // prettier-ignore
}

/** One study of the setting of that name. */
export function powerStudy(name: string, seed: number, workers: TrialWorkers): Promise<StudyResult> {
  const setting = SETTINGS.find((one) => one.name === name)
  if (setting === undefined) throw new Error(`there is no setting ${name}`)
  return powerResult(setting, seed, workers)
}

function powerResult({ edge, search }: Setting, seed: number, workers: TrialWorkers): Promise<StudyResult> {
  const study: Study = {
    strategyFile: resolve('campaigns/strategies/informed-trials.ts'),
    preset: 'default',
    search,
    constraints: [],
    sampler: 'sobol',
    trials: 50,
    costs: { slippageBps: 2 },
    policies: {},
    seed,
  }
  return runStudy(study, simulatedMarket({ seed, days: DAYS, edge, driftPerYear: 0, withFacts: true }), workers, []) // prettier-ignore
}

function report(results: readonly (readonly StudyResult[])[]): number {
  let failed = 0
  console.table(
    SETTINGS.map(({ name, passes: { verdict, atLeast = 0, atMost = 1 } }, at) => {
      const of = results[at] ?? []
      const share = (wanted: StudyResult['verdict']): number =>
        of.filter((one) => one.verdict === wanted).length / of.length
      const sharpes = of.flatMap(({ sharpe }) => (sharpe === undefined ? [] : [sharpe]))
      const isHeld = share(verdict) >= atLeast && share(verdict) <= atMost
      if (!isHeld) failed++
      return {
        setting: name,
        studies: of.length,
        'Sharpe of the best': (sharpes.reduce((sum, value) => sum + value, 0) / sharpes.length).toFixed(2),
        believe: percent(share('believe')),
        'not yet': percent(share('not yet')),
        no: percent(share('no')),
        asked:
          atMost < 1 ? `${verdict} at most ${percent(atMost)}` : `${verdict} at least ${percent(atLeast)}`,
        holds: isHeld ? 'yes' : 'no',
      }
    }),
  )
  console.log(`verdict-power: ${results.length - failed} passed, ${failed} failed`)
  return failed
}
