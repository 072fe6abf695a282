import { describe, expect, it } from 'vitest'
import { known, unknown } from '../../../src/metrics/statistic.js'
import type { LedgerRecord } from '../../../src/research/trial-ledger.js'
import { trialsSince } from '../../../src/runner/promotion/collect-evidence.js'
import type { PaperEvidence, PromotionEvidence } from '../../../src/runner/promotion/evidence.js'
import { noDemotionFigures } from '../../../src/runner/promotion/demotion.js'
import { type Gate, gatesTo, STAGES } from '../../../src/runner/promotion/gates.js'

const check = (key: 'determinism' | 'truncation' | 'shuffled-future' | 'warm-up') =>
  ({ key, name: key, outcome: 'passed', detail: '' }) as const

/** Each figure stands at its very limit. */
const paper: PaperEvidence = {
  isVirtualClock: false,
  days: known(28),
  trades: known(30),
  barsOnTime: known(0.99),
  decisionParity: known(1),
  lateBars: known(0.005),
  unexplainedLateBars: known(0),
  restartDrills: known(1),
  fillGapAboveModelBps: known(2),
  fillGapP95Bps: known(10),
  aboveBand: known(0),
  demotion: noDemotionFigures(unknown('never measured')),
  sessions: [],
  notCounted: [],
}
const enough: PromotionEvidence = {
  checks: [check('determinism'), check('truncation'), check('shuffled-future'), check('warm-up')],
  verdict: { sweepId: 'a-1', verdict: 'believe', ledger: { added: known(0), counted: 40, command: 'baleen sweep a' }, minimumTrackRecordDays: known(364.2), outOfSampleTrades: known(100) },
  backtest: {
    isSynthetic: false,
    days: known(365),
    coverage: known(0.95),
    recordedDays: known(180),
    undecidedExits: known(0.05),
    topFiveShare: known(0.5),
    participation: known(0.01),
  },
  paper,
} // prettier-ignore

const shut = (gates: readonly Gate[]): string[] =>
  gates.filter(({ isPassed }) => !isPassed).map(({ key }) => key)
const smallWithout = (backtest: Partial<PromotionEvidence['backtest']>): string[] =>
  shut(gatesTo('small', { ...enough, backtest: { ...enough.backtest, ...backtest } }))
const smallOnPaper = (changed: Partial<PaperEvidence>): string[] =>
  shut(gatesTo('small', { ...enough, paper: { ...paper, ...changed } }))

describe('to paper', () => {
  it('asks for the checks, and takes any verdict, which it shows', () => {
    expect(shut(gatesTo('paper', enough))).toEqual([])
    const hopeless = { ...enough, verdict: { ...enough.verdict, verdict: 'no' as const } } as PromotionEvidence // prettier-ignore
    expect(shut(gatesTo('paper', hopeless))).toEqual([])
    expect(gatesTo('paper', hopeless).find(({ key }) => key === 'verdict')?.found).toBe('no (a-1)')
    expect(shut(gatesTo('paper', { ...enough, verdict: { reason: 'no sweep' } }))).toEqual([])
  })

  it.each(['determinism', 'truncation', 'shuffled-future', 'warm-up'] as const)('is shut where %s failed or was not run', (key) => {
    const others = enough.checks.filter((one) => one.key !== key)
    expect(shut(gatesTo('paper', { ...enough, checks: others }))).toEqual([key])
    for (const outcome of ['failed', 'not run'] as const)
      expect(shut(gatesTo('paper', { ...enough, checks: [...others, { ...check(key), outcome, detail: 'bar 7 differs' }] }))).toEqual([key])
  }) // prettier-ignore
})

describe('to the first real money', () => {
  it('is open where every figure is at its limit', () => {
    expect(shut(gatesTo('small', enough))).toEqual([])
  })

  it.each([
    ['backtest-days', { days: known(364.9) }],
    ['coverage', { coverage: known(0.9499) }],
    ['recorded-days', { recordedDays: known(179) }],
    ['undecided-exits', { undecidedExits: known(0.0501) }],
    ['top-five', { topFiveShare: known(0.501) }],
    ['participation', { participation: known(0.0101) }],
    ['real-data', { isSynthetic: true }],
  ])('the backtest fails at %s just beyond the limit', (key, changed) => {
    expect(smallWithout(changed)).toContain(key)
  })

  it.each([
    ['paper-days', { days: known(27) }],
    ['paper-trades', { trades: known(29) }],
    ['bars-on-time', { barsOnTime: known(0.9899) }],
    ['decision-parity', { decisionParity: known(0.9999) }],
    ['late-bars', { lateBars: known(0.0051) }],
    ['unexplained-late-bars', { unexplainedLateBars: known(1) }],
    ['restart-drills', { restartDrills: known(0) }],
    ['fill-gap-mean', { fillGapAboveModelBps: known(2.01) }],
    ['fill-gap-p95', { fillGapP95Bps: known(10.1) }],
    ['above-band', { aboveBand: known(-0.0001) }],
  ])('the paper session fails at %s just beyond the limit', (key, changed) => {
    expect(smallOnPaper(changed)).toEqual([key])
  })

  it('takes nothing for granted: what was not measured passes no gate, and says why', () => {
    for (const key of ['days', 'coverage', 'undecidedExits', 'topFiveShare', 'participation'] as const) {
      const gates = gatesTo('small', { ...enough, backtest: { ...enough.backtest, [key]: unknown('never measured') } })
      expect(gates.filter(({ isPassed }) => !isPassed).every(({ found, because }) => found === 'n/a' && because!.includes('never measured'))).toBe(true)
      expect(shut(gates).length).toBeGreaterThan(0)
    }
    for (const [key, value] of Object.entries(paper)) {
      if (typeof value !== 'object' || Array.isArray(value) || key === 'demotion') continue
      const gates = gatesTo('small', { ...enough, paper: { ...paper, [key]: unknown('never measured') } }).filter(({ isPassed }) => !isPassed)
      expect(gates.map(({ found, because }) => [found, because])).toEqual([['n/a', expect.stringContaining('never measured')]])
    }
    const bare = gatesTo('small', { ...enough, verdict: { reason: 'no sweep' } })
    expect(shut(bare)).toEqual(expect.arrayContaining(['believed', 'track-record', 'out-of-sample-trades']))
  }) // prettier-ignore

  it.each(['not yet', 'no'] as const)('is shut by the verdict "%s"', (verdict) => {
    expect(shut(gatesTo('small', { ...enough, verdict: { ...enough.verdict, verdict } as PromotionEvidence['verdict'] }))).toEqual(['believed']) // prettier-ignore
  })

  it('asks for the minimum track record where that is longer than a year', () => {
    const verdict = {
      ...enough.verdict,
      minimumTrackRecordDays: known(365.5),
    } as PromotionEvidence['verdict']
    expect(shut(gatesTo('small', { ...enough, verdict }))).toEqual(['track-record'])
  })

  it('asks nothing of recorded facts of a strategy that reads candles alone', () => {
    expect(smallWithout({ recordedDays: undefined })).toEqual([])
  })

  it('counts nothing that was shown on a virtual clock', () => {
    const gates = gatesTo('small', { ...enough, paper: { ...paper, isVirtualClock: true } })
    expect(shut(gates)).toEqual(gates.slice(-10).map(({ key }) => key))
    // What was shown is shown, and what was not measured there says why.
    expect(gates.at(-10)).toMatchObject({ found: '28 d', because: expect.stringContaining('28 d, but on a virtual clock') as string }) // prettier-ignore
    const bare = gatesTo('small', {
      ...enough,
      paper: { ...paper, isVirtualClock: true, days: unknown('none') },
    })
    expect(bare.at(-10)).toMatchObject({ found: 'n/a', isPassed: false, because: 'days on paper: none' })
  })
})

it('no stage of real money beyond the first is open without a life on it', () => {
  for (const stage of STAGES.slice(3)) {
    const gates = gatesTo(stage as 'monitor', enough)
    expect(gates.length).toBeGreaterThan(0)
    expect(['not-demoted', ...shut(gates)]).toEqual(gates.map(({ key }) => key))
  }
})

describe('a rule of demotion that is met', () => {
  const demotion = { ...noDemotionFigures(unknown('never measured')), unknownOrders: known(1) }
  const demoted = { ...enough, paper: { ...paper, demotion } }

  it('shuts every step above paper, by its name, and paper itself not', () => {
    expect(shut(gatesTo('paper', demoted))).toEqual([])
    expect(shut(gatesTo('small', demoted))).toEqual(['not-demoted'])
    for (const stage of ['small', 'monitor', 'scaling', 'full'] as const)
      expect(gatesTo(stage, demoted)[0]).toEqual({ key: 'not-demoted', name: 'rules of demotion that are met', found: '1 (6 n/a)', asked: 'none', isPassed: false, because: 'to be demoted: orders that nobody sent: 1, demoted above 0' }) // prettier-ignore
  })

  it('is none where nobody could tell, which is said', () => {
    expect(gatesTo('small', enough)[0]).toMatchObject({ found: '0 (7 n/a)', isPassed: true })
  })
})

describe('a verdict', () => {
  const since = (added: ReturnType<typeof known>): PromotionEvidence =>
    ({ ...enough, verdict: { ...enough.verdict, ledger: { added, counted: 40, command: 'baleen sweep a --seed 3' } } }) as PromotionEvidence // prettier-ignore
  const sinceGate = (stage: 'paper' | 'small', added: ReturnType<typeof known>): Gate =>
    gatesTo(stage, since(added)).find(({ key }) => key === 'trials-since')!

  it.each(['paper', 'small'] as const)('that counts less than was tried by now is none for %s', (stage) => {
    expect(sinceGate(stage, known(0)).isPassed).toBe(true)
    expect(shut(gatesTo(stage, since(known(12))))).toEqual(['trials-since'])
    expect(sinceGate(stage, known(12)).because).toBe('12 trials have been counted since a-1 was judged on 40; judge it again by asking the same once more: baleen sweep a --seed 3') // prettier-ignore
    const broken = sinceGate(stage, unknown("the ledger's chain is broken: line 1"))
    expect([broken.isPassed, broken.found]).toEqual([false, 'n/a'])
    expect(broken.because).toContain("the ledger's chain is broken: line 1")
  })

  it('that was never given cannot be out of date', () => {
    const keys = gatesTo('paper', { ...enough, verdict: { reason: 'no sweep' } }).map(({ key }) => key)
    expect(keys).not.toContain('trials-since')
  })
})

describe('trials counted since a verdict', () => {
  const record = { at: '', kind: 'sweep', from: 'a-1/0', strategy: 'a', sourceHash: 's', bases: ['BTC'], startTime: 0, endTime: 10, returns: ['x', 'y'], failed: [] } as const // prettier-ignore
  const sweep = {
    id: 'a-1',
    ledger: { trials: 2, failed: 0, records: 1, names: ['a'], sources: 1, isNew: true },
  }
  const ledger = (records: readonly LedgerRecord[], problem?: string) => ({
    folder: 'ledger',
    records,
    problem,
  })

  it('are those of its family on overlapping data, the same returns once', () => {
    expect(trialsSince(sweep, ledger([record]))).toEqual(known(0))
    const later = [
      { ...record, kind: 'backtest', from: 'run', returns: ['x'] },
      { ...record, kind: 'backtest', from: 'other run', returns: ['z'] },
      { ...record, from: 'b/0', strategy: 'b', sourceHash: 't', returns: ['w'] },
      { ...record, from: 'a-2/0', startTime: 10, endTime: 20, returns: ['v'] },
      { ...record, from: 'renamed', strategy: 'c', returns: [], failed: ['u'] },
    ] as const
    expect(trialsSince(sweep, ledger([record, ...later]))).toEqual(known(2))
  })

  it.each([
    ['is broken', sweep, ledger([record], 'line 2 was changed'), 'chain is broken: line 2 was changed'],
    ['was broken then', { ...sweep, ledger: { ...sweep.ledger, problem: 'line 1' } }, ledger([record]), 'was broken when the sweep was judged: line 1'],
    ['does not know the sweep', sweep, ledger([{ ...record, from: 'a-2/0' }]), 'in ledger does not know this sweep'],
    ['counts fewer', { ...sweep, ledger: { ...sweep.ledger, trials: 5 } }, ledger([record]), 'counts 2 trials, fewer than the 5'],
  ] as const)('are n/a where the ledger %s', (_, of, now, reason) => {
    expect(trialsSince(of, now)).toEqual({ reason: expect.stringContaining(reason) as string })
  }) // prettier-ignore
})
