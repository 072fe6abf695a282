import { DEFAULT_POLICIES } from '../../src/core/policies.js'
import type { BacktestResult } from '../../src/core/result.js'
import { DAY_MS, HOUR_MS } from '../../src/core/time.js'
import type { Trade } from '../../src/core/trades.js'
import { computeMetrics, type HoldCosts } from '../../src/metrics/index.js'
import type { InstrumentData } from '../../src/engine/options.js'
import { ChartCollector } from '../../src/jobs/run-charts.js'
import { DEFAULT_INSTRUMENTS } from '../../src/market/index.js'
import type { RunCharts, RunSummary } from '../../src/report/index.js'

const START = Date.UTC(2030, 0, 1)
const BARS = 24 * 100

function exampleTrade(id: number): Trade {
  const entryBar = 20 + id * 30
  const profit = id % 3 === 0 ? -12.5 : 21.25
  return {
    id,
    instrumentId: 'synthetic:BTCUSDT-PERP',
    side: id % 2 === 0 ? 1 : -1,
    quantity: 0.01,
    decidedAt: START + entryBar * HOUR_MS,
    entryTime: START + entryBar * HOUR_MS,
    entryBar,
    entryPrice: 100,
    stopPrice: 98,
    targetPrice: NaN,
    sizeBoundBy: 'max-position',
    entryScore: 0.7,
    entryCoverage: 0.7,
    status: 'closed',
    exitTime: START + (entryBar + 9) * HOUR_MS,
    exitBar: entryBar + 9,
    exitPrice: 101,
    exitReason: id % 3 === 0 ? 'stop-loss' : 'take-profit',
    undecided: id === 3,
    fees: 1,
    slippage: 0.5,
    funding: -0.25,
    profit,
    profitFraction: profit / 1000,
    maxAdverseExcursion: -0.01,
    maxFavourableExcursion: 0.02,
  }
}

/** A small result with everything a summary shows, made by hand: 100 days of hourly bars and 40 trades. */
export function exampleResult(changes: Partial<BacktestResult> = {}): BacktestResult {
  const time = Float64Array.from({ length: BARS }, (_, bar) => START + (bar + 1) * HOUR_MS)
  const equity = time.map((_, bar) => 10_000 * (1 + 0.0001 * bar + 0.002 * Math.sin(bar / 5)))
  const days = Float64Array.from({ length: BARS / 24 + 1 }, (_, day) => START + day * DAY_MS)
  const close = time.map((_, bar) => 100 + Math.sin(bar / 80))
  const finalEquity = equity.at(-1) ?? NaN
  return {
    strategy: 'example',
    params: { fast: 20, slow: 50 },
    policies: DEFAULT_POLICIES,
    timeframeMs: HOUR_MS,
    startTime: START,
    endTime: START + BARS * HOUR_MS,
    startingBalance: 10_000,
    finalEquity,
    instruments: [
      {
        id: 'synthetic:BTCUSDT-PERP',
        bars: BARS,
        firstOpenTime: START,
        lastCloseTime: START + BARS * HOUR_MS,
        firstDecisionTime: START + HOUR_MS,
        closeTime: time,
        close,
        open: close,
      },
    ],
    equity: {
      time,
      equity,
      adverse: equity.map((value) => value * 0.999),
      exposure: time.map((_, bar) => (bar % 3 === 0 ? 0.1 : 0)),
    },
    daily: { time: days, equity: days.map((_, day) => (day === 0 ? 10_000 : equity[day * 24 - 1]!)) },
    trades: Array.from({ length: 40 }, (_, id) => exampleTrade(id + 1)),
    fills: [],
    orders: [],
    funnel: {
      bars: BARS,
      warm: BARS - 50,
      covered: BARS - 90,
      signals: 120,
      blocked: {
        'in-position': 60,
        'long-and-short': 0,
        'exit-on-same-bar': 0,
        'not-shortable': 0,
        'not-rearmed': 20,
        halted: 0,
        'order-on-same-bar': 0,
        'no-stop': 0,
        'no-capital': 0,
        'max-positions': 0,
        'min-notional': 0,
        lot: 0,
        stale: 0,
        'end-of-data': 0,
        'no-price': 0,
        unfilled: 0,
        withdrawn: 0,
        'no-volume': 0,
        delisted: 0,
      },
      entryOrders: 40,
      entryFills: 40,
    },
    costs: { fees: 40, slippage: 20, funding: -10 },
    undecidedExits: 1,
    questions: [],
    flags: [{ code: 'example-flag', message: 'Something to know', count: 3 }],
    path: { kind: 'skipping', reason: undefined, steps: 40, slots: 1000 },
    ...changes,
  }
}

function holdCosts({ instruments }: BacktestResult): HoldCosts {
  return { takerFee: Object.fromEntries(instruments.map(({ id }) => [id, 0.0005])), slippageBps: 1 }
}

/** What a run of one instrument with a score of two legs keeps for its charts: every bar of the result on made-up candles. */
export function exampleCharts(result: BacktestResult): RunCharts {
  const charts = new ChartCollector(result, holdCosts(result))
  for (const run of result.instruments) {
    const wave = (every: number): Float64Array => run.close.map((_, bar) => 0.5 + 0.4 * Math.sin(bar / every))
    const openTime = run.closeTime.map((time) => time - result.timeframeMs)
    const data: InstrumentData = {
      instrument: { ...DEFAULT_INSTRUMENTS[0]!.instrument, id: run.id },
      candles: {
        timeframeMs: result.timeframeMs,
        openTime,
        open: run.open,
        high: run.close.map((price) => price * 1.01),
        low: run.close.map((price) => price * 0.99),
        close: run.close,
        volume: run.close,
      },
      funding: undefined,
      facts: { whales: { eventTime: openTime, knownAt: openTime, values: {} } },
    }
    const legs = [
      { name: 'whales', values: wave(9), facts: ['whales'] },
      { name: 'onChain', values: wave(9).fill(NaN), facts: ['exchange-flows'] },
    ]
    charts.add(data, { first: 0, end: run.close.length, score: wave(30), coverage: wave(50), legs })
  }
  return charts.charts()
} // prettier-ignore

/** Changes of an example; its result is a whole one, of which a report shows only a part. */
export type ExampleChanges = Partial<Omit<RunSummary, 'result'>> & { readonly result?: BacktestResult }

export function exampleSummary(
  changes: ExampleChanges = {},
): RunSummary & { readonly result: BacktestResult } {
  const result = changes.result ?? exampleResult()
  return {
    runId: 'example-0123456789ab',
    strategy: 'example',
    preset: 'default',
    synthetic: true,
    result,
    metrics: computeMetrics(result, { holdCosts: holdCosts(result) }),
    optimistic: { finalEquity: result.finalEquity + 12, trades: 40 },
    detail: undefined,
    sensitivity: undefined,
    signals: [
      {
        instrument: 'synthetic:BTCUSDT-PERP',
        bars: BARS,
        scores: { lowest: 0.31, highest: 0.61 },
        attainable: { lowest: 0.3, highest: 0.61 },
        entryAbove: 0.65,
        entryBelow: 0.35,
        legs: [
          { leg: 'whales', present: 1000, active: 700, lowest: 0.2, highest: 0.8, facts: [] },
          {
            leg: 'onChain',
            present: 0,
            active: 0,
            lowest: NaN,
            highest: NaN,
            facts: [{ name: 'exchange-flows', isAbsent: true, lastEventTime: undefined }],
          },
        ],
        usable: {
          warm: BARS - 50,
          bars: BARS - 90,
          firstTime: START + 90 * HOUR_MS,
          lastTime: START + BARS * HOUR_MS,
        },
      },
    ],
    data: [
      {
        instrument: 'synthetic:BTCUSDT-PERP',
        feeds: 'candles',
        series: 'candles/synthetic:BTCUSDT-PERP@1h',
        notes: ['1,440 bars'],
      },
      {
        instrument: 'synthetic:BTCUSDT-PERP',
        feeds: 'flows',
        series: undefined,
        notes: ['weight goes to the other legs'],
      },
    ],
    warnings: ['Synthetic data: invented prices and facts.', 'Few trades: 40.'],
    settings: [['Slippage', '1 bps']],
    reproduce: [['Command', 'baleen backtest example']],
    inputs: '{}\n',
    charts: exampleCharts(result),
    ...changes,
  }
}
