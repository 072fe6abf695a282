import type { StoredAnswer } from '../../src/sources/smart-money/answer-log.js'
import { answerDays, answersOf } from '../../src/sources/recorder/recording.js'
import { withDuckDB, literal, queryRows } from '../../src/store/duckdb.js'
import { openStore, storeManifest, verifiedPath } from '../../src/store/store.js'
import type { World, WorldFacts } from '../../src/loopback/world.js'

/** All answers of a recording, in the order of the log. */
export async function allAnswers(folder: string): Promise<StoredAnswer[]> {
  const answers: StoredAnswer[] = []
  for (const day of await answerDays(folder))
    for await (const answer of answersOf(folder, day)) answers.push(answer)
  return answers
}

/** What makes an answer that one: two of them are one answer written twice. */
export const identityOf = ({ fetchedAt, url, sha256, status }: StoredAnswer): string => `${fetchedAt} ${url} ${status} ${sha256}` // prettier-ignore

/** A fact as it was told first: when it happened, when it was known, what it says. */
export interface ToldFact {
  readonly key: string
  readonly knownAt: number
  readonly says: string
}

type Row = Readonly<Record<string, unknown>>

/** How a table's rows are read out of answers, apart from all code that the recorder makes them with. */
interface Reading {
  readonly series: string
  readonly path: string
  /** Rows of a body, each with its key and what it says, as the store would have it. */
  readonly rows: (
    body: unknown,
    answer: StoredAnswer,
  ) => readonly { readonly key: string; readonly says: string }[]
}

const list = (body: unknown, name: string): Row[] => ((body as Row)[name] as Row[]) ?? []

/** Series that a recording of BTC makes, read a second time. */
export function readings(instrument: string): Reading[] {
  return [
    {
      series: 'whale-positions/smart-money:tracked',
      path: '/v1/history/whale_positions',
      rows: (body) => list(body, 'rows').map(({ ts, wallet, symbol, direction, size, notional_usd, leverage }) => ({ key: `${Number(ts) * 1000} ${wallet} ${symbol}`, says: `${direction === 'long' ? 1 : -1} ${size} ${notional_usd} ${leverage}` })), // prettier-ignore
    },
    {
      series: 'open-interest/smart-money:BTC',
      path: '/v1/history/derivatives_agg',
      rows: (body) => list(body, 'rows').filter(({ symbol }) => symbol === 'BTC').map(({ ts, open_interest }) => ({ key: `${Number(ts) * 1000}`, says: `${open_interest}` })), // prettier-ignore
    },
    {
      series: `series/book.${instrument.replaceAll(':', '.')}`,
      path: '/fapi/v1/ticker/bookTicker',
      rows: (body, { fetchedAt }) => [{ key: `${Math.min(Number((body as Row)['time']), fetchedAt)}`, says: `${Number((body as Row)['bidPrice'])} ${Number((body as Row)['askPrice'])}` }], // prettier-ignore
    },
    {
      series: 'open-interest/synthetic:BTC',
      path: '/fapi/v1/openInterest',
      rows: (body) => [
        { key: `${String((body as Row)['time'])}`, says: `${Number((body as Row)['openInterest'])}` },
      ],
    },
  ]
}

/** What the answers told of a series, first tellings alone, sorted. */
export function toldBy(answers: readonly StoredAnswer[], { path, rows }: Reading): ToldFact[] {
  const said = new Map<string, string>()
  const facts: ToldFact[] = []
  for (const answer of answers) {
    if (answer.status !== 200 || new URL(answer.url).pathname !== path) continue
    let body: unknown
    try {
      body = JSON.parse(answer.body)
    } catch {
      continue
    }
    for (const { key, says } of rows(body, answer)) {
      if (said.get(key) === says) continue
      said.set(key, says)
      facts.push({ key, says, knownAt: answer.fetchedAt })
    }
  }
  return sorted(facts)
}

const COLUMNS: Readonly<
  Record<string, { readonly key: readonly string[]; readonly says: readonly string[] }>
> = {
  'whale-positions': {
    key: ['eventTime', 'wallet', 'asset'],
    says: ['side', 'quantity', 'notional', 'leverage'],
  },
  'open-interest': { key: ['eventTime'], says: ['openInterest'] },
  series: { key: ['eventTime'], says: ['bid', 'ask'] },
}

export type StoredRow = Row

/** The rows of a series as they lie in the data folder, revisions and all. */
export async function storedRows(dataFolder: string, series: string): Promise<readonly StoredRow[]> {
  const store = openStore(dataFolder)
  const entry = (await storeManifest(store)).series[series]
  if (entry === undefined) return []
  const path = await verifiedPath(store, entry.file)
  return withDuckDB((connection) => queryRows(connection, `SELECT * FROM read_parquet(${literal(path)})`))
}

/** What the data folder holds of a series, revisions and all, sorted. */
export async function storedFacts(dataFolder: string, series: string): Promise<ToldFact[]> {
  const { key, says } = COLUMNS[series.split('/')[0]!]!
  const rows = await storedRows(dataFolder, series)
  return sorted(rows.map((row) => ({ key: key.map((name) => String(row[name])).join(' '), says: says.map((name) => String(Number(row[name]))).join(' '), knownAt: Number(row['knownAt']) }))) // prettier-ignore
}

function sorted(facts: ToldFact[]): ToldFact[] {
  return facts.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : a.knownAt - b.knownAt))
}

/** Where two lists differ, in words; nothing where they are equal. */
export function differences(
  series: string,
  told: readonly ToldFact[],
  stored: readonly ToldFact[],
): string[] {
  const text = (fact: ToldFact): string => `${fact.key} | ${fact.knownAt} | ${fact.says}`
  const [one, other] = [new Set(told.map(text)), new Set(stored.map(text))]
  const lost = [...one].filter((fact) => !other.has(fact))
  const extra = [...other].filter((fact) => !one.has(fact))
  const doubled = stored.length - other.size
  return [
    ...(lost.length > 0 ? [`${series}: ${lost.length} of ${told.length} rows lost, such as ${lost[0]}`] : []),
    ...(extra.length > 0 ? [`${series}: ${extra.length} rows that no answer told, such as ${extra[0]}`] : []),
    ...(doubled > 0 ? [`${series}: ${doubled} rows doubled`] : []),
  ]
}

/** Rows of a world's facts that are known by a time, with their places. */
export function truthRows({ eventTime, knownAt }: WorldFacts, fromMs: number, untilMs: number): number[] {
  return [...eventTime.keys()].filter((row) => eventTime[row]! >= fromMs && knownAt[row]! <= untilMs)
}

export type { World }
