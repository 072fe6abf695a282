import type { DataCheck } from '../core/data-survey.js'
import { HOUR_MS, durationName } from '../core/time.js'
import { USABLE_CONFIRMATION } from './confirmations.js'
import { identifier } from './duckdb.js'
import type { SeriesEntry } from './manifest.js'

/**
 * Centre and robust deviation of a column: its median, and 1.4826 · MAD or (p95 − p5) / 3.29. Either is the standard deviation where the
 * column is normal; the second one is not 0 where most values are the same.
 */
export interface Scale {
  readonly median: number
  readonly deviation: number
}

/** A criterion as SQL over the table `checked`. */
export interface Criterion {
  readonly key: string
  readonly title: string
  readonly criterion: string
  readonly severity: DataCheck['severity']
  /** Column whose scale the criterion needs: without one (too many of its values equal) it cannot be judged. */
  readonly scaledBy?: string
  /** `mad` where it is left out. */
  readonly scale?: 'mad' | 'range'
  readonly condition: (scale: Scale) => string
  /** The worst rows are those with the highest. */
  readonly score: (scale: Scale) => string
  readonly text: string
}

/** What is asked of one kind of series: a query that makes `checked` (with a column "eventTime"), and the criteria on it. */
export interface Criteria {
  readonly checked: string
  readonly list: readonly Criterion[]
}

const always =
  (sql: string): (() => string) =>
  () =>
    sql

/** `ln(to / from)`, NULL where it does not exist. */
const logRatio = (to: string, from: string): string =>
  `CASE WHEN ${to} > 0 AND ${from} > 0 THEN ln(${to} / ${from}) END`

const ROBUST = '1.4826 · MAD'
const deviations = (column: string, { median, deviation }: Scale): string =>
  `abs(${column} - ${median}) / ${deviation}`

/** The criteria for a series. `limit` is in robust deviations. */
export function criteriaFor(entry: SeriesEntry, limit: number): Criteria {
  switch (entry.kind) {
    case 'candles':
    case 'mark-candles':
      return barCriteria(entry, limit)
    case 'funding':
      return fundingCriteria(limit)
    case 'open-interest':
      return changeCriteria(['openInterest'], limit, 'log', [
        positive('openInterest', 'open interest zero or below'),
      ])
    case 'exchange-flows':
      return changeCriteria(['inflow', 'outflow', 'supply'], limit, 'log', [
        positive('inflow', 'inflow zero or below', 'note'),
        positive('outflow', 'outflow zero or below', 'note'),
      ])
    case 'whale-positions':
      return whaleCriteria()
    case 'confirmations':
      return confirmationCriteria()
    case 'series':
      return changeCriteria(entry.fields, limit, 'plain', [])
  }
}

function barCriteria({ timeframeMs = NaN, fields, flags }: SeriesEntry, limit: number): Criteria {
  const hasVolume = fields.includes('volume') && !flags.includes('volume-unknown')
  const timeframe = durationName(timeframeMs)
  const checked = `
    SELECT *, lead(change) OVER (ORDER BY "eventTime") AS "nextChange" FROM (
      SELECT "eventTime", open, high, low, close, ${hasVolume ? 'volume' : 'NULL::DOUBLE AS volume'}, before,
        CASE WHEN step = ${timeframeMs} THEN ${logRatio('close', 'before')} END AS change,
        CASE WHEN step = ${timeframeMs} THEN ${logRatio('open', 'before')} END AS jump,
        greatest(${logRatio('high', 'greatest(open, close)')}, ${logRatio('least(open, close)', 'low')}) AS wick
      FROM (SELECT *, lag(close) OVER w AS before, "eventTime" - lag("eventTime") OVER w AS step
            FROM latest WINDOW w AS (ORDER BY "eventTime")))`
  const far = (column: string) => (scale: Scale) => `${deviations(column, scale)} > ${limit}`
  const size = (column: string) => (scale: Scale) => `abs(${column}) / ${scale.deviation}`
  const prices = `printf('open %.10g, high %.10g, low %.10g, close %.10g', open, high, low, close)`
  const list: Criterion[] = [
    {
      key: 'impossible-bar',
      title: 'impossible bar',
      criterion: 'low > min(open, close), or high < max(open, close), or a price ≤ 0',
      severity: 'impossible',
      condition: always('low > least(open, close) OR high < greatest(open, close) OR low <= 0'),
      score: always('greatest(low / least(open, close), greatest(open, close) / high)'),
      text: prices,
    },
    {
      key: 'return-outlier',
      title: 'outlying return',
      criterion: `|r − median(r)| > ${limit} · s, r = ln(close / close before) of bars ${timeframe} apart, s = ${ROBUST}(r)`,
      severity: 'suspicious',
      scaledBy: 'change',
      condition: far('change'),
      score: (scale) => deviations('change', scale),
      text: `printf('close %.10g → %.10g (%+.2f %%)', before, close, 100 * (close / before - 1))`,
    },
    {
      key: 'spike-and-back',
      title: 'spike and back',
      criterion: `|r| and |next r| > ${limit} · s, of opposite sign, |r + next r| < half the smaller: as a wrong print looks`,
      severity: 'suspicious',
      scaledBy: 'change',
      condition: ({ deviation }) =>
        `least(abs(change), abs("nextChange")) > ${limit} * ${deviation} AND sign(change) <> sign("nextChange")
          AND abs(change + "nextChange") < 0.5 * least(abs(change), abs("nextChange"))`,
      score: ({ deviation }) => `least(abs(change), abs("nextChange")) / ${deviation}`,
      text: `printf('close %.10g → %.10g → %.10g', before, close, close * exp("nextChange"))`,
    },
    {
      key: 'extreme-wick',
      title: 'extreme wick',
      criterion: `w > ${limit} · s, w = the greater of ln(high / max(open, close)) and ln(min(open, close) / low), s as for returns`,
      severity: 'suspicious',
      scaledBy: 'change',
      condition: ({ deviation }) => `wick > ${limit} * ${deviation}`,
      score: size('wick'),
      text: prices,
    },
    {
      key: 'jump-between-bars',
      title: 'jump between bars',
      criterion: `|ln(open / close before)| > ${limit} · s, s as for returns: the move that no bar shows`,
      severity: 'suspicious',
      scaledBy: 'change',
      condition: ({ deviation }) => `abs(jump) > ${limit} * ${deviation}`,
      score: size('jump'),
      text: `printf('close %.10g, then open %.10g (%+.2f %%)', before, open, 100 * (open / before - 1))`,
    },
    {
      key: 'no-movement',
      title: 'bar without movement',
      criterion: 'high = low',
      severity: 'note',
      condition: always('high = low'),
      score: always('0'),
      text: prices,
    },
  ]
  if (hasVolume)
    list.push({
      key: 'no-volume',
      title: 'bar without volume',
      criterion: 'volume = 0',
      severity: 'note',
      condition: always('volume = 0'),
      score: always('0'),
      text: prices,
    })
  return { checked, list }
}

function fundingCriteria(limit: number): Criteria {
  const per8h = 'rate * (28800000 / "intervalMs")'
  const text = `printf('%.6f %% per %.3g h (%.6f %% per 8 h)', 100 * rate, "intervalMs" / ${HOUR_MS}, 100 * per8h)`
  return {
    checked: `SELECT "eventTime", rate, "intervalMs", ${per8h} AS per8h, "eventTime" - lag("eventTime") OVER w AS step,
        lag("intervalMs") OVER w AS "intervalBefore" FROM latest WINDOW w AS (ORDER BY "eventTime")`,
    list: [
      {
        key: 'doubled-settlement',
        title: 'settlement within half an interval of another',
        criterion: 'step < 0.5 · interval: a holder would be charged twice',
        severity: 'impossible',
        condition: always('step < 0.5 * "intervalMs"'),
        score: always('"intervalMs" / step'),
        text: `printf('%.6g min after the one before', step / 60000.0)`,
      },
      {
        key: 'implausible-rate',
        title: 'implausible rate',
        criterion: '|rate| · 8 h / interval > 1 %',
        severity: 'suspicious',
        condition: always('abs(per8h) > 0.01'),
        score: always('abs(per8h) / 0.01'),
        text,
      },
      {
        key: 'rate-outlier',
        title: 'outlying rate',
        // Most rates sit at the venue's base rate, so that their MAD says nothing.
        criterion: `|f − median(f)| > ${limit} · (p95(f) − p5(f)) / 3.29, f = rate · 8 h / interval`,
        severity: 'suspicious',
        scaledBy: 'per8h',
        scale: 'range',
        condition: (scale) => `${deviations('per8h', scale)} > ${limit}`,
        score: (scale) => deviations('per8h', scale),
        text,
      },
      {
        key: 'interval-change',
        title: 'change of interval',
        criterion: 'interval ≠ interval before',
        severity: 'note',
        condition: always('"intervalMs" <> "intervalBefore"'),
        score: always('0'),
        text: `printf('%.3g h → %.3g h', "intervalBefore" / ${HOUR_MS}, "intervalMs" / ${HOUR_MS})`,
      },
      {
        key: 'zero-rate',
        title: 'rate of exactly 0',
        criterion: 'rate = 0',
        severity: 'note',
        condition: always('rate = 0'),
        score: always('0'),
        text,
      },
    ],
  }
}

function positive(field: string, title: string, severity: DataCheck['severity'] = 'impossible'): Criterion {
  const value = identifier(field)
  return {
    key: `not-positive-${field}`,
    title,
    criterion: `${field} ≤ 0`,
    severity,
    condition: always(`${value} <= 0`),
    score: always(`-${value}`),
    text: `printf('${field} %.10g', ${value})`,
  }
}

/** Outlying changes of each field from one event to the next, over no gap. */
function changeCriteria(
  fields: readonly string[],
  limit: number,
  kind: 'log' | 'plain',
  others: readonly Criterion[],
): Criteria {
  const columns = fields.flatMap((field, index) => {
    const [value, before] = [identifier(field), `lag(${identifier(field)}) OVER w`]
    const change = kind === 'log' ? logRatio(value, before) : `${value} - ${before}`
    return [
      value,
      `${before} AS before${index}`,
      `CASE WHEN NOT "afterGap" THEN ${change} END AS change${index}`,
    ]
  })
  const formula = kind === 'log' ? 'ln(value / value before)' : 'value − value before'
  return {
    checked: `SELECT "eventTime", ${columns.join(', ')} FROM (
        SELECT latest.*, "afterGap" FROM latest JOIN steps USING ("eventTime"))
      WINDOW w AS (ORDER BY "eventTime")`,
    list: [
      ...others,
      ...fields.map((field, index): Criterion => {
        const column = `change${index}`
        return {
          key: `change-outlier-${field}`,
          title: `outlying change of ${field}`,
          criterion: `|d − median(d)| > ${limit} · ${ROBUST}(d), d = ${formula}, over no gap`,
          severity: 'suspicious',
          scaledBy: column,
          condition: (scale) => `${deviations(column, scale)} > ${limit}`,
          score: (scale) => deviations(column, scale),
          text: `printf('%.10g → %.10g', before${index}, ${identifier(field)})`,
        }
      }),
    ],
  }
}

/** Beyond what any venue lends. */
const HIGHEST_LEVERAGE = 125
const PRICE_TOLERANCE = 0.05

function whaleCriteria(): Criteria {
  return {
    checked: `SELECT "eventTime", wallet, asset, quantity, notional, leverage, "accountValue", price,
        median(price) OVER (PARTITION BY "eventTime", asset) AS "usualPrice", rows, "usualRows",
        row_number() OVER (PARTITION BY "eventTime" ORDER BY wallet, asset) AS place
      FROM (SELECT latest.*, notional / quantity AS price, steps.rows, (SELECT median(rows) FROM steps) AS "usualRows"
            FROM latest JOIN steps USING ("eventTime"))`,
    list: [
      {
        key: 'notional-mismatch',
        title: 'notional does not fit the quantity',
        criterion: `|p / median(p of the snapshot and asset) − 1| > ${PRICE_TOLERANCE * 100} %, p = notional / quantity`,
        severity: 'suspicious',
        condition: always(`abs(price / "usualPrice" - 1) > ${PRICE_TOLERANCE}`),
        score: always('abs(price / "usualPrice" - 1)'),
        text: `printf('%s %s: price %.10g, others %.10g', wallet, asset, price, "usualPrice")`,
      },
      {
        key: 'implausible-leverage',
        title: 'implausible leverage',
        criterion: `leverage > ${HIGHEST_LEVERAGE}`,
        severity: 'suspicious',
        condition: always(`leverage > ${HIGHEST_LEVERAGE}`),
        score: always('leverage'),
        text: `printf('%s %s: leverage %.6g', wallet, asset, leverage)`,
      },
      {
        key: 'thin-snapshot',
        title: 'thin snapshot',
        criterion: 'rows of the snapshot < 0.5 · median(rows of a snapshot)',
        severity: 'suspicious',
        condition: always('place = 1 AND rows < 0.5 * "usualRows"'),
        score: always('"usualRows" / rows'),
        text: `printf('%d rows, usually %d', rows, "usualRows"::BIGINT)`,
      },
      {
        key: 'account-not-positive',
        title: 'account value zero or below',
        criterion: 'accountValue ≤ 0',
        severity: 'note',
        condition: always('"accountValue" <= 0'),
        score: always('-"accountValue"'),
        text: `printf('%s: account value %.10g', wallet, "accountValue")`,
      },
    ],
  }
}

function confirmationCriteria(): Criteria {
  return {
    checked: `SELECT "eventTime", "long", "short", confidence, (${USABLE_CONFIRMATION}) AS usable FROM latest`,
    list: [
      {
        key: 'composite-out-of-range',
        title: 'composite beyond its range',
        criterion: '|long| or |short| > 1',
        severity: 'impossible',
        condition: always('greatest(abs("long"), abs("short")) > 1'),
        score: always('greatest(abs("long"), abs("short"))'),
        text: `printf('long %.6g, short %.6g', "long", "short")`,
      },
      {
        key: 'no-answer',
        title: 'no answer: read as absent',
        criterion: 'confidence is none of HIGH, MEDIUM, LOW, VETO, or neither composite is given',
        severity: 'note',
        condition: always('NOT usable'),
        score: always('0'),
        text: `concat('confidence ', coalesce(confidence, 'missing'))`,
      },
    ],
  }
}
