import type { Registry } from 'prom-client'
import type { SessionStatus } from './status-tables.js'
import type { LivenessState } from './liveness.js'

const STATES: readonly LivenessState[] = ['live', 'late', 'stalled', 'dead', 'stopped', 'ended', 'starting', 'unknown'] // prettier-ignore

/** A session as Prometheus reads it. What is not known has no sample: its absence is what to alert on. */
export class SessionMetrics {
  private readonly registry: Registry
  private readonly client: typeof import('prom-client')

  private constructor(client: typeof import('prom-client')) {
    this.client = client
    this.registry = new client.Registry()
  }

  static async load(): Promise<SessionMetrics> {
    const loaded = await import('prom-client')
    return new this(loaded.default)
  }

  get contentType(): string {
    return this.registry.contentType
  }

  /** The text of all samples of one look. */
  text(status: SessionStatus): Promise<string> {
    const { view, figures, limits, checks, liveness } = status
    const { journal, health, settings, now } = view
    this.registry.clear()
    this.registry.setDefaultLabels({ session: settings.id, strategy: settings.strategy.name, mode: 'paper' })
    const gauge = (name: string, help: string, value: number | null | undefined): void => {
      if (value === null || value === undefined || Number.isNaN(value)) return
      new this.client.Gauge({ name: `baleen_${name}`, help, registers: [this.registry] }).set(value)
    }
    const labelled = (
      name: string,
      help: string,
      label: string,
      values: readonly (readonly [string, number | undefined])[],
    ): void => {
      // prettier-ignore
      const metric = new this.client.Gauge({ name: `baleen_${name}`, help, labelNames: [label], registers: [this.registry] }) // prettier-ignore
      for (const [key, value] of values) if (value !== undefined) metric.set({ [label]: key }, value)
    }
    gauge('up', '1 where the session gets on, 0 where it does not', liveness.state === 'live' ? 1 : 0)
    labelled('state', 'progress of the session, 1 for the state it is in', 'state', STATES.map((state) => [state, state === liveness.state ? 1 : 0])) // prettier-ignore
    gauge('equity_quote', 'equity at the last close, quote units', figures.equity.value)
    gauge('starting_balance_quote', 'what it began with, quote units', figures.startingBalance.value)
    gauge('day_profit_quote', 'profit since 00:00 UTC, quote units', figures.dayProfit.value)
    gauge('drawdown_ratio', 'from the highest close so far', figures.drawdown.value)
    gauge('gross_exposure_ratio', 'notional of all positions over equity', figures.grossExposure.value)
    labelled('limit_used_ratio', 'share used of a limit', 'limit', limits.map(({ name, used }) => [name.replaceAll(' ', '_'), used.value])) // prettier-ignore
    labelled('health_check', '1 healthy, 0 failed; no sample where unknown', 'check', checks.map(({ key, state }) => [key, state === 'unknown' ? undefined : state === 'healthy' ? 1 : 0])) // prettier-ignore
    gauge('last_close_timestamp_seconds', 'newest close that was decided on, by the market', journal.lastClose / 1_000) // prettier-ignore
    gauge('health_age_seconds', 'since the session last told of its health', health === undefined ? undefined : (now - health.time) / 1_000) // prettier-ignore
    gauge('decision_delay_seconds', 'between the last close and its decision', inSeconds(health?.candleAgeMs)) // prettier-ignore
    gauge('clock_offset_seconds', "this machine's clock less the exchange's", inSeconds(health?.clockOffsetMs)) // prettier-ignore
    gauge('errors_last_hour', 'errors that the session has logged', health?.errorsLastHour)
    gauge('holds', 'reasons for which nothing is entered now', journal.holds.length)
    gauge('halted', '1 where the kill switch was thrown', journal.mode === 'halted' ? 1 : 0)
    gauge('open_positions', 'positions held', journal.account.held().length)
    gauge('open_orders', 'orders that are out', journal.account.out().length)
    gauge('closed_trades', 'round trips since the start', journal.account.trips.length)
    gauge('fills', 'fills since the start', journal.account.fills.length)
    gauge('journal_rows', 'rows of the journal', journal.rows)
    gauge('unreadable', 'things of the session that could not be read', view.problems.length)
    return this.registry.metrics()
  }
}

function inSeconds(ms: number | null | undefined): number | undefined {
  return ms === null || ms === undefined ? undefined : ms / 1_000
}
