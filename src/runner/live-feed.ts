import { setTimeout as delay } from 'node:timers/promises'
import { BaleenError, EXIT_CODES } from '../core/errors.js'
import type { Instrument } from '../core/instrument.js'
import { DAY_MS, durationName, formatUtc, MINUTE_MS, SECOND_MS } from '../core/time.js'
import type { PaperBar } from '../engine/paper-lane.js'
import type { SessionFact } from '../engine/session.js'
import { backfillCandles, type ClosedCandle } from '../sources/exchange/backfill.js'
import type { CandlePages } from '../sources/exchange/candle-pages.js'
import type { LiveMarket } from '../sources/exchange/live-market.js'
import type { Feed, FeedItem, FeedTick } from './feed.js'
import type { SourceState } from './health-file.js'
import type { HeardQuotes } from './heard-quotes.js'
import { venueTime, type LiveClock } from './live-clock.js'
import { isListed, isOpen } from './listed.js'
import type { LiveFacts } from './live-facts.js'
import type { FeedTrouble, SessionFeed } from './session-feed.js'

export interface LiveFeedOptions {
  readonly instruments: readonly Instrument[]
  readonly timeframeMs: number
  /** Open of the first bar that is told, UTC ms. */
  readonly warmUpStartTime: number
  /** Perpetuals are charged their settlements. */
  readonly hasFunding: boolean
  /** Features read funding, so it is told as a fact too. */
  readonly readsFunding: boolean
  readonly clock: LiveClock
  readonly market: LiveMarket
  /** One an instrument. */
  readonly pages: readonly CandlePages[]
  readonly facts: LiveFacts
  readonly trouble: FeedTrouble
  /** How long before a close facts are asked for: what is known later counts at the next one. */
  readonly factLeadMs: number
  /** How long after a close the socket is waited for before candles are asked for by REST. */
  readonly graceMs: number
  /** How long after a close the session goes on without what is missing, which is a gap from then on. */
  readonly deadlineMs: number
  /** Stored data that warm features up: what they hold is not asked for. */
  readonly stored?: () => Promise<Feed>
  /** Bars that open before it are taken from there, UTC ms. */
  readonly startTime: number
  /** Of the clock, times real time. */
  readonly speed: number
  /** Ends waits. */
  readonly stop: AbortSignal
  /** Where orders fill by best bid and ask. */
  readonly quotes?: LiveQuoteOptions
}

export interface LiveQuoteOptions {
  readonly heard: HeardQuotes
  /** What is older is not traded on: an instrument that is silent for half of it is asked for. */
  readonly lifeMs: number
  /** How long they wait at most until they are told. */
  readonly stepMs: number
}

/** Timings of a session in real time. */
export const LIVE_TIMINGS: Readonly<Record<'factLeadMs' | 'graceMs' | 'deadlineMs' | 'silenceMs', number>> = {
  factLeadMs: 10 * SECOND_MS,
  graceMs: 2 * SECOND_MS,
  deadlineMs: 45 * SECOND_MS,
  silenceMs: 60 * SECOND_MS,
}

/** Between two questions for candles that are missing. */
const RETRY_MS = 2 * SECOND_MS
/** While the socket is waited for. */
const LOOK_MS = 250
/** The venue's clock is measured so often, before every close, and at once where this machine's was set by more than so much. */
const MEASURE_MS = MINUTE_MS
const STEP_MS = SECOND_MS / 2
/** Quotes are asked for so seldom at last, where nobody answers. */
const LONGEST_QUIET_MS = MINUTE_MS

/** Candles that streams have told of, until they are taken: the first word on a candle counts. */
export class HeardCandles {
  private readonly byClose: Map<number, Map<number, ClosedCandle>> = new Map()

  constructor(private readonly timeframeMs: number) {}

  hear(instrument: number, candle: ClosedCandle): void {
    const closeTime = candle.openTime + this.timeframeMs
    const candles = this.byClose.get(closeTime) ?? new Map<number, ClosedCandle>()
    this.byClose.set(closeTime, candles)
    if (!candles.has(instrument)) candles.set(instrument, candle)
  }

  at(closeTime: number): ReadonlyMap<number, ClosedCandle> {
    return this.byClose.get(closeTime) ?? new Map<number, ClosedCandle>()
  }

  /** What closed by then is told or a gap. */
  forget(closeTime: number): void {
    for (const time of this.byClose.keys()) if (time <= closeTime) this.byClose.delete(time)
  }
}

/**
 * A market as it goes on: closed candles as the stream tells them, by REST where it did not, settlements and facts as they are asked for. Bars of one close are told together, in the order of
 * closes, each once. Quotes are told as they come, but not while bars are caught up with, which are older. What has not come by the deadline is a gap: it is told of in the log and never later.
 */
export class LiveFeed implements SessionFeed {
  readonly clock: LiveClock
  private measuredAt: number = -Infinity
  /** By the clock that never steps: a venue that does not answer is not asked at every look. */
  private measureAgainAt: number = -Infinity
  private readonly charged: number[]
  /** By instrument: when its next settlement is due, by its last one; Infinity where none was seen. */
  private readonly nextRate: number[]
  /** By instrument: when it is asked for again, and how often in a row nobody answered. */
  private readonly asking: { notBefore: number; failures: number }[]

  constructor(
    private readonly options: LiveFeedOptions,
    private readonly heard: HeardCandles,
  ) {
    this.clock = options.clock
    this.charged = options.instruments.map(() => -Infinity)
    this.nextRate = options.instruments.map(() => Infinity)
    this.asking = options.instruments.map(() => ({ notBefore: -Infinity, failures: 0 }))
  }

  feedState(): SourceState {
    return this.options.market.state
  }

  apiState(): SourceState {
    return this.options.facts.state
  }

  remember(fact: SessionFact): void {
    this.options.facts.remember(fact)
    if (fact.series === 'funding') this.toldFunding.add(`${fact.instrument} ${fact.eventTime}`)
  }

  async close(): Promise<void> {
    await this.options.market.close()
  }

  private readonly toldFunding: Set<string> = new Set()

  async *items(afterClose: number): AsyncGenerator<FeedItem | FeedTick> {
    const { timeframeMs, warmUpStartTime, factLeadMs, instruments, startTime } = this.options
    let last = Math.max(afterClose, warmUpStartTime)
    instruments.forEach((_, at) => (this.charged[at] = last - 1))
    yield* this.waitForVenue()
    if (this.options.stored !== undefined && afterClose < startTime)
      for await (const item of (await this.options.stored()).items(afterClose)) {
        if (item.at > startTime) break
        if (item.kind === 'fact') {
          if (!this.options.facts.takes(item.fact)) continue
          this.remember(item.fact)
        }
        if (item.kind === 'bars') last = Math.max(last, item.at)
        if (item.kind === 'settlement') this.charge(item.settlement.instrument, item.at)
        yield item
      }
    for (;;) {
      yield* this.ticking(this.measure())
      const now = this.venueTime()
      const closed = Math.floor(now / timeframeMs) * timeframeMs
      if (closed > last) {
        // While nobody listened: everything up to the last close, by REST.
        if (closed - last > timeframeMs || last === warmUpStartTime) yield* this.catchUp(last, closed)
        else yield* this.oneClose(closed)
        last = Math.max(last, closed)
        this.heard.forget(last)
        continue
      }
      const next = last + timeframeMs
      yield* this.wait(next - factLeadMs)
      // So that the close is decided on by a clock that was compared just before it, and not a bar ago.
      yield* this.ticking(this.measure())
      if (factLeadMs > 0) yield* this.tellFacts()
      yield* this.wait(next)
      yield* this.oneClose(next)
      last = next
      this.heard.forget(last)
    }
  }

  private charge(instrument: number, time: number): void {
    this.charged[instrument] = Math.max(this.charged[instrument] as number, time)
  }

  private venueTime(): number {
    return venueTime(this.clock)
  }

  private async *wait(untilMs: number): AsyncGenerator<FeedItem | FeedTick> {
    const { clock, quotes } = this.options
    while (this.venueTime() < untilMs) {
      const leftMs = untilMs - this.venueTime()
      await clock.waitUntil(clock.now() + Math.min(leftMs, quotes?.stepMs ?? Infinity))
      if (this.wasSet()) yield* this.ticking(this.measure())
      yield* this.tellQuotes()
      if (this.venueTime() < untilMs) yield this.tick()
    }
  }

  private tick(): FeedTick {
    const { clock, quotes } = this.options
    return { kind: 'tick', at: quotes?.heard.stamp() ?? clock.now() }
  }

  /** Quotes that were heard; those that the stream is silent about are asked for, and heard when the answer has come. */
  private *tellQuotes(): Generator<FeedItem> {
    const { quotes, instruments } = this.options
    if (quotes === undefined) return
    const now = quotes.heard.stamp()
    for (const [instrument, one] of instruments.entries())
      if (now - quotes.heard.heardAt(instrument) >= quotes.lifeMs / 2 && isOpen(one, now))
        this.askForQuote(quotes, instrument, now)
    for (const quote of quotes.heard.take()) yield { kind: 'quote', at: quote.time, quote }
  }

  private askForQuote({ heard, lifeMs }: LiveQuoteOptions, instrument: number, now: number): void {
    const asking = this.asking[instrument] as { notBefore: number; failures: number }
    if (now < asking.notBefore) return
    asking.notBefore = Infinity
    const { market, speed } = this.options
    void market.quote(instrument).then((told) => {
      asking.failures = told === undefined ? asking.failures + 1 : 0
      const pauseMs = (lifeMs / 2) * 2 ** asking.failures
      asking.notBefore = now + Math.min(pauseMs, Math.max(lifeMs / 2, LONGEST_QUIET_MS * speed))
      if (told !== undefined) heard.confirm(instrument, told, now)
    })
  }

  private async *waitForVenue(): AsyncGenerator<FeedTick> {
    const { clock, speed } = this.options
    for (await this.measure(); this.measuredAt === -Infinity; await this.measure()) {
      yield this.tick()
      await clock.waitUntil(clock.now() + RETRY_MS * speed)
    }
  }

  private async measure(): Promise<void> {
    const { clock, market, speed, timeframeMs, trouble } = this.options
    const askedAt = clock.now()
    const isSet = this.wasSet()
    if (isSet ? clock.monotonic() < this.measureAgainAt : askedAt - this.measuredAt < Math.min(MEASURE_MS * speed, 0.9 * timeframeMs)) return // prettier-ignore
    const steppedMs = clock.steppedMs()
    const serverTime = await market.serverTime()
    this.measureAgainAt = clock.monotonic() + RETRY_MS
    // Set while the answer was on its way, it measures nothing.
    if (serverTime === undefined || Math.abs(clock.steppedMs() - steppedMs) > STEP_MS) return
    clock.measured(serverTime, askedAt, clock.now())
    this.measuredAt = askedAt
    if (!isSet) return
    const seconds = (Math.abs(steppedMs) / SECOND_MS).toFixed(1)
    trouble('clock', steppedMs < 0 ? `this machine's clock was set back by ${seconds} s: the venue's was asked anew` : `this machine's clock was set forward by ${seconds} s, or it slept: the venue's was asked anew`) // prettier-ignore
  }

  /** A clock that is set moves what is thought of the venue's with it: closes would be waited for too long, or quotes never grow old. */
  private wasSet(): boolean {
    const { clock } = this.options
    return Math.abs(clock.steppedMs()) > STEP_MS
  }

  /** This machine's time without what it was set by since the venue's was asked: for how long something is waited for. */
  private steady(): number {
    const { clock } = this.options
    return clock.now() - clock.steppedMs()
  }

  /** Facts, settlements and all bars of one close that is just over. */
  private async *oneClose(closeTime: number): AsyncGenerator<FeedItem | FeedTick> {
    const { instruments, clock, graceMs, deadlineMs, timeframeMs, trouble, speed } = this.options
    yield* this.tellFacts()
    yield* this.tellSettlements(closeTime)
    yield* this.waitForRates(closeTime)
    const due = instruments.flatMap((one, at) => (isListed(one, closeTime, timeframeMs) ? [at] : []))
    const found = new Map<number, ClosedCandle>()
    const began = this.steady()
    let askedAt = -Infinity
    const asking = new Map<number, Promise<void>>()
    for (;;) {
      for (const [instrument, candle] of this.heard.at(closeTime))
        if (!found.has(instrument)) found.set(instrument, candle)
      const missing = due.filter((instrument) => !found.has(instrument))
      const waited = this.steady() - began
      if (missing.length === 0) break
      if (waited >= deadlineMs) {
        const ids = missing.map((at) => instruments[at]?.id).join(', ')
        trouble('gap', `${ids}: no candle of ${durationName(timeframeMs)} that closed at ${formatUtc(closeTime)} came in ${Math.round(waited / SECOND_MS)} s`)
        break
      }
      if (waited >= graceMs && this.steady() - askedAt >= RETRY_MS * speed) {
        askedAt = this.steady()
        for (const instrument of missing) {
          if (asking.has(instrument)) continue
          const asked = this.backfill(instrument, closeTime - timeframeMs, closeTime, began + deadlineMs)
          asking.set(instrument, asked.then((candles) => {
            asking.delete(instrument)
            const [candle] = candles ?? []
            if (candle !== undefined && !found.has(instrument)) found.set(instrument, candle)
          }))
        }
      }
      if (asking.size > 0) await Promise.race([...asking.values(), delay(LOOK_MS)])
      else await clock.waitUntil(clock.now() + LOOK_MS * speed)
      yield* this.tellQuotes()
      yield this.tick()
    }
    // Orders are sent when they are decided on, not at the close: time has gone on since.
    yield* this.tellQuotes()
    if (this.options.quotes !== undefined) yield this.tick()
    const bars = [...found].sort(([a], [b]) => a - b).map(([instrument, candle]) => barOf(instrument, candle))
    if (bars.length > 0) yield { kind: 'bars', at: closeTime, bars: { closeTime, bars } }
  } // prettier-ignore

  private async *catchUp(afterClose: number, closed: number): AsyncGenerator<FeedItem | FeedTick> {
    const { instruments, clock, trouble, speed } = this.options
    yield* this.tellFacts()
    const byClose = new Map<number, PaperBar[]>()
    for (const instrument of instruments.keys()) {
      let candles = yield* this.ticking(this.backfill(instrument, afterClose, closed))
      while (candles === undefined) {
        // Without its past nothing can be decided: the venue is waited for.
        yield this.tick()
        await clock.waitUntil(clock.now() + RETRY_MS * speed)
        candles = yield* this.ticking(this.backfill(instrument, afterClose, closed))
      }
      for (const candle of candles) {
        const closeTime = candle.openTime + this.options.timeframeMs
        const bars = byClose.get(closeTime) ?? []
        byClose.set(closeTime, bars)
        bars.push(barOf(instrument, candle))
      }
    }
    const closes = [...byClose].sort(([a], [b]) => a - b)
    if (closes.length === 0)
      trouble('gap', `no candle between ${formatUtc(afterClose)} and ${formatUtc(closed)}`)
    const settlements = yield* this.ticking(this.settlements(closed))
    let at = 0
    for (const [closeTime, bars] of closes) {
      for (; at < settlements.length && (settlements[at] as FeedItem).at <= closeTime; at++)
        yield settlements[at] as FeedItem
      yield { kind: 'bars', at: closeTime, bars: { closeTime, bars } }
    }
    for (; at < settlements.length; at++) yield settlements[at] as FeedItem
  }

  /** Undefined where the venue did not answer. */
  private async backfill(
    instrument: number,
    fromMs: number,
    toMs: number,
    until: number = Infinity,
  ): Promise<readonly ClosedCandle[] | undefined> {
    const { pages, clock, trouble, instruments } = this.options
    try {
      const found = await backfillCandles(pages[instrument] as CandlePages, {
        fromMs,
        toMs,
        now: () => clock.now(),
        pause: (ms) => this.pause(ms, until),
      })
      for (const { reason } of found.quarantined) trouble('candles', `${instruments[instrument]?.id}: a row is no candle: ${reason}`) // prettier-ignore
      return found.candles
    } catch (error) {
      trouble('candles', error instanceof Error ? error.message : String(error))
      return undefined
    }
  }

  /** Waits as long as the venue wants it. Throws where that would be past a time, or the session is to end. */
  private async pause(durationMs: number, until: number): Promise<void> {
    const { clock, stop } = this.options
    const end = this.steady() + durationMs
    if (end > until) throw new BaleenError('the venue does not answer in time', EXIT_CODES.network)
    while (this.steady() < end) {
      if (stop.aborted) throw new BaleenError('stopped while the venue was waited for', EXIT_CODES.network)
      await clock.waitUntil(end + clock.steppedMs())
    }
  }

  private async *tellFacts(): AsyncGenerator<FeedItem | FeedTick> {
    for (const fact of yield* this.ticking(this.options.facts.poll()))
      yield { kind: 'fact', at: fact.knownAt, fact }
  }

  private async *tellSettlements(closeTime: number): AsyncGenerator<FeedItem | FeedTick> {
    yield* yield* this.ticking(this.settlements(closeTime))
  }

  /**
   * A rate that falls due at this very close is owed by whoever held before it. Where orders fill by quotes, what is decided now may leave the position before the next close, at which the rate would be
   * asked for again: it is waited for, for a while.
   */
  private async *waitForRates(closeTime: number): AsyncGenerator<FeedItem | FeedTick> {
    const { quotes, hasFunding, clock, speed, graceMs, deadlineMs } = this.options
    if (quotes === undefined || !hasFunding) return
    const until = this.steady() + Math.min(5 * graceMs, deadlineMs / 2)
    while (this.isRateDue(closeTime) && this.steady() < until) {
      await clock.waitUntil(clock.now() + RETRY_MS * speed)
      yield* this.tellQuotes()
      yield this.tick()
      yield* this.tellSettlements(closeTime)
    }
  }

  /** Settlements come some ms after the time that they are of. */
  private isRateDue(closeTime: number): boolean {
    const { timeframeMs } = this.options
    return this.nextRate.some((at) => at < closeTime + SECOND_MS && at > closeTime - timeframeMs)
  }

  /** Ticks while an answer is waited for, so that whoever runs the session looks at its switches meanwhile. */
  private async *ticking<T>(answer: Promise<T>): AsyncGenerator<FeedTick, T> {
    let isWaiting = true
    const end = (): void => void (isWaiting = false)
    const over = answer.then(end, end)
    for (;;) {
      await Promise.race([over, delay(LOOK_MS)])
      if (!isWaiting) return answer
      yield this.tick()
    }
  }

  /** Settlements up to a close that were not told of, oldest first, with the facts that features read of them. */
  private async settlements(closeTime: number): Promise<FeedItem[]> {
    const { instruments, hasFunding, readsFunding, market } = this.options
    if (!hasFunding && !readsFunding) return []
    const items: FeedItem[] = []
    for (const [instrument, { kind }] of instruments.entries()) {
      if (kind !== 'perpetual') continue
      const from = this.charged[instrument] as number
      // Rates settle on the hour: nothing is asked for where none can have come.
      if (Math.floor(closeTime / (60 * MINUTE_MS)) === Math.floor(from / (60 * MINUTE_MS))) continue
      // Where none was seen yet, those of the day before say when the next one is due.
      const isKnown = this.nextRate[instrument] !== Infinity
      const answer = await market.settlements(instrument, (isKnown ? from : from - DAY_MS) + 1)
      if (answer === undefined) continue
      const last = answer.at(-1)
      if (last !== undefined) this.nextRate[instrument] = last.time + last.intervalMs
      const rows = answer.filter(({ time }) => time > from)
      // One that is due and not told yet is asked for again at the next close.
      for (const { time } of rows) this.charge(instrument, time)
      const knownAt = this.venueTime()
      for (const { time, rate, intervalMs, mark } of rows) {
        if (hasFunding) items.push({ kind: 'settlement', at: time, settlement: { instrument, time, rate, mark } })
        const key = `${instrument} ${time}`
        if (!readsFunding || this.toldFunding.has(key)) continue
        this.toldFunding.add(key)
        const values = { rate8h: rate * ((8 * 60 * MINUTE_MS) / intervalMs), rate, intervalMs }
        items.push({ kind: 'fact', at: time, fact: { instrument, series: 'funding', eventTime: time, knownAt, values } })
      }
    }
    return items.sort((a, b) => a.at - b.at)
  } // prettier-ignore
}

function barOf(instrument: number, { openTime, open, high, low, close, volume }: ClosedCandle): PaperBar {
  return { instrument, openTime, open, high, low, close, volume }
}
