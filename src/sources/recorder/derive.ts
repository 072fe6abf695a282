import { DAY_MS, SECOND_MS } from '../../core/time.js'
import { ASSUMED_ROWS } from '../../core/smart-money-rows.js'
import { candleOf, type ClosedCandle } from '../exchange/backfill.js'
import { type VenueInstrument } from '../download/exchange-download.js'
import { ConfirmationRows } from '../facts/confirmations.js'
import { bookShape, candleCells, candleShape, fundingShape, openInterestShape, settlementIntervals, settlementTime } from '../facts/exchange-facts.js' // prettier-ignore
import { type Cell, FactTables } from '../facts/fact-tables.js'
import { FlowRows } from '../facts/flows.js'
import { addMapped } from '../facts/smart-money-facts.js'
import type { StoredAnswer } from '../smart-money/answer-log.js'
import { mapConfirm, mapRows } from '../smart-money/mapper.js'
import { meaningOf } from './coverage.js'
import { baseOf, seriesOf } from './series.js'

/** What could not be used of an answer. */
export interface SetAside {
  readonly series: string
  readonly fetchedAt: number
  /** Of the answer, which stands in the log. */
  readonly sha256: string
  readonly reason: string
  readonly row: unknown
}

/** Instruments by `usdm:BTCUSDT` or `spot:BTCUSDT`, as they are to be called. */
export type InstrumentsByMarket = ReadonlyMap<string, VenueInstrument>

export function instrumentsByMarket(instruments: readonly VenueInstrument[]): InstrumentsByMarket {
  return new Map(instruments.map((one) => [`${one.isPerpetual ? 'usdm' : 'spot'}:${one.symbol}`, one]))
}

/**
 * Makes facts of recorded answers, in the order of the log. Every fact is known when the answer that told it first had come: nothing is taken to have been known before.
 * Pure: the same answers make the same rows.
 */
export class Derivation {
  readonly tables: FactTables = new FactTables()
  readonly aside: SetAside[] = []
  private readonly flows = new FlowRows(this.tables)
  private readonly confirmations = new ConfirmationRows(this.tables)
  private readonly candles = new Map<string, string>()

  constructor(private readonly instruments: InstrumentsByMarket) {}

  add(answer: StoredAnswer): void {
    const { meaning, message, json } = meaningOf(answer)
    const series = seriesOf(answer)
    if (meaning === 'unreadable' || meaning === 'unexpected') this.setAside(answer, message, null)
    if (meaning !== 'answered') return
    if (series.startsWith('api:')) this.addApi(answer, series, json)
    else this.addExchange(answer, series, json)
  }

  /** No more answers of this stretch will come. */
  end(): void {
    this.confirmations.end()
  }

  private setAside({ fetchedAt, sha256, ...asked }: StoredAnswer, reason: string, row: unknown): void {
    this.aside.push({ series: seriesOf(asked), fetchedAt, sha256, reason, row })
  }

  private addApi(answer: StoredAnswer, series: string, body: unknown): void {
    const { fetchedAt } = answer
    const knownAt = (): number => fetchedAt
    if (series.startsWith('api:confirm:')) {
      const { rows, quarantined } = mapConfirm(body)
      for (const row of rows) this.confirmations.addLive(row, fetchedAt)
      for (const { reason, row } of quarantined) this.setAside(answer, reason, row)
      return
    }
    const family = series.slice('api:'.length)
    if (!Object.hasOwn(ASSUMED_ROWS, family)) return
    const mapped = mapRows(family, body)
    if (family === 'history/onchain') this.flows.add(mapped.rows, knownAt)
    if (family === 'history/confirmations') this.confirmations.addArchived(mapped.rows, knownAt)
    for (const { reason, row } of addMapped(this.tables, mapped, knownAt)) this.setAside(answer, reason, row)
  }

  private addExchange(answer: StoredAnswer, series: string, json: unknown): void {
    const [market, endpoint, symbol] = series.split(':')
    const instrument = this.instruments.get(`${market}:${symbol}`)
    if (instrument === undefined) return
    if (endpoint === 'klines') this.addCandles(answer, instrument, json)
    else if (endpoint === 'fundingRate') this.addFunding(answer, instrument, json)
    else if (endpoint === 'openInterest') this.addInterest(answer, instrument, json)
    else if (endpoint === 'ticker/bookTicker') this.addBook(answer, instrument, json)
  }

  /** Closed is what a later candle stands behind: that needs no clock, neither ours nor the venue's. */
  private addCandles(answer: StoredAnswer, { id }: VenueInstrument, json: unknown): void {
    const timeframeMs = INTERVALS_MS[answer.params['interval'] ?? '']
    if (!Array.isArray(json) || timeframeMs === undefined) return this.setAside(answer, 'no list of candles', json) // prettier-ignore
    const told = json.map((row: unknown) => candleOf(Array.isArray(row) ? row.slice(0, 6).map(textNumber) : row, timeframeMs)) // prettier-ignore
    const isAhead = ({ openTime }: ClosedCandle): boolean => openTime > answer.fetchedAt + DAY_MS
    // What is no candle, or one of another age, closes none.
    const newest = Math.max(...told.map((one) => (typeof one === 'string' || isAhead(one) ? -Infinity : one.openTime))) // prettier-ignore
    for (const [index, candle] of told.entries()) {
      const row: unknown = json[index]
      if (typeof candle === 'string' || isAhead(candle)) {
        this.setAside(answer, typeof candle === 'string' ? candle : 'the candle opens a day after it was told', row) // prettier-ignore
        continue
      }
      if (candle.openTime === newest) continue
      const [key, said] = [`${id} ${timeframeMs} ${candle.openTime}`, JSON.stringify(candle)]
      const before = this.candles.get(key)
      if (before !== undefined && before !== said) this.setAside(answer, 'differs from what was told of the closed candle before', row) // prettier-ignore
      if (before !== undefined) continue
      this.candles.set(key, said)
      this.tables.add(candleShape(id, timeframeMs), { time: candle.openTime, knownAt: candle.openTime + timeframeMs, cells: candleCells(candle) }) // prettier-ignore
    }
  }

  private addFunding(answer: StoredAnswer, instrument: VenueInstrument, json: unknown): void {
    if (!Array.isArray(json)) return this.setAside(answer, 'no list of settlements', json)
    const rows = json.flatMap((row: unknown) => {
      if (isOfAnother(row, instrument)) {
        this.setAside(answer, OF_ANOTHER, row)
        return []
      }
      const time = fieldOf(row, 'fundingTime')
      if (typeof time === 'number' && Number.isFinite(time)) return [{ row, time: settlementTime(time) }]
      this.setAside(answer, 'a settlement without a time', row)
      return []
    })
    rows.sort((a, b) => a.time - b.time)
    const unique = rows.filter(({ row, time }, index) => {
      const before = rows[index - 1]
      if (before?.time !== time) return true
      if (JSON.stringify(before.row) !== JSON.stringify(row)) this.setAside(answer, 'differs from what the same answer tells of the settlement', row) // prettier-ignore
      return false
    })
    const intervals = settlementIntervals(unique.map(({ time }) => time))
    unique.forEach(({ row, time }, index) => {
      // Of the first of a page nobody knows what came before it: it stands in an earlier one, or says nothing of its interval.
      if (index === 0) return
      const interval = intervals[index] ?? NaN
      const cells = { rate: textNumber(fieldOf(row, 'fundingRate')), intervalMs: Number.isNaN(interval) ? null : interval, mark: textNumber(fieldOf(row, 'markPrice')) } // prettier-ignore
      this.tables.add(fundingShape(instrument.id, baseOf(instrument)), { time, knownAt: Math.max(time, answer.fetchedAt), cells }) // prettier-ignore
    })
  }

  private addInterest(answer: StoredAnswer, instrument: VenueInstrument, json: unknown): void {
    if (isOfAnother(json, instrument)) return this.setAside(answer, OF_ANOTHER, json)
    const [time, amount] = [fieldOf(json, 'time'), textNumber(fieldOf(json, 'openInterest'))]
    if (typeof time !== 'number' || amount === null) return this.setAside(answer, 'no open interest with a time', json) // prettier-ignore
    const shape = openInterestShape(instrument.venue, baseOf(instrument))
    this.tables.add(shape, { time, knownAt: answer.fetchedAt, cells: { openInterest: amount } })
  }

  private addBook(answer: StoredAnswer, instrument: VenueInstrument, json: unknown): void {
    if (isOfAnother(json, instrument)) return this.setAside(answer, OF_ANOTHER, json)
    const cells = Object.fromEntries(Object.entries({ bid: 'bidPrice', bidQuantity: 'bidQty', ask: 'askPrice', askQuantity: 'askQty' }).map(([name, field]) => [name, textNumber(fieldOf(json, field))])) // prettier-ignore
    const { bid, ask } = cells
    if (bid === null || ask === null || bid === undefined || ask === undefined) return this.setAside(answer, 'no bid and offer', json) // prettier-ignore
    if (Math.min(cells['bidQuantity'] ?? 0, cells['askQuantity'] ?? 0) < 0) return this.setAside(answer, 'a quantity is negative', json) // prettier-ignore
    if (!(bid > 0 && bid < ask)) return this.setAside(answer, 'the bid is not below the offer', json)
    const stamp = fieldOf(json, 'time')
    // Spot tells no time; a stamp a little ahead of our clock is the other clock.
    const time = typeof stamp === 'number' ? Math.min(stamp, answer.fetchedAt) : answer.fetchedAt
    this.tables.add(bookShape(instrument.id, baseOf(instrument)), { time, knownAt: answer.fetchedAt, cells })
  }
}

/** Intervals as the venue writes them. */
const INTERVALS_MS: Readonly<Record<string, number>> = Object.fromEntries(
  [['1m', 60], ['3m', 180], ['5m', 300], ['15m', 900], ['30m', 1_800], ['1h', 3_600], ['2h', 7_200], ['4h', 14_400], ['6h', 21_600], ['8h', 28_800], ['12h', 43_200], ['1d', 86_400]].map(([name, seconds]) => [name, Number(seconds) * SECOND_MS]), // prettier-ignore
)

export const CANDLE_INTERVALS: readonly string[] = Object.keys(INTERVALS_MS)

const OF_ANOTHER = 'it is of another symbol than was asked for'

function isOfAnother(row: unknown, { symbol }: VenueInstrument): boolean {
  const told = fieldOf(row, 'symbol')
  return told !== undefined && told !== symbol
}

function fieldOf(row: unknown, name: string): unknown {
  if (typeof row !== 'object' || row === null || Array.isArray(row) || !Object.hasOwn(row, name)) return undefined // prettier-ignore
  return (row as Readonly<Record<string, unknown>>)[name]
}

/** Numbers of the venue are texts; an empty one is missing. */
function textNumber(value: unknown): Cell & (number | null) {
  const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
  return typeof number === 'number' && Number.isFinite(number) ? number : null
}
