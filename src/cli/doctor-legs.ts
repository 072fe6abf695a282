import { join, resolve } from 'node:path'
import { formatUtcDay } from '../core/time.js'
import { PACKAGE_ROOT } from '../jobs/package-info.js'
import { listStrategyFiles, loadStrategyFile } from '../jobs/strategy-file.js'
import { recordingStatus, type RecordingStatus } from '../sources/recorder/status.js'
import { KEY_VARIABLE } from '../sources/download/smart-money-download.js'
import { isThere, placesOf } from '../sources/recorder/recording.js'
import type { SeriesMap } from '../store/manifest.js'
import { openStore, storeManifest } from '../store/store.js'
import { compileStrategy } from '../strategy/compile.js'

/** Whether something can feed a leg, and with what, or why not. */
export interface Feed {
  readonly isFed: boolean
  readonly why: string
}

/** One fact that a leg of a strategy's score rests on, and who can tell it. */
export interface LegFeeds {
  readonly strategy: string
  readonly leg: string
  readonly fact: string
  /** For a backtest. */
  readonly stored: Feed
  /** By `data record`. */
  readonly recorder: Feed
  /** What a session could ask, by what is known without asking. */
  readonly live: Feed
}

interface FactSource {
  readonly leg: string
  readonly kind: string
  /** Series of a recorder that tell it. */
  readonly recorded: RegExp
  readonly needsKey: boolean
  readonly live: string
}

const ASSUMED = 'the shape of its rows is assumed, and no real answer was seen yet'

const SOURCES: Readonly<Record<string, FactSource>> = {
  whales: { leg: 'whales', kind: 'whale-positions', recorded: /^api:history\/whale_positions$/, needsKey: false, live: `/v1/history/whale_positions, open; ${ASSUMED}` },
  funding: { leg: 'derivatives', kind: 'funding', recorded: /^(usdm:fundingRate:|api:history\/derivatives$)/, needsKey: false, live: 'settled rates of the exchange, open' },
  'open-interest': { leg: 'derivatives', kind: 'open-interest', recorded: /^(usdm:openInterest:|api:history\/derivatives_agg$)/, needsKey: false, live: 'open interest of the exchange, open' },
  'exchange-flows': { leg: 'on-chain', kind: 'exchange-flows', recorded: /^api:history\/onchain$/, needsKey: false, live: `/v1/history/onchain, open; ${ASSUMED}` },
  confirmation: { leg: 'confirmation', kind: 'confirmations', recorded: /^api:(confirm:|history\/confirmations$)/, needsKey: true, live: '/v1/confirm, by key' },
} // prettier-ignore

export interface LegSurroundings {
  readonly dataFolder: string
  readonly recordingFolder: string
  readonly environment: NodeJS.ProcessEnv
  /** UTC ms. */
  readonly now: number
}

/** What can feed the legs of the strategies that come with the package. Nobody is contacted. Throws DataError where manifest or recording are damaged. */
export async function feedsOfLegs({
  dataFolder,
  recordingFolder,
  environment,
  now,
}: LegSurroundings): Promise<LegFeeds[]> {
  // prettier-ignore
  const { series } = await storeManifest(openStore(resolve(dataFolder)))
  const isRecording = await isThere(placesOf(resolve(recordingFolder)).plans)
  const recording = isRecording ? await recordingStatus(resolve(recordingFolder), now) : undefined
  const feeds: LegFeeds[] = []
  for (const [strategy, file] of listStrategyFiles(PACKAGE_ROOT)) {
    if (!file.startsWith(join(PACKAGE_ROOT, 'strategies'))) continue
    const { factsRead } = compileStrategy(await loadStrategyFile(file), {}, 'default')
    for (const fact of factsRead) {
      const source = SOURCES[fact]
      if (source === undefined) continue
      const { leg } = source
      feeds.push({ strategy, leg, fact, stored: stored(series, source), recorder: recorded(recording, recordingFolder, source), live: live(source, environment) }) // prettier-ignore
    }
  }
  return feeds
}

function stored(series: SeriesMap, { kind }: FactSource): Feed {
  const found = Object.entries(series).filter(([, entry]) => entry.kind === kind)
  if (found.length === 0) return { isFed: false, why: `the data folder holds no ${kind}` }
  const words = found.slice(0, 2).map(([id, { lastEventTime, origins, flags }]) => `${id} to ${formatUtcDay(lastEventTime)} (${[...origins, ...flags].join(', ')})`) // prettier-ignore
  const more = found.length > 2 ? ` and ${found.length - 2} more` : ''
  return { isFed: true, why: `${words.join('; ')}${more}` }
}

function recorded(recording: RecordingStatus | undefined, folder: string, source: FactSource): Feed {
  if (recording === undefined) return { isFed: false, why: `nothing is recorded in ${folder}` }
  const all = recording.series.filter(({ id }) => source.recorded.test(id))
  const polled = all.filter(({ everyMs }) => everyMs !== null)
  const [first] = polled
  if (first === undefined) return { isFed: false, why: all.length > 0 ? 'it is not asked for any more' : `its plan does not cover it${source.needsKey ? ' (it needs a key)' : ''}` } // prettier-ignore
  const isOpen = (id: string): boolean => recording.openGaps.some(({ series }) => series === id)
  const good = polled.filter(({ id, lastAnswered }) => lastAnswered !== null && !isOpen(id))
  if (recording.running === null) return { isFed: false, why: 'the recorder is not running' }
  if (good.length > 0) return { isFed: true, why: good.map(({ id }) => id).join(', ') }
  return { isFed: false, why: `${first.id}: ${first.trouble ?? 'no answer in time'}` }
}

function live({ needsKey, live: words }: FactSource, environment: NodeJS.ProcessEnv): Feed {
  const hasKey = (environment[KEY_VARIABLE] ?? '') !== ''
  return needsKey && !hasKey ? { isFed: false, why: `${words}: ${KEY_VARIABLE} is not set` } : { isFed: true, why: words } // prettier-ignore
}
