import { formatUtcDay } from '../core/time.js'
import { formatStatistic, formatValue } from '../metrics/format.js'
import type { Estimate } from '../metrics/newey-west.js'
import type { Statistic } from '../metrics/statistic.js'
import type { HorizonDeciles, LegsStudy, ScoreStudy } from '../research/score-study.js'
import type { EntriesOfSide, SignalStudy } from '../research/signal-study.js'
import { bps, bpsOf, horizonName, ratioOf, variantName } from './signal-tables.js'

type Row = Readonly<Record<string, string | number | null>>

/** Values as they are drawn, with a null where there is none, and texts for the pointer. */
function estimateRow(
  { value, lower, upper, tStatistic, observations }: Estimate,
  scale: number,
  text: (one: Statistic) => string,
): Row {
  const drawn = (one: Statistic): number | null => (one.value === undefined ? null : scale * one.value)
  const interval = lower.value === undefined ? `n/a (${lower.reason})` : `${text(lower)} to ${text(upper)}`
  return {
    value: drawn(value),
    lower: drawn(lower),
    upper: drawn(upper),
    Value: value.value === undefined ? `n/a (${value.reason})` : text(value),
    '95 % interval': interval,
    t: formatStatistic(tStatistic, 'ratio'),
    Observations: formatValue(observations, 'count'),
  } // prettier-ignore
}

const TOOLTIP = (first: string): object[] => [
  { field: first, type: 'nominal' },
  { field: 'Value', type: 'nominal' },
  { field: '95 % interval', type: 'nominal' },
  { field: 't', type: 'nominal' },
  { field: 'Observations', type: 'nominal' },
]

/** From red by grey to green, around 0. */
function signColours(largest: number): object {
  return {
    field: 'value',
    type: 'quantitative',
    legend: null,
    scale: {
      domain: [-largest, 0, largest],
      range: ['var(--loss)', 'var(--zero)', 'var(--gain)'],
      interpolate: 'rgb',
    },
  }
}

/** Cells of a grid by sign and size, grey where there is no value. */
function cells(x: object, y: object, largest: number, tooltip: readonly object[]): object[] {
  const mark = { type: 'rect', stroke: 'var(--paper)', strokeWidth: 2 }
  return [
    { mark: { ...mark, color: 'var(--grid)' }, encoding: { x, y, tooltip } },
    { mark, transform: [{ filter: 'isValid(datum.value)' }], encoding: { x, y, color: signColours(largest), tooltip } },
  ] // prettier-ignore
}

/** What is written into the cells, readable on light and on strong colours. */
function cellTexts(x: object, y: object, largest: number): object {
  const strong = `isValid(datum.value) && abs(datum.value) > ${0.55 * largest}`
  const color = { condition: { test: strong, value: 'var(--paper)' }, value: 'var(--ink)' }
  return { mark: { type: 'text', fontSize: 11 }, encoding: { x, y, color, text: { field: 'label' } } }
}

const ZERO: object = {
  mark: { type: 'rule', color: 'var(--soft)', strokeDash: [3, 3] },
  encoding: { y: { datum: 0 } },
}

/** Coefficient over the horizon with its interval as a band, and each instrument's as points. */
export function decayChart({ timeframeMs, instruments }: SignalStudy, { decay }: ScoreStudy): object {
  const rows = decay.map(({ horizon, rank }): Row => ({
    Horizon: horizonName(horizon, timeframeMs),
    bars: String(horizon),
    ...estimateRow(rank, 1, ratioOf),
  }))
  const single = decay.flatMap(({ horizon, byInstrument }) =>
    byInstrument.map(({ instrument, rank }): Row => ({
      Horizon: horizonName(horizon, timeframeMs),
      bars: String(horizon),
      Instrument: instrument,
      ...estimateRow(rank, 1, ratioOf),
    })),
  )
  const x = { field: 'bars', type: 'ordinal', sort: null, title: 'bars ahead', axis: { labelAngle: 0 }, scale: { type: 'point', padding: 0.4 } } // prettier-ignore
  const y = { type: 'quantitative', title: 'rank IC' }
  const withInstruments = instruments.length > 1
  return {
    width: 'container',
    height: 260,
    data: { values: rows },
    layer: [
      ZERO,
      { mark: { type: 'area', color: 'var(--strategy)', opacity: 0.18 }, transform: [{ filter: 'isValid(datum.lower)' }], encoding: { x, y: { ...y, field: 'lower' }, y2: { field: 'upper' } } },
      { mark: { type: 'rule', color: 'var(--strategy)', opacity: 0.5 }, transform: [{ filter: 'isValid(datum.lower)' }], encoding: { x, y: { ...y, field: 'lower' }, y2: { field: 'upper' } } },
      ...(withInstruments
        ? [{ data: { values: single }, mark: { type: 'point', filled: true, size: 34, opacity: 0.9 }, transform: [{ filter: 'isValid(datum.value)' }], encoding: { x, y: { ...y, field: 'value' }, color: { field: 'Instrument', type: 'nominal', sort: instruments, scale: { domain: instruments, range: INSTRUMENT_INKS }, legend: { orient: 'bottom', columns: 2, title: null, labelLimit: 260 } }, tooltip: [{ field: 'Instrument', type: 'nominal' }, ...TOOLTIP('Horizon')] } }]
        : []),
      { mark: { type: 'line', color: 'var(--strategy)', strokeWidth: 2 }, transform: [{ filter: 'isValid(datum.value)' }], encoding: { x, y: { ...y, field: 'value' } } },
      { mark: { type: 'point', filled: true, size: 70, opacity: 1, color: 'var(--strategy)' }, transform: [{ filter: 'isValid(datum.value)' }], encoding: { x, y: { ...y, field: 'value' }, tooltip: TOOLTIP('Horizon') } },
    ],
  } // prettier-ignore
}

const INSTRUMENT_INKS = ['var(--third)', 'var(--fourth)', 'var(--fifth)', 'var(--sixth)', 'var(--benchmark)', 'var(--gain)', 'var(--loss)', 'var(--soft)'] // prettier-ignore

/** Mean forward return of each decile, in basis points, with its interval. */
export function decileChart({ buckets, all }: HorizonDeciles): object {
  const rows = buckets.map(({ bucket, lowestScore, highestScore, mean }): Row => ({
    Decile: bucket,
    Scores: mean.observations === 0 ? 'none' : `${formatValue(lowestScore, 'ratio')} to ${formatValue(highestScore, 'ratio')}`,
    ...estimateRow(mean, 10_000, bpsOf),
  })) // prettier-ignore
  const x = { field: 'Decile', type: 'ordinal', axis: { labelAngle: 0 }, title: 'decile of the score, the lowest first' } // prettier-ignore
  const y = { type: 'quantitative', title: 'mean forward return, bps' }
  return {
    width: 'container',
    height: 260,
    data: { values: rows },
    layer: [
      { mark: { type: 'bar' }, encoding: { x, y: { ...y, field: 'value' }, color: { condition: { test: 'datum.value < 0', value: 'var(--loss)' }, value: 'var(--gain)' }, tooltip: [{ field: 'Decile', type: 'nominal' }, { field: 'Scores', type: 'nominal' }, ...TOOLTIP('Value').slice(1)] } },
      { mark: { type: 'rule', color: 'var(--ink)', opacity: 0.7 }, transform: [{ filter: 'isValid(datum.lower)' }], encoding: { x, y: { ...y, field: 'lower' }, y2: { field: 'upper' } } },
      ...(all.value.value === undefined ? [] : [{ data: { values: [{}] }, mark: { type: 'rule', color: 'var(--benchmark)', strokeDash: [5, 4], strokeWidth: 1.5, tooltip: `All scores: ${bps(all.value.value)}` }, encoding: { y: { datum: 10_000 * all.value.value } } }]),
      { ...ZERO, mark: { type: 'rule', color: 'var(--soft)' } },
    ],
  } // prettier-ignore
}

/** Coefficient by month as a strip of colours, one line an instrument below that of all. */
export function monthChart({ instruments }: SignalStudy, { months }: ScoreStudy): object {
  const lines = instruments.length > 1 ? ['all', ...instruments] : [...instruments]
  const rows = months.flatMap(({ startTime, all, byInstrument }) => {
    const month = formatUtcDay(startTime).slice(0, 7)
    const row = (line: string, estimate: Estimate): Row => ({
      Month: month,
      line,
      ...estimateRow(estimate, 1, ratioOf),
      label:
        estimate.value.value === undefined ? '' : estimate.value.value.toFixed(2).replace('-0.00', '0.00'),
    })
    return [row(lines[0]!, all), ...byInstrument.map(({ instrument, rank }) => row(instrument, rank))]
  })
  const largest = Math.max(
    0.02,
    ...rows.map(({ value }) => (typeof value === 'number' ? Math.abs(value) : 0)),
  )
  const x = { field: 'Month', type: 'ordinal', title: null, axis: { labelAngle: months.length > 8 ? -60 : 0, labelOverlap: true } } // prettier-ignore
  const y = { field: 'line', type: 'nominal', sort: lines, title: null, axis: { labelLimit: 150 } }
  return {
    width: 'container',
    height: 30 * lines.length,
    data: { values: rows },
    layer: [
      ...cells(x, y, largest, [{ field: 'line', type: 'nominal', title: 'Of' }, ...TOOLTIP('Month')]),
      ...(months.length <= 24 ? [cellTexts(x, y, largest)] : []),
    ],
  } // prettier-ignore
}

/** Coefficients of the whole score, of each leg alone and of the score without each, with their intervals. */
export function legChart({ focus }: SignalStudy, { decay, legs }: ScoreStudy): object {
  const whole = decay.find(({ horizon }) => horizon === focus)!.rank
  const rows: Row[] = [
    { Score: 'whole score', kind: 'whole', ...estimateRow(whole, 1, ratioOf) },
    ...(legs?.variants ?? []).map((one): Row => ({
      Score: variantName(one),
      kind: one.kind,
      ...estimateRow(one.rank, 1, ratioOf),
    })),
  ]
  const y = { field: 'Score', type: 'nominal', sort: null, title: null, axis: { labelLimit: 180 }, scale: { domain: rows.map((row) => row['Score']) } } // prettier-ignore
  const x = { type: 'quantitative', title: 'rank IC', axis: { tickCount: 6, grid: true } }
  const color = { field: 'kind', type: 'nominal', legend: null, scale: { domain: ['whole', 'alone', 'without'], range: ['var(--strategy)', 'var(--third)', 'var(--fourth)'] } } // prettier-ignore
  return {
    width: 'container',
    height: 26 * rows.length,
    data: { values: rows },
    layer: [
      { mark: { type: 'rule', color: 'var(--soft)', strokeDash: [3, 3] }, encoding: { x: { datum: 0 } } },
      { mark: { type: 'rule', strokeWidth: 2, opacity: 0.55 }, transform: [{ filter: 'isValid(datum.lower)' }], encoding: { y, x: { ...x, field: 'lower' }, x2: { field: 'upper' }, color } },
      { mark: { type: 'point', filled: true, size: 80, opacity: 1 }, encoding: { y, x: { ...x, field: 'value' }, color, tooltip: TOOLTIP('Score') } },
    ],
  } // prettier-ignore
}

/** Rank correlations between legs as colours. */
export function correlationChart({ variants, correlations }: LegsStudy): object {
  const names = variants.filter(({ kind }) => kind === 'alone').map(({ leg }) => leg)
  const rows = names.flatMap((first, row) =>
    names.map((second, at): Row => {
      const one = correlations[row]![at]!
      return { first, second, value: one.value ?? null, Correlation: formatStatistic(one, 'ratio'), label: one.value?.toFixed(2).replace('-0.00', '0.00') ?? 'n/a' } // prettier-ignore
    }),
  )
  const axis = { labelAngle: 0, labelLimit: 110 }
  const x = { field: 'second', type: 'nominal', sort: null, title: null, axis }
  const y = { field: 'first', type: 'nominal', sort: null, title: null, axis: { labelLimit: 120 } }
  return {
    width: 'container',
    height: 34 * names.length,
    data: { values: rows },
    layer: [
      ...cells(x, y, 1, [{ field: 'first', title: 'Leg', type: 'nominal' }, { field: 'second', title: 'Against', type: 'nominal' }, { field: 'Correlation', type: 'nominal' }]),
      cellTexts(x, y, 1),
    ],
  } // prettier-ignore
}

/** Mean return after entries by horizon, in basis points, against the band of the same entries at other times. */
export function entryChart({ horizons }: EntriesOfSide, timeframeMs: number): object {
  const drawn = (one: Statistic): number | null => (one.value === undefined ? null : 10_000 * one.value)
  const rows = horizons.map((one): Row => ({
    bars: String(one.horizon),
    Horizon: horizonName(one.horizon, timeframeMs),
    Entries: formatValue(one.entries, 'count'),
    mean: drawn(one.meanReturn),
    usual: drawn(one.anyTime),
    lower: drawn(one.bandLower),
    upper: drawn(one.bandUpper),
    'Mean return': bpsOf(one.meanReturn),
    'Any time': bpsOf(one.anyTime),
    'Other times, 95 %': one.bandLower.value === undefined ? `n/a (${one.bandLower.reason})` : `${bpsOf(one.bandLower)} to ${bpsOf(one.bandUpper)}`,
    p: formatStatistic(one.pValue, 'ratio'),
  })) // prettier-ignore
  const x = { field: 'bars', type: 'ordinal', sort: null, title: 'bars after the entry', axis: { labelAngle: 0 }, scale: { type: 'point', padding: 0.4 } } // prettier-ignore
  const y = { type: 'quantitative', title: 'mean return, bps' }
  const tooltip = ['Horizon', 'Entries', 'Mean return', 'Any time', 'Other times, 95 %', 'p'].map((field) => ({ field, type: 'nominal' })) // prettier-ignore
  const valid = (field: string): object[] => [{ filter: `isValid(datum.${field})` }]
  return {
    width: 'container',
    height: 240,
    data: { values: rows },
    layer: [
      ZERO,
      { mark: { type: 'area', color: 'var(--benchmark)', opacity: 0.2 }, transform: valid('lower'), encoding: { x, y: { ...y, field: 'lower' }, y2: { field: 'upper' } } },
      { mark: { type: 'line', color: 'var(--benchmark)', strokeDash: [5, 4] }, transform: valid('usual'), encoding: { x, y: { ...y, field: 'usual' } } },
      { mark: { type: 'line', color: 'var(--strategy)', strokeWidth: 2 }, transform: valid('mean'), encoding: { x, y: { ...y, field: 'mean' } } },
      { mark: { type: 'point', filled: true, size: 70, opacity: 1, color: 'var(--strategy)' }, transform: valid('mean'), encoding: { x, y: { ...y, field: 'mean' }, tooltip } },
    ],
  } // prettier-ignore
}
