import { bullmqKill } from './bullmq-kill.js'
import { diskFaults } from './disk-faults.js'
import { forkingPaths } from './forking-paths.js'
import { noiseCalibration, shuffledCalibration } from './noise-calibration.js'
import { loopbackMonth } from './loopback-month.js'
import { millionTrials } from './million-trials.js'
import type { CampaignOptions } from './options.js'
import { payloadFuzz } from './payload-fuzz.js'
import { promotionTamper } from './promotion-tamper.js'
import { recorderKill } from './recorder-kill.js'
import { deadlines } from './session/deadlines.js'
import { parity } from './session/parity.js'
import { parityQuotes } from './session/parity-quotes.js'
import { sessionKill } from './session/session-kill.js'
import { secrets } from './secrets.js'
import { storeCorruption } from './store-corruption.js'
import { sweepKill } from './sweep-kill.js'
import { trendBreakout } from './trend-breakout.js'
import { verdictPower } from './verdict-power.js'

/** Long trials of what must hold: more cases than a test suite has time for. Each prints what it tried and ends `name: N passed, M failed`. */
interface Campaign {
  readonly about: string
  /** Answers how many cases failed. */
  readonly run: (options: CampaignOptions) => Promise<number>
}

const CAMPAIGNS: Readonly<Record<string, Campaign>> = {
  'noise-calibration': {
    about: 'how often sweeps over markets without an edge are believed (300 from seed 1000000 are reported)',
    run: noiseCalibration,
  },
  'shuffled-days': {
    about:
      'the same on recorded days of Bitcoin and Ether in random order (90 are reported; needs the reference data)',
    run: shuffledCalibration,
  },
  'forking-paths': {
    about:
      'how often one of twenty sweeps on the same data without an edge is believed (60 from seed 1000000)',
    run: forkingPaths,
  },
  'verdict-power': {
    about: 'how often sweeps find an edge that is there (100 from seed 1000000 are reported)',
    run: verdictPower,
  },
  'trend-breakout': {
    about:
      'sweeps of the shipped strategy on recorded years, judged, against the clock (10000 trials a sampler are reported)',
    run: trendBreakout,
  },
  'million-trials': {
    about: 'one sweep of so many trials with its verdict, and how its memory grows (1000000 are reported)',
    run: millionTrials,
  },
  'payload-fuzz': {
    about:
      'breaks answers of the Smart Money API and of the exchange, so many of each family of endpoints, and holds what is read against a second reading (100000 are reported)',
    run: payloadFuzz,
  },
  'promotion-tamper': {
    about: 'changes one bit of what was promoted and asks whether it may still run (500 are reported)',
    run: promotionTamper,
  },
  parity: {
    about:
      'the same bars as a backtest and as sessions told by sockets, killed on the way too: nothing may differ (30 cases)',
    run: parity,
  },
  'parity-quotes': {
    about:
      'sessions told of best bid and ask by sockets, killed on the way, with silent hours: each fill met a quote, and a replay decides the same (60 cases)',
    run: parityQuotes,
  },
  'session-kill': {
    about:
      'ends the process of a session by kill -9 at drawn moments, resumes it, and compares every row with an undisturbed twin (500 are reported)',
    run: sessionKill,
  },
  deadlines: {
    about:
      'lets things go wrong around sessions in real time, and measures how long until each is safe (54 are reported: three of each fault)',
    run: deadlines,
  },
  'disk-faults': {
    about: 'runs sessions on a disk that is full, fails or is slow, and resumes them',
    run: diskFaults,
  },
  secrets: {
    about:
      'sends keys through every way to fail and looks for them in all that is said and written (40 are reported)',
    run: secrets,
  },
  'store-corruption': {
    about: 'flips a bit of, or cuts off, every kind of stored file and reads it (2000 are reported)',
    run: storeCorruption,
  },
  'recorder-kill': {
    about: 'kills the recorder at random moments of every kind; no answer may be lost or doubled (200 are reported)', // prettier-ignore
    run: recorderKill,
  },
  'loopback-month': {
    about: 'records days of virtual time through faults, and holds them against the truth (30 are reported)',
    run: loopbackMonth,
  },
  'sweep-kill': {
    about:
      'kills sweeps so many times at random moments, resumes them, and compares every byte with undisturbed ones',
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

/** `--part 1/2`: the first of two processes. */
function partOf(words: readonly string[]): Pick<CampaignOptions, 'part'> {
  if (!words.includes('--part')) return {}
  const match = /^(\d+)\/(\d+)$/.exec(words[words.indexOf('--part') + 1] ?? '')
  const [index, of] = [Number(match?.[1]) - 1, Number(match?.[2])]
  if (index >= 0 && index < of) return { part: { index, of } }
  throw new Error('--part takes a number of so many, such as 1/2')
}

async function main(words: readonly string[]): Promise<number> {
  const [name, ...rest] = words
  const campaign = name !== undefined && Object.hasOwn(CAMPAIGNS, name) ? CAMPAIGNS[name] : undefined
  if (campaign === undefined) {
    const names = Object.entries(CAMPAIGNS).map(([one, { about }]) => `  ${one.padEnd(19)}${about}`)
    console.log(
      `npm run campaign -- NAME [--size N] [--seed N] [--keep FILE] [--part K/N]\n\n${names.join('\n')}`,
    )
    return name === undefined ? 0 : 2
  }
  const keep = rest[rest.indexOf('--keep') + 1]
  const options: CampaignOptions = {
    size: optionOf(rest, '--size', 20),
    seed: optionOf(rest, '--seed', 1),
    ...(rest.includes('--keep') && keep !== undefined && { keep }),
    ...partOf(rest),
  }
  const failed = await campaign.run(options)
  if (options.part !== undefined)
    console.log(
      `Part ${options.part.index + 1} of ${options.part.of}: what the others have not come to yet is not in these figures.`,
    )
  return failed === 0 ? 0 : 4
}

process.exitCode = await main(process.argv.slice(2))
