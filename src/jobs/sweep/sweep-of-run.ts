import { canonicalJson } from '../../core/canonical-json.js'
import { plain, stableJson } from '../json.js'
import type { SweepVerdict } from '../../report/index.js'
import type { RunInputs } from '../manifest.js'
import { writeRunExtra } from '../run-extras.js'
import type { SweepResult } from './result.js'
import { commandAgain, listSweeps, type SweepFolder } from './sweep-store.js'

/** A finished sweep with a verdict. */
export type JudgedSweep = SweepResult & {
  readonly judgement: NonNullable<SweepResult['judgement']>
  /** Asks the same again, which judges it by what the ledger counts then. */
  readonly command: string
}

/** The newest finished sweep whose best trial is this run: same strategy, params, data and decision code, traded alike. Undefined where there is none. */
export async function sweepOfRun(inputs: RunInputs, sweepsFolder: string): Promise<JudgedSweep | undefined> {
  for (const listed of await listSweeps(sweepsFolder)) {
    const found = 'sweep' in listed ? await judgedBy(inputs, listed.sweep) : undefined
    if (found !== undefined) return found
  }
  return undefined
}

async function judgedBy(inputs: RunInputs, sweep: SweepFolder): Promise<JudgedSweep | undefined> {
  const { asked, ground } = sweep.question
  const isOurs =
    asked.strategy.name === inputs.strategy.name &&
    ground.data.hash === inputs.data.hash &&
    ground.code.decision === inputs.code.decision &&
    tradedAs(asked) === tradedAs({ ...inputs, policies: askedOf(inputs.policies, asked.policies) })
  const result = isOurs ? await sweep.result() : undefined
  const [best] = result?.best ?? []
  if (result?.judgement === undefined || best === undefined) return undefined
  const isBest = canonicalJson(plain(best.params)) === canonicalJson(plain(inputs.strategy.params))
  return isBest ? { ...result, judgement: result.judgement, command: commandAgain(sweep.created) } : undefined
}

/** What a trial is traded by beside its params: a verdict at other costs, or under other policies, says nothing of a run. */
function tradedAs({ costs, policies, startingBalance, instruments, timeframeMs, funding, factOverrides }: Pick<RunInputs, 'costs' | 'startingBalance' | 'instruments' | 'timeframeMs' | 'funding' | 'factOverrides'> & { readonly policies: object }): string {
  return stableJson({ costs, policies, startingBalance, instruments, timeframeMs, funding, factOverrides })
} // prettier-ignore

/** Of all policies of a run those that a sweep was asked for; the others are the strategy's own, or the default. */
function askedOf(policies: object, asked: object): object {
  return Object.fromEntries(Object.entries(policies).filter(([name]) => Object.hasOwn(asked, name)))
}

/** Lays beside a stored run what the sweep that chose its params said of them; undefined where no sweep did. */
export async function keepVerdict(
  runFolder: string,
  inputs: RunInputs,
  sweepsFolder: string,
): Promise<SweepVerdict | undefined> {
  const found = await sweepOfRun(inputs, sweepsFolder)
  if (found === undefined) return undefined
  const { id, trials, ledger, judgement } = found
  const kept = { sweepId: id, trials, ledgerTrials: ledger.trials, verdict: judgement.verdict }
  await writeRunExtra(runFolder, 'sweepVerdict', kept)
  return kept
}
