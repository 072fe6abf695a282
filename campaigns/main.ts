import { bullmqKill } from './bullmq-kill.js'
import { sweepKill } from './sweep-kill.js'

/** Long trials of what must hold: more cases than a test suite has time for. Each prints what it tried and ends `name: N passed, M failed`. */
interface Campaign {
  readonly about: string
  /** Answers how many cases failed. */
  readonly run: (options: CampaignOptions) => Promise<number>
}

export interface CampaignOptions {
  /** Cases. */
  readonly size: number
  readonly seed: number
}

const CAMPAIGNS: Readonly<Record<string, Campaign>> = {
  'sweep-kill': {
    about: 'kills a sweep at random moments, resumes it, and compares every byte with an undisturbed one',
    run: sweepKill,
  },
  'bullmq-kill': {
    about:
      'kills workers of sweeps at a queue every few seconds, replaces them, and compares every byte with an undisturbed sweep',
    run: bullmqKill,
  },
}

function optionOf(words: readonly string[], name: string, fallback: number): number {
  const at = words.indexOf(name)
  if (at < 0) return fallback
  const value = Number(words[at + 1])
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new Error(`${name} takes a whole number, not ${words[at + 1] ?? 'nothing'}`)
}

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words
  const campaign = name !== undefined && Object.hasOwn(CAMPAIGNS, name) ? CAMPAIGNS[name] : undefined
  if (campaign === undefined) {
    const names = Object.entries(CAMPAIGNS).map(([one, { about }]) => `  ${one.padEnd(14)}${about}`)
    console.log(`npm run campaign -- NAME [--size N] [--seed N]\n\n${names.join('\n')}`)
    return name === undefined ? 0 : 2
  }
  const options = { size: optionOf(rest, '--size', 20), seed: optionOf(rest, '--seed', 1) }
  return (await campaign.run(options)) === 0 ? 0 : 4
}

process.exitCode = await main(process.argv.slice(2))
