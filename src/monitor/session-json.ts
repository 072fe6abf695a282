import { stableJson } from '../jobs/json.js'
import { tripsByPeriod } from './figures.js'
import { gatesOf, strategyName, type SessionStatus } from './status-tables.js'

/** A session as programs read it. What is not known is null or has a reason; no number stands for it. */
export function sessionStatusOf(status: SessionStatus): object {
  const { view, figures, limits, risk, checks, liveness } = status
  const { settings, journal, health, holder, now, problems } = view
  const { account } = journal
  const idOf = (instrument: number): string =>
    settings.instruments[instrument]?.id ?? `instrument ${instrument}`
  return {
    id: settings.id,
    mode: 'paper',
    strategy: strategyName(view),
    promotion: settings.promotion,
    seenAt: now,
    liveness,
    checks,
    sessionMode: journal.mode,
    modeReason: journal.modeReason,
    holds: journal.holds,
    killFile: view.killReason ?? null,
    holder: holder ?? null,
    health: health ?? null,
    rows: journal.rows,
    lastCloseTime: Number.isNaN(journal.lastClose) ? null : journal.lastClose,
    figures,
    limits,
    riskLevel: risk,
    positions: account.held().map(({ instrument, ...held }) => ({ instrument: idOf(instrument), ...held })),
    orders: account.out().map(({ order, clientId, price, quantity, filledQuantity, isAcknowledged }) => ({ instrument: idOf(order.instrument), clientId, role: order.role, side: order.side, kind: order.kind, price, quantity, filledQuantity, isAcknowledged })), // prettier-ignore
    signals: [...journal.lastDecisions.values()].map(({ instrument, ...decision }) => ({ instrument: idOf(instrument), ...decision })), // prettier-ignore
    gates: gatesOf(status),
    demotion: view.demotion,
    trades: { day: tripsByPeriod(account.trips, 'day'), week: tripsByPeriod(account.trips, 'week'), month: tripsByPeriod(account.trips, 'month') }, // prettier-ignore
    problems,
  }
}

export function sessionJson(status: SessionStatus): string {
  return stableJson(sessionStatusOf(status))
}
