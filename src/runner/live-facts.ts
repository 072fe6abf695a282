import type { Instrument } from '../core/instrument.js'
import { DAY_MS, HOUR_MS, MINUTE_MS, SECOND_MS } from '../core/time.js'
import type { SessionFact } from '../engine/session.js'
import type { LiveMarket } from '../sources/exchange/live-market.js'
import type { SmartMoneyClient } from '../sources/smart-money/client.js'
import { readHistory } from '../sources/smart-money/history.js'
import type { MappedRow } from '../sources/smart-money/mapper.js'
import { journalText } from './journal-text.js'
import type { SourceState } from './health-file.js'
import { confirmationFacts, flowFacts, whaleSnapshotFacts, type FoundFact } from './fact-rows.js'
import type { FeedTrouble } from './session-feed.js'

export interface LiveFactsOptions {
  readonly instruments: readonly Instrument[]
  /** By name, as the strategy reads them. */
  readonly wanted: readonly string[]
  readonly market: Pick<LiveMarket, 'openInterest'>
  /** Undefined where no address of the API was given: its facts are absent then. */
  readonly client: SmartMoneyClient | undefined
  /** UTC ms. */
  readonly now: () => number
  readonly trouble: FeedTrouble
}

/** Whoever let a question wait so long without an answer, real ms, is left alone for a while: else each of its sources would be waited for, and the close meanwhile. */
const PATIENCE_MS = 4 * SECOND_MS
const LEFT_ALONE_MS = MINUTE_MS

/** A source of facts: who is asked, how far back each question goes, and how often it is asked at most. */
interface Source {
  readonly of: 'exchange' | 'api'
  readonly backMs: number
  readonly everyMs: number
  /** Facts since a time; undefined where there was no answer. */
  readonly ask: (fromMs: number, nowMs: number) => Promise<readonly FoundFact[] | undefined>
}

/** Facts that a live session can be told of, and where from. What a strategy reads besides has no proven source, and is absent. */
export const LIVE_FACTS: Readonly<Record<string, string>> = {
  funding: "the exchange's settled rates",
  'open-interest': "the exchange's history of open interest",
  whales: 'Smart Money API, /v1/history/whale_positions',
  'exchange-flows': 'Smart Money API, /v1/history/onchain',
  confirmation: 'Smart Money API, /v1/history/confirmations',
}

/**
 * Asks for facts and tells each once. **Known-at is the time at which the answer had come**, never what a row says of itself. A source that does not answer tells
 * nothing: its last fact grows old by its own event time, as the strategy's rules of staleness say. Versions of the confirmation model are series of their own: a session has that of its first confirmation
 * for its whole life, and is told of no other.
 */
export class LiveFacts {
  private readonly sources: readonly Source[]
  private readonly asked: Map<Source, number> = new Map()
  private readonly told: Set<string> = new Set()
  /** Of the session's first confirmation, and of all of them: undefined before it. */
  private modelVersion: string | undefined
  /** Other versions that came, of which each is told of once. */
  private readonly otherVersions: Set<string | undefined> = new Set()
  /** Until when somebody who did not answer is left alone, ms of the monotonic clock. */
  private readonly leftAlone: Map<Source['of'], number> = new Map()
  private current: SourceState

  constructor(private readonly options: LiveFactsOptions) {
    this.sources = sourcesOf(options, (state) => this.become(state))
    const isAsked = options.client !== undefined && this.sources.length > 0
    this.current = { state: isAsked ? 'unknown' : 'none', since: Date.now() }
  }

  /** Of the API. */
  get state(): SourceState {
    return this.current
  }

  /** A fact that was told in an earlier life. */
  remember(fact: SessionFact): void {
    this.told.add(keyOf(fact))
    this.modelVersion ??= fact.modelVersion
  }

  /** Whether a fact is of the session's model version, which its first one with a version settles. What comes by another version is told of once. */
  takes(fact: FoundFact): boolean {
    const { modelVersion } = fact
    this.modelVersion ??= modelVersion
    if (this.isOwn(fact)) return true
    if (!this.otherVersions.has(modelVersion))
      this.options.trouble('model version', `confirmations come by version ${modelVersion} of the model now, and this session has version ${this.modelVersion}: another version is another series, so they are not taken, and the confirmation becomes absent as its last one grows old. Begin a new session; its evidence begins anew`) // prettier-ignore
    this.otherVersions.add(modelVersion)
    return false
  }

  private isOwn({ modelVersion }: FoundFact): boolean {
    return modelVersion === undefined || modelVersion === this.modelVersion
  }

  /** Everything new, oldest event first. */
  async poll(): Promise<SessionFact[]> {
    const fresh: SessionFact[] = []
    for (const source of this.sources) {
      const began = this.options.now()
      const sinceMs = began - (this.asked.get(source) ?? -Infinity)
      // Asked in the future, by a clock that was set back since: when that was is not known.
      if (sinceMs >= 0 && sinceMs < source.everyMs) continue
      const asked = performance.now()
      if (asked < (this.leftAlone.get(source.of) ?? -Infinity)) continue
      const found = await source.ask(began - source.backMs, began)
      if (found === undefined) {
        const now = performance.now()
        if (now - asked >= PATIENCE_MS) this.leftAlone.set(source.of, now + LEFT_ALONE_MS)
        continue
      }
      this.asked.set(source, began)
      const knownAt = this.options.now()
      // The newest event says by which version the API answers now: older rows of another are its past.
      const newest = found.at(-1)
      if (newest !== undefined && !found.some((one) => one.eventTime === newest.eventTime && this.isOwn(one))) this.takes(newest) // prettier-ignore
      for (const one of found.filter((each) => this.isOwn(each))) {
        const fact = { ...one, knownAt }
        const key = keyOf(fact)
        if (this.told.has(key)) continue
        this.told.add(key)
        fresh.push(fact)
      }
    }
    return fresh.sort((a, b) => a.eventTime - b.eventTime)
  }

  private become(state: string): void {
    if (this.current.state !== state) this.current = { state, since: Date.now() }
  }
}

/** A fact by what it says, whenever it became known. */
function keyOf({ instrument, series, eventTime, values }: FoundFact): string {
  return journalText([instrument, series, eventTime, values])
}

function sourcesOf(options: LiveFactsOptions, become: (state: string) => void): Source[] {
  const { instruments, wanted, market, client, trouble } = options
  const sources: Source[] = []
  if (wanted.includes('open-interest'))
    instruments.forEach(({ kind }, instrument) => {
      if (kind !== 'perpetual') return
      const ask = async (fromMs: number): Promise<FoundFact[] | undefined> =>
        (await market.openInterest(instrument, fromMs))?.map(({ eventTime, openInterest }) => ({ instrument, series: 'open-interest', eventTime, values: { openInterest } })) // prettier-ignore
      sources.push({ of: 'exchange', backMs: 30 * HOUR_MS, everyMs: 4 * MINUTE_MS, ask })
    })
  if (client === undefined) return sources
  const history = async (
    table: string,
    filters: Readonly<Record<string, string>>,
    fromMs: number,
    toMs: number,
  ): Promise<readonly MappedRow[] | undefined> => {
    const { rows, quarantined, stoppedBy } = await readHistory(client, table, { fromMs, toMs, filters })
    for (const { reason } of quarantined.slice(0, 1))
      trouble(`history/${table}`, `${quarantined.length} rows are no rows of this table: ${reason}`)
    if (stoppedBy === undefined) {
      become('ready')
      return rows
    }
    become(stoppedBy.meaning)
    trouble(`history/${table}`, `${stoppedBy.meaning}: ${stoppedBy.message}`)
    return undefined
  }
  const assets = [...new Set(instruments.map(({ base }) => base))]
  if (wanted.includes('whales'))
    sources.push({
      of: 'api',
      backMs: DAY_MS,
      everyMs: 9 * MINUTE_MS,
      ask: async (from, to) => {
        const rows = await history('whale_positions', {}, from, to)
        return rows && whaleSnapshotFacts(rows, instruments)
      },
    })
  for (const asset of assets) {
    if (wanted.includes('confirmation'))
      sources.push({
        of: 'api',
        backMs: 3 * HOUR_MS,
        everyMs: 4 * MINUTE_MS,
        ask: async (from, to) => {
          const rows = await history('confirmations', { symbol: asset }, from, to)
          return rows && confirmationFacts(rows, asset, instruments)
        },
      })
    if (wanted.includes('exchange-flows'))
      sources.push({
        of: 'api',
        backMs: 6 * DAY_MS,
        everyMs: 50 * MINUTE_MS,
        ask: async (from, to) => {
          const rows = await history('onchain', { asset }, from, to)
          return rows && flowFacts(rows, asset, instruments)
        },
      })
  }
  return sources
}
