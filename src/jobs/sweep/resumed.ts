import { ConfigError } from '../../core/errors.js'
import { jsonDifferences, plain, type Json } from '../json.js'
import { isSameAsked, sweepId, type SweepQuestion } from './question.js'
import { commandAgain, listSweeps, type SweepFolder } from './sweep-store.js'

/** Differences that an error names. */
const NAMED = 3

/**
 * Whether there is anything to go on with: this sweep, or the same asked on other ground, which running it refuses. A slip in what is asked must not begin another sweep, whose
 * trials would count for good: throws ConfigError where a sweep of the strategy is unfinished and asks something else, naming the one that differs least.
 */
export async function isBegun(sweepsFolder: string, question: SweepQuestion): Promise<boolean> {
  const sweeps = (await listSweeps(sweepsFolder)).flatMap((one) => ('sweep' in one ? [one.sweep] : []))
  if (sweeps.some(({ id }) => id === sweepId(question))) return true
  const unfinished = sweeps.filter((one) => !one.isFinished)
  if (unfinished.some((one) => isSameAsked(one.question.asked, question.asked))) return true
  const [nearest] = unfinished
    .filter((one) => one.question.asked.strategy.name === question.asked.strategy.name)
    .map((sweep) => ({ sweep, differences: differencesOf(sweep, question) }))
    .sort((a, b) => a.differences.length - b.differences.length)
  if (nearest === undefined) return false
  const { sweep, differences } = nearest
  const named = differences.slice(0, NAMED).join(', ')
  const more = differences.length > NAMED ? ` and ${differences.length - NAMED} more` : ''
  const command = commandAgain(sweep.created)
  const again = / --resume\b/.test(command) ? command : `${command} --resume`
  throw new ConfigError(`nothing like it was begun: ${sweep.id} is unfinished and asks something else (${named}${more}); go on with that by ${again}, or begin this one without --resume`, { field: '--resume' }) // prettier-ignore
}

function differencesOf(sweep: SweepFolder, { asked }: SweepQuestion): readonly string[] {
  return jsonDifferences(plain(sweep.question.asked) as Json, plain(asked) as Json).map(
    ({ path, before, after }) => `${path} ${JSON.stringify(before)} → ${JSON.stringify(after)}`,
  )
}
