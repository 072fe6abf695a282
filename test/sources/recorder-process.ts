/**
 * Several recorders in one process, each in a folder of its own and with a world of its own: a kill of it strikes them all at once, each in what it was doing. Says on stderr what each does:
 * `2 storing api:usage`. Takes places as JSON: `[{ folder, data, url }, …]`. SIGTERM ends them in peace and puts what there is into their data folders.
 */
import { writeSync } from 'node:fs'
import { loopbackWorld } from '../../src/cli/loopback-source.js'
import { formatUtcDay, MINUTE_MS } from '../../src/core/time.js'
import { venueInstrument } from '../../src/sources/download/exchange-download.js'
import { compactDay } from '../../src/sources/recorder/compact.js'
import { record } from '../../src/sources/recorder/recorder.js'
import { readPlans, unpackedDays } from '../../src/sources/recorder/recording.js'
import { apiSeries, exchangeSeries } from '../../src/sources/recorder/series.js'
import { Secret } from '../../src/sources/smart-money/secret.js'
import { openStore } from '../../src/store/store.js'

interface Place {
  readonly folder: string
  readonly data: string
  readonly url: string
}

const INSTRUMENT = venueInstrument('synthetic:BTCUSDT-PERP')
const SERIES = [...exchangeSeries(INSTRUMENT, { candlesMs: 5 * MINUTE_MS, bookEveryMs: 5 * MINUTE_MS }), ...apiSeries(['BTC'], true)] // prettier-ignore

const ending = new AbortController()
process.on('SIGTERM', () => ending.abort())

async function recordAt({ folder, data, url }: Place, number: number): Promise<void> {
  const world = await loopbackWorld(url)
  const say = (text: string): void => void writeSync(2, `${number} ${text}\n`)
  const store = openStore(data)
  await record({
    folder,
    store,
    clock: { now: world.now, pause: (durationMs, stop) => world.pause(durationMs, stop) },
    series: SERIES,
    instruments: [INSTRUMENT],
    smartMoneyApi: world.smartMoneyApi,
    key: new Secret('sm_loopback_pro'),
    addresses: world.exchange!,
    flags: world.flags,
    ...(world.source !== undefined && { source: world.source }),
    stop: ending.signal,
    told: {
      began: () => undefined,
      phase: (name, what) => say(`${name} ${what}`),
      note: (text) => say(`note ${text}`),
    },
  })
  const plans = await readPlans(folder)
  const today = formatUtcDay(world.now())
  for (const day of await unpackedDays(folder))
    await compactDay(day, { folder, store, plans, now: world.now(), isUnderWay: day >= today })
}

const places = JSON.parse(process.argv[2] ?? '[]') as readonly Place[]
for (const [number, place] of places.entries())
  recordAt(place, number).catch((error: unknown) => {
    writeSync(2, `${number} note ${String(error)}\n`)
    process.exit(1)
  })
