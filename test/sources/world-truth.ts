import { HOUR_MS, MINUTE_MS, SECOND_MS } from '../../src/core/time.js'
import type { World, WorldFacts } from '../../src/loopback/world.js'
import type { Gap } from '../../src/sources/recorder/coverage.js'
import { storedRows, type StoredRow } from './recorded.js'

export interface TruthOptions {
  readonly world: World
  readonly dataFolder: string
  /** Recorded was from, and for so long that what was known then must have been told; UTC ms. */
  readonly fromMs: number
  readonly untilMs: number
  /** Candles that the exchange never told, by open time. */
  readonly neverTold: ReadonlySet<number>
  /** As they are listed: the only excuse for a fact that is missing of a series that is sampled. */
  readonly gaps: readonly Gap[]
}

/** One thing that is so in the world: what a row of the data folder must say. */
interface Truth {
  readonly key: string
  /** UTC ms, and when it could be known at the earliest. */
  readonly eventTime: number
  readonly knownAt: number
  readonly says: Readonly<Record<string, number | string | null>>
}

/** A series that is made of what was recorded. */
interface Series {
  readonly id: string
  readonly keys: readonly string[]
  readonly truth: readonly Truth[]
  /** The recorder's name of it, where only the newest is told and what nobody asked for in its time is gone. */
  readonly sampledAs?: string
  /** Columns that a row may be without: a side of a confirmation that had no answer. */
  readonly mayMiss?: readonly string[]
  /** Columns that are reckoned, and so not to the last digit. */
  readonly within?: number
}

const orNull = (value: number): number | null => (Number.isFinite(value) ? value : null)
const onSecond = (timeMs: number): number => Math.floor(timeMs / SECOND_MS) * SECOND_MS

/** What of a world's facts a table must say, column by column. */
function truthOf({ eventTime, knownAt, values, texts }: WorldFacts, columns: readonly string[], more: (row: number) => Truth['says'] = () => ({}), keys: readonly string[] = []): Truth[] {
  return [...eventTime.keys()].map((row) => {
    const told = onSecond(eventTime[row]!)
    const says = { ...Object.fromEntries(columns.map((name) => [name, orNull(values[name]![row]!)])), ...more(row) }
    return { key: [told, ...keys.map((name) => texts[name]![row]!)].join(' '), eventTime: told, knownAt: knownAt[row]!, says }
  })
} // prettier-ignore

function seriesOf(world: World): Series[] {
  const [{ instrument, candles, funding, openInterest }] = world.instruments as [World['instruments'][number]]
  const { id, base } = instrument
  const { exchangeFlows, confirmations } = world.assets.get(base)!
  const whales = world.whales!
  const bars = [...candles.openTime.keys()].map((at): Truth => {
    const [open, high, low, close, volume] = [candles.open, candles.high, candles.low, candles.close, candles.volume].map((column) => column[at]!) // prettier-ignore
    const eventTime = candles.openTime[at]!
    return { key: String(eventTime), eventTime, knownAt: eventTime + candles.timeframeMs, says: { open: open!, high: high!, low: low!, close: close!, volume: volume! } } // prettier-ignore
  })
  return [
    { id: `candles/${id}@5m`, keys: [], truth: bars },
    { id: `funding/${id}`, keys: [], truth: truthOf(funding!, ['rate', 'intervalMs', 'mark']) },
    { id: `funding/synthetic:${base}-PERP@average`, keys: [], within: 1e-10, truth: truthOf(funding!, ['rate', 'intervalMs', 'mark']) }, // prettier-ignore
    { id: `open-interest/smart-money:${base}`, keys: [], truth: truthOf(openInterest!, ['openInterest']) },
    {
      id: `open-interest/synthetic:${base}`,
      keys: [],
      sampledAs: `usdm:openInterest:${base}USDT`,
      truth: truthOf(openInterest!, ['openInterest']),
    },
    {
      id: `exchange-flows/${base}`,
      keys: [],
      truth: truthOf(exchangeFlows!, ['inflow', 'outflow', 'supply']),
    },
    { id: `confirmations/${base}@synthetic-1`, keys: [], sampledAs: `api:confirm:${base}`, mayMiss: ['long', 'short'], truth: truthOf(confirmations!, ['long', 'short'], (row) => ({ confidence: confirmations!.texts['confidence']![row]! })) }, // prettier-ignore
    { id: 'whale-positions/smart-money:tracked', keys: ['wallet', 'asset'], truth: truthOf(whales, ['quantity', 'notional', 'leverage', 'accountValue'], (row) => ({ side: whales.texts['side']![row] === 'long' ? 1 : -1 }), ['wallet', 'asset']) }, // prettier-ignore
  ]
}

/**
 * Holds every series that was made of a recording against the world that was recorded, not against the answers: whatever stands there must be so, and known no earlier than it could be; whatever
 * could be known must stand there.
 */
export async function truthProblems(options: TruthOptions): Promise<{ problems: string[]; rows: number }> {
  const { world, dataFolder, fromMs, untilMs, neverTold, gaps } = options
  const problems: string[] = []
  let rows = 0
  for (const { id, keys, truth, sampledAs, mayMiss = [], within = 0 } of seriesOf(world)) {
    const told = id.startsWith('candles/')
      ? truth.filter(({ eventTime }) => !neverTold.has(eventTime))
      : truth
    const known = new Map(told.map((one) => [one.key, one]))
    const stored = await storedRows(dataFolder, id)
    rows += stored.length
    const have = new Map<string, StoredRow>()
    const wrong: string[] = []
    for (const row of stored) {
      const key = [row['eventTime'], ...keys.map((name) => row[name])].map(String).join(' ')
      const is = known.get(key)
      const said = is === undefined ? ['it is not so'] : untrue(row, is, mayMiss, within)
      if (said.length > 0) wrong.push(`${key}: ${said.join(', ')}`)
      if (have.has(key) && mayMiss.length === 0) wrong.push(`${key} stands there twice`)
      have.set(key, row)
    }
    const excuses = gaps.filter(({ series }) => series === sampledAs)
    const missing = told.filter(({ key, eventTime, knownAt }, at) => {
      if (eventTime < fromMs || knownAt > untilMs || have.has(key)) return false
      const replacedAt = told[at + 1]?.knownAt ?? Infinity
      return !excuses.some((gap) => gap.fromMs < replacedAt && gap.toMs > knownAt)
    })
    if (wrong.length > 0) problems.push(`${id}: ${wrong.length} of ${stored.length} rows are not the world's, such as ${wrong[0]}`) // prettier-ignore
    if (missing.length > 0) problems.push(`${id}: ${missing.length} facts of the world are missing, such as ${missing[0]!.key}`) // prettier-ignore
    if (stored.length === 0) problems.push(`${id}: nothing was recorded`)
  }
  const sampled = await sampleProblems(options)
  return { problems: [...problems, ...sampled.problems], rows: rows + sampled.rows }
}

function untrue(
  row: StoredRow,
  { knownAt, says }: Truth,
  mayMiss: readonly string[],
  within: number,
): string[] {
  const early = Number(row['knownAt']) < knownAt ? [`known at ${String(row['knownAt'])}, and not before ${knownAt}`] : [] // prettier-ignore
  const others = Object.entries(says).flatMap(([name, value]) => {
    const stands = row[name] ?? null
    if (stands === null && mayMiss.includes(name)) return []
    const isSame = typeof value === 'number' && stands !== null ? Math.abs(Number(stands) - value) <= within : stands === value // prettier-ignore
    return isSame ? [] : [`${name} is ${String(stands)}, not ${String(value)}`]
  })
  return [...early, ...others]
}

/** How long ago what a sample tells may be: an answer may be an hour late, and snapshots of wallets lie hours apart. */
const LATE_MS = HOUR_MS

/** Samples have no rows of their own in the world: each must be what was so when it was taken. */
async function sampleProblems({
  world,
  dataFolder,
}: TruthOptions): Promise<{ problems: string[]; rows: number }> {
  const [{ instrument, candles }] = world.instruments as [World['instruments'][number]]
  const { base, id, tickSize } = instrument
  const { eventTime, values, texts } = world.whales!
  const snapshots = new Map<number, { longs: number; shorts: number; gross: number; net: number }>()
  for (const row of eventTime.keys()) {
    if (texts['asset']![row] !== base) continue
    const one = snapshots.get(eventTime[row]!) ?? { longs: 0, shorts: 0, gross: 0, net: 0 }
    snapshots.set(eventTime[row]!, one)
    const isLong = texts['side']![row] === 'long'
    one[isLong ? 'longs' : 'shorts']++
    one.gross += values['notional']![row]!
    one.net += (isLong ? 1 : -1) * values['notional']![row]!
  }
  const near = (stands: unknown, value: number): boolean => Math.abs(Number(stands) - value) <= 0.011
  const problems: string[] = []
  const judge = async (series: string, isTrue: (row: StoredRow) => boolean): Promise<number> => {
    const rows = await storedRows(dataFolder, series)
    const wrong = rows.filter((row) => !isTrue(row))
    if (rows.length === 0) problems.push(`${series}: nothing was recorded`)
    if (wrong.length > 0) problems.push(`${series}: ${wrong.length} of ${rows.length} samples are not the world's, such as ${JSON.stringify(wrong[0], (_, value: unknown) => (typeof value === 'bigint' ? Number(value) : value))}`) // prettier-ignore
    return rows.length
  }
  const byTime = new Map([...snapshots].map(([time, one]) => [onSecond(time), one]))
  const times = [...snapshots.keys()].sort((a, b) => a - b)
  const counted = await judge(`series/smart-money.consensus-live.${base}`, (row) => {
    const one = byTime.get(Number(row['eventTime']))
    return one !== undefined && Number(row['longCount']) === one.longs && Number(row['shortCount']) === one.shorts && near(row['longVolume'], (one.gross + one.net) / 2) && near(row['shortVolume'], (one.gross - one.net) / 2) // prettier-ignore
  })
  const crowded = await judge(`series/smart-money.crowding.${base}`, (row) => {
    const at = Number(row['knownAt'])
    const newest = times.findLastIndex((time) => time <= at)
    const oldest = times.findLastIndex((time) => time <= at - LATE_MS - HOUR_MS)
    const possible = times.slice(Math.max(0, oldest), newest + 1).map((time) => snapshots.get(time)!)
    return possible.some(({ gross, net, longs, shorts }) => near(row['gross'], gross) && near(row['net'], net) && Number(row['wallets']) <= longs + shorts) // prettier-ignore
  })
  const quoted = await judge(`series/book.${id.replaceAll(':', '.')}`, (row) => {
    const at = candles.openTime.findLastIndex((time) => time <= Number(row['eventTime']))
    const [bid, ask] = [Number(row['bid']), Number(row['ask'])]
    const isInside = bid >= candles.low[at]! - tickSize && bid <= candles.high[at]! + tickSize
    return isInside && Math.abs(ask - bid - tickSize) < tickSize / 10 && Number(row['knownAt']) - Number(row['eventTime']) < MINUTE_MS // prettier-ignore
  })
  return { problems, rows: counted + crowded + quoted }
}
