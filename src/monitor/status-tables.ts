import { DAY_MS, formatUtc } from '../core/time.js'
import { formatStatistic, formatValue } from '../metrics/format.js'
import { known, unknown, type Statistic } from '../metrics/statistic.js'
import { table, type Table } from '../report/table.js'
import { DEFAULT_PROMOTION_LIMITS } from '../runner/promotion/limits.js'
import { paperGates, type Gate } from '../runner/promotion/gates.js'
import { hasVirtualClock } from '../runner/virtual-clock.js'
import { featureWords, figure, signalWords } from './explain.js'
import { equityFigures, limitsUsed, riskLevel, tripsByPeriod, type EquityFigures, type LimitUse, type Period } from './figures.js' // prettier-ignore
import { healthChecks, type HealthCheck } from './health-checks.js'
import { livenessOf, type Liveness } from './liveness.js'
import type { SessionView } from './session-view.js'
import { ageWords, shortWords } from './words.js'

/** All that is shown of a session, worked out once. */
export interface SessionStatus {
  readonly view: SessionView
  readonly figures: EquityFigures
  readonly limits: readonly LimitUse[]
  readonly risk: string
  readonly checks: readonly HealthCheck[]
  readonly liveness: Liveness
}

export function statusOf(view: SessionView, drawdownLimit?: number): SessionStatus {
  const figures = equityFigures(view.journal)
  const limits = limitsUsed(
    figures,
    view.journal.record?.risk,
    view.settings.instruments.length,
    drawdownLimit,
  )
  return { view, figures, limits, risk: riskLevel(limits), checks: healthChecks(view), liveness: livenessOf(view) } // prettier-ignore
}

/** The first 12 digits of the strategy's hash tell versions apart. */
export function strategyName({ settings, journal }: SessionView): string {
  const hash = journal.record?.strategyHash
  return hash === undefined ? settings.strategy.name : `${settings.strategy.name}@${hash.slice(0, 12)}`
}

/** What stands above everything else, as labels and values. Unknown is said, never left out. */
export function statusLines({ view, liveness }: SessionStatus): (readonly [label: string, value: string])[] {
  const { health, journal, now, settings } = view
  const told = (value: number | null | undefined, words: (value: number) => string): string =>
    value === null || value === undefined ? 'unknown' : words(value)
  const isRunning = view.holder !== undefined && view.isHolderAlive !== false
  const isOwnClock = settings.source.kind === 'stored' || settings.source.isLoopback
  return [
    ['State', `${liveness.state}: ${liveness.detail}`],
    ['Mode', journal.mode === 'active' ? 'active' : `${journal.mode}${journal.modeReason === '' ? '' : ` (${journal.modeReason})`}`],
    ['Held back', journal.holds.length === 0 ? 'no' : `${journal.holds.join(', ')} since ${formatUtc(journal.heldSince)}`],
    ['Uptime', isRunning ? told(health?.startedAt, (started) => ageWords(now - started)) : 'not running'],
    ['Last close', formatUtc(journal.lastClose)],
    ['Age of the last candle', isOwnClock ? `n/a (its clock is not this machine's)` : ageWords(now - journal.lastClose)],
    ['Decided after its close by', told(health?.candleAgeMs, shortWords)],
    ['Clock less the exchange’s', told(health?.clockOffsetMs, shortWords)],
    ['Deciding and writing down', told(health?.journalMs, shortWords)],
    ['Errors in the last hour', told(health?.errorsLastHour, String)],
    ['Journal', `${journal.rows} rows`],
  ] // prettier-ignore
}

export function checkTable({ checks }: SessionStatus): Table {
  return table('Health', ['Check', 'State', 'Seen'], checks.map(({ name, state, detail }) => [name, state, detail])) // prettier-ignore
}

const nameOf = ({ settings }: SessionView, instrument: number): string =>
  settings.instruments[instrument]?.id ?? `instrument ${instrument}`
const money = (value: number): string => formatValue(value, 'money')

export function heldTable({ view }: SessionStatus): Table {
  return table(
    'Positions at the last close',
    ['Instrument', 'Side', 'Quantity#', 'Entered', 'Entry price#', 'Price#', 'Notional#', 'Unrealised#', 'Stop#', 'Target#'],
    view.journal.account.held().map((one) => [
      nameOf(view, one.instrument), one.side > 0 ? 'long' : 'short', figure(one.quantity), formatUtc(one.entryTime), figure(one.entryPrice),
      figure(one.price), money(one.notional), money(one.unrealised), priceWords(one.stopPrice), priceWords(one.targetPrice),
    ]),
  ) // prettier-ignore
}

function priceWords(price: number | undefined): string {
  return price === undefined ? 'none' : figure(price)
}

export function orderTable({ view }: SessionStatus): Table {
  return table(
    'Orders that are out',
    ['Instrument', 'Role', 'Side', 'Kind', 'Price#', 'Quantity#', 'Filled#', 'Decided', 'At the venue'],
    view.journal.account.out().map(({ order, price, quantity, filledQuantity, isAcknowledged }) => [
      nameOf(view, order.instrument), order.role, order.side > 0 ? 'buy' : 'sell', order.kind, Number.isNaN(price) ? 'market' : figure(price),
      figure(quantity), figure(filledQuantity), formatUtc(order.decidedAt), isAcknowledged ? 'acknowledged' : 'not acknowledged yet',
    ]),
  ) // prettier-ignore
}

const FILLS_SHOWN = 20

/** The price that an order named against the one it got; market orders name none. */
export function fillTable({ view }: SessionStatus): Table {
  const rows = view.journal.account.fills.slice(-FILLS_SHOWN).reverse()
  return table(
    'Last fills, expected against actual',
    ['Time', 'Instrument', 'Role', 'Side', 'Quantity#', 'Asked#', 'Filled at#', 'Worse by#', 'Slippage of the model#', 'Fee#'],
    rows.map(({ fill, askedPrice }) => [
      formatUtc(fill.time), nameOf(view, fill.instrument), fill.role, fill.side > 0 ? 'buy' : 'sell', figure(fill.quantity),
      Number.isNaN(askedPrice) ? 'market' : figure(askedPrice), figure(fill.price),
      Number.isNaN(askedPrice) ? 'n/a' : `${((fill.side * (fill.price - askedPrice)) / askedPrice * 10_000).toFixed(2)} bps`,
      money(fill.slippage), money(fill.fee),
    ]),
  ) // prettier-ignore
}

export function signalTable({ view }: SessionStatus): Table {
  const rows = [...view.journal.lastDecisions].sort(([a], [b]) => a - b)
  return table(
    'Signal at the last close',
    ['Instrument', 'Close', 'Signal', 'Legs and features'],
    rows.map(([instrument, decision]) => [nameOf(view, instrument), formatUtc(decision.time), signalWords(decision), featureWords(decision.features)]), // prettier-ignore
  )
}

export function limitsTable({ limits }: Pick<SessionStatus, 'limits'>): Table {
  const share = (statistic: Statistic): string => formatStatistic(statistic, 'fraction')
  return table('Limits', ['Limit', 'Now#', 'At most#', 'Used#'], limits.map(({ name, value, limit, used }) => [name, share(value), share(limit), share(used)])) // prettier-ignore
}

/** What this session alone has shown of the gates to real money. What only a replay or recorded quotes can tell is n/a here. */
export function gatesOf({ view }: SessionStatus): readonly Gate[] {
  const { journal, settings } = view
  const { account, marks, unheldCloses, lastManualTime } = journal
  const elsewhere = unknown('asked for by baleen promote alone')
  return paperGates(
    {
      isVirtualClock: hasVirtualClock(settings),
      days:
        marks.length === 0
          ? unknown('no close was decided on yet')
          : known((unheldCloses * settings.timeframeMs) / DAY_MS),
      trades: known(account.trips.filter(({ entryTime }) => entryTime >= lastManualTime).length),
      barsOnTime: elsewhere,
      decisionParity: elsewhere,
      lateBars: elsewhere,
      unexplainedLateBars: elsewhere,
      restartDrills: elsewhere,
      fillGapAboveModelBps: elsewhere,
      fillGapP95Bps: elsewhere,
      aboveBand: elsewhere,
    },
    DEFAULT_PROMOTION_LIMITS,
  )
}

export function gateTable(status: SessionStatus): Table {
  return table('Gates from paper to small', ['Gate', 'Found', 'Asked', 'Holds'], gatesOf(status).map((gate) => [gate.name, foundWords(gate), gate.asked, gate.isPassed ? 'yes' : 'no'])) // prettier-ignore
}

/** What was found and why that is not enough, without what stands in the row already. */
function foundWords({ name, found, because = '' }: Gate): string {
  const reason = because.startsWith(`${name}: `) ? because.slice(name.length + 2) : because
  return reason === '' ? found : reason.startsWith(found) ? reason : `${found} (${reason})`
}

const PERIODS_SHOWN = 14

export function periodTable({ view }: SessionStatus, period: Period): Table {
  const rows = tripsByPeriod(view.journal.account.trips, period).slice(0, PERIODS_SHOWN)
  return table(
    `Closed trades by ${period}`,
    [period === 'day' ? 'Day' : `${period === 'week' ? 'Week' : 'Month'} from`, 'Trades#', 'Win rate#', 'Profit#', 'Fees#', 'Funding#'], // prettier-ignore
    rows.map(({ from, trades, winRate, profit, fees, funding }) => [from, formatValue(trades, 'count'), formatStatistic(winRate, 'fraction'), money(profit), money(fees), money(funding)]), // prettier-ignore
  )
}

const TEXT_SHOWN = 200

export function journalTable({ view }: SessionStatus): Table {
  const rows = view.journal.tail.slice(-15).reverse()
  return table('Journal, newest first', ['Row', 'Kind', 'What'], rows.map(({ seq, kind, text }) => [String(seq), kind, text.length > TEXT_SHOWN ? `${text.slice(0, TEXT_SHOWN)}…` : text])) // prettier-ignore
}
