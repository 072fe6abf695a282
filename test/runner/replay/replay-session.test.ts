import { describe, expect, test } from 'vitest'
import { DAY_MS, HOUR_MS } from '../../../src/core/time.js'
import type { ReplayOptions } from '../../../src/engine/options.js'
import { storedItems, type FeedItem } from '../../../src/runner/feed.js'
import type { JournalRow } from '../../../src/runner/journal-file.js'
import { recoverSession, type PaperSessionSettings } from '../../../src/runner/paper-session.js'
import { CAUSES, toUnits, type ComparedTrade } from '../../../src/runner/replay/gap.js'
import { replaySession, type ModelGap } from '../../../src/runner/replay/replay-session.js'
import { above, below, close, compileStrategy, defineStrategy, sma } from '../../../src/index.js'
import { feed } from '../as-session.js'
import { MemoryJournal, paperSettings, smallOptions } from '../small-session.js'

const options = smallOptions(60)
const items = storedItems(options.instruments, Infinity)

function journalOf(settings: PaperSessionSettings, told: readonly FeedItem[]): JournalRow[] {
  const journal = new MemoryJournal()
  const { desk } = recoverSession(settings, [], journal)
  for (const item of told) feed(desk, item)
  return journal.durable
}

/** Half a tick around each open, a tenth of a second after it. */
function quoted(shift: number, of: readonly FeedItem[] = items): FeedItem[] {
  return of.flatMap((item) => {
    if (item.kind !== 'bars') return [item]
    const after = item.bars.bars.flatMap(({ instrument, openTime, open }) =>
      [50, 250, 700].map((ms): FeedItem => {
        const quote = { instrument, time: openTime + ms, bid: open * (1 - shift), bidSize: 1e6, ask: open * (1 + shift), askSize: 1e6 } // prettier-ignore
        return { kind: 'quote', at: quote.time, quote }
      }),
    )
    return [...after, item]
  })
}
const sorted = (all: readonly FeedItem[]): FeedItem[] => [...all].sort((a, b) => a.at - b.at)

/** Leaves by its rules. */
const crossing = compileStrategy(
  defineStrategy({
    name: 'crossing',
    description: '',
    params: {},
    features: () => ({ fast: sma(close, 1), slow: sma(close, 3) }),
    enterLong: (f) => above(f.fast, f.slow),
    exitLong: (f) => below(f.fast, f.slow),
  }),
)

/** The same market at other hours of the day. */
function laterBy(ms: number, { instruments, startTime, ...rest }: ReplayOptions): ReplayOptions {
  const later = (times: Float64Array): Float64Array => times.map((time) => time + ms)
  const moved = instruments.map(({ candles, funding, facts = {}, ...data }) => ({
    ...data,
    candles: { ...candles, openTime: later(candles.openTime) },
    funding: funding && { ...funding, time: later(funding.time) },
    facts: Object.fromEntries(Object.entries(facts).map(([name, one]) => [name, { ...one, eventTime: later(one.eventTime), knownAt: later(one.knownAt) }])), // prettier-ignore
  }))
  return { ...rest, instruments: moved, startTime: startTime + ms }
}

function addUp({ gap, causes, trades, session, backtest }: ModelGap): void {
  const sum = CAUSES.reduce((total, cause) => total + toUnits(causes[cause]), 0)
  expect(sum).toBe(toUnits(gap))
  expect(trades.reduce((total, one) => total + toUnits(one.gap), toUnits(causes.data))).toBe(toUnits(gap))
  expect(gap).toBeCloseTo(session - backtest, 7)
}

describe('the replay of a session', () => {
  const settings = paperSettings(options)
  const rows = journalOf(settings, items)

  test('on bars comes to the same decisions, and to the money of its backtest', () => {
    const { decisions, model, fillModel } = replaySession(settings, rows, { file: 'journal.sqlite' })
    expect(fillModel).toBe('bars')
    expect(decisions.difference).toBeUndefined()
    expect(decisions.rows).toBe(rows.length - 1)
    expect(decisions.decisions).toBe(2 * 54)
    expect(decisions.intents).toBe(rows.filter(({ kind }) => kind === 'intent').length)
    expect(decisions.injected).toBe(rows.filter(({ kind }) => kind === 'broker').length)
    expect(model?.trades.length).toBeGreaterThan(10)
    expect(model?.trades.filter(({ session, backtest }) => session === undefined || backtest === undefined)).toEqual([]) // prettier-ignore
    expect(model).toMatchObject({ gap: 0, causes: { signal: 0, timing: 0, price: 0, size: 0, fee: 0, funding: 0, data: 0 } }) // prettier-ignore
  })

  test('names row and field of the first decision that would be another', () => {
    const at = rows.findIndex(
      ({ kind, text }) => kind === 'decision' && text.includes('"blocked":"in-position"'),
    )
    const row = rows[at] as JournalRow
    const changed = rows.with(at, { ...row, text: row.text.replace('"in-position"', '"halted"') })
    const { decisions, model } = replaySession(settings, changed, { file: 'journal.sqlite' })
    expect(decisions.difference).toMatchObject({ row: row.seq, kind: 'decision', recorded: '"halted"', now: '"in-position"' }) // prettier-ignore
    expect(decisions.difference?.field).toMatch(/^\d+\.blocked$/)
    expect(model).toBeUndefined()
  })

  test('names an intent that a fill would not have led to', () => {
    const at = rows.findIndex(({ kind, text }) => kind === 'broker' && text.includes('"role":"entry"'))
    const row = rows[at] as JournalRow
    const changed = rows.with(at, { ...row, text: row.text.replace(/"price":([\d.]+)/, (_, price: string) => `"price":${Number(price) * 1.001}`) }) // prettier-ignore
    const { difference } = replaySession(settings, changed, { file: 'journal.sqlite' }).decisions
    expect(difference?.kind).toBe('intent')
    expect(difference?.row).toBeGreaterThan(row.seq)
  })

  test('a journal that was cut off within a close is equal as far as it goes', () => {
    const at = rows.findLastIndex(({ kind }) => kind === 'decision')
    const { decisions } = replaySession(settings, rows.slice(0, at), { file: 'journal.sqlite' })
    expect(decisions.difference).toBeUndefined()
    expect(decisions.rows).toBe(at - 1)
  })

  test('on quotes comes to the same decisions; the gap is in prices, and adds up', () => {
    const byQuotes = { ...settings, fillModel: 'quotes', quotes: { sendLatencyMs: 100 } } as const
    const journal = journalOf(byQuotes, sorted(quoted(0.001)))
    const { decisions, model } = replaySession(byQuotes, journal, { file: 'journal.sqlite' })
    expect(decisions.difference).toBeUndefined()
    expect(decisions.injected).toBeGreaterThan(20)
    addUp(model as ModelGap)
    // What both have differs by the spread, and not by a bar.
    const both = model?.trades.filter(({ session, backtest }) => session && backtest && session.exitTime - backtest.exitTime < HOUR_MS) ?? [] // prettier-ignore
    expect(both.length).toBeGreaterThan(3)
    expect(both.some(({ causes }) => causes.price < 0)).toBe(true)
  })

  /** By these hours trades leave at midnight: stops and targets within the last bar of a day, exits of the rules at the open of one. */
  const stopped = laterBy(5 * HOUR_MS, smallOptions(200))
  const ruled = { ...stopped, strategy: crossing }
  test.each([
    ['within the last bar of a day', stopped, DAY_MS],
    ['at the open of a day', ruled, 0],
  ])('the days of a session are parts of it, of trades that ended %s too', (_, long, sinceDay) => {
    const told = storedItems(long.instruments, Infinity)
    const longSettings = paperSettings(long)
    const all = journalOf(longSettings, told)
    const whole = replaySession(longSettings, all, { file: 'journal.sqlite' }).model as ModelGap
    const closed = whole.trades.flatMap(({ session }) => (session?.isOpen === false ? [session] : []))
    const atMidnight = closed.filter(({ exitTime }) => exitTime % DAY_MS === 0)
    expect(atMidnight.map(({ exitTime, exitDay }) => exitTime - exitDay)).toContain(sinceDay)
    const days = [...new Set(told.map(({ at }) => new Date(at - 1).toISOString().slice(0, 10)))]
    const parts = days.flatMap((day) => {
      const { decisions, model } = replaySession(longSettings, all, { file: 'journal.sqlite', day })
      expect(decisions.difference).toBeUndefined()
      return model?.trades.map(({ session }) => session) ?? []
    })
    const inOrder = (trades: readonly (ComparedTrade | undefined)[]): unknown[] =>
      trades.map((one) => `${one?.instrument} ${one?.exitTime} ${one?.profit}`).sort()
    expect(inOrder(parts)).toEqual(inOrder(closed))
  })

  test('stored data that say the same are the cause of nothing on any day, also where trades end on another day than in the backtest', () => {
    const market = laterBy(17 * HOUR_MS, smallOptions(100))
    const told = storedItems(market.instruments, Infinity)
    const byQuotes = {
      ...paperSettings(market),
      fillModel: 'quotes',
      quotes: { sendLatencyMs: 100 },
    } as const
    const journal = journalOf(byQuotes, sorted(quoted(0.001, told)))
    const replayed = (more: { day?: string; stored?: typeof market.instruments }): ModelGap =>
      replaySession(byQuotes, journal, { file: 'journal.sqlite', ...more }).model as ModelGap
    const dayOf = (trade: ComparedTrade | undefined): number | undefined => trade?.exitDay
    const both = replayed({}).trades.filter(({ session, backtest }) => session && backtest)
    expect(both.some(({ session, backtest }) => dayOf(session) !== dayOf(backtest))).toBe(true)
    const days = [...new Set(told.map(({ at }) => new Date(at - 1).toISOString().slice(0, 10)))]
    const found = days.map((day) => replayed({ day, stored: market.instruments }))
    found.forEach(addUp)
    expect(found.map(({ causes }) => causes.data)).toEqual(days.map(() => 0))
  })

  test('what stored data say otherwise is a cause of its own', () => {
    const stored = options.instruments.map((data) => ({
      ...data,
      candles: { ...data.candles, open: data.candles.open.map((open, at) => at % 2 === 0 ? open : (open + data.candles.close[at]!) / 2) },
    })) // prettier-ignore
    const { model } = replaySession(settings, rows, { file: 'journal.sqlite', stored })
    addUp(model as ModelGap)
    expect(model?.causes.data).not.toBe(0)
    expect(model?.gap).toBe(model?.causes.data)
  })
})
