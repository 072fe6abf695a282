import { describe, expect, it } from 'vitest'
import { returnHash } from '../../src/research/overfitting/trial-returns.js'
import { countTrials, type LedgerRecord } from '../../src/research/trial-ledger.js'

const record = (more: Partial<LedgerRecord>): LedgerRecord => ({
  at: '2026-01-01T00:00:00.000Z',
  kind: 'sweep',
  from: 'a/0',
  strategy: 'mine',
  sourceHash: 's1',
  bases: ['BTC'],
  startTime: 0,
  endTime: 100,
  returns: [],
  failed: [],
  ...more,
})
const subject = { strategy: 'mine', sourceHash: 's1', bases: ['BTC'], startTime: 0, endTime: 100 }
const count = (...records: LedgerRecord[]): number => countTrials(records, subject).trials

describe('trials of a family', () => {
  it('with the same returns count once, failed ones too', () => {
    const records = [
      record({ returns: ['a', 'b'], failed: ['x'] }),
      record({ kind: 'backtest', returns: ['b', 'c'], failed: ['x', 'y'] }),
    ]
    expect(countTrials(records, subject)).toMatchObject({ trials: 5, failed: 2, records: 2, sources: 1 })
  })

  it('hang together by name where the source was edited, by source where it was renamed, over any number of steps', () => {
    const edited = record({ sourceHash: 's2', returns: ['b'] })
    const renamed = record({ strategy: 'yours', sourceHash: 's2', returns: ['c'] })
    const editedAgain = record({ strategy: 'yours', sourceHash: 's3', returns: ['d'] })
    const foreign = record({ strategy: 'other', sourceHash: 's9', returns: ['e'] })
    expect(count(editedAgain, renamed, edited, foreign)).toBe(3)
    expect(countTrials([editedAgain, renamed, edited], subject)).toMatchObject({ names: ['mine', 'yours'], sources: 3 }) // prettier-ignore
    expect(count(editedAgain)).toBe(0)
  })

  it('hang together by what they did, too: a copy under another name is no new idea', () => {
    const tried = record({ returns: ['a', 'b', 'c'] })
    const copied = record({ strategy: 'new', sourceHash: 's7', returns: ['c', 'd'] })
    const fresh = { strategy: 'new', sourceHash: 's7', bases: ['BTC'], startTime: 0, endTime: 100 }
    for (const records of [[tried, copied], [copied, tried]])
      expect(countTrials(records, fresh)).toMatchObject({ trials: 4, names: ['mine', 'new'], sources: 2 })
    const elsewhere = record({ strategy: 'new', sourceHash: 's7', bases: ['ETH'], returns: ['c', 'd'] })
    expect(countTrials([tried, elsewhere], { ...fresh, bases: ['ETH'] })).toMatchObject({ trials: 2, names: ['new'] })
  }) // prettier-ignore

  it('do not hang together by days on which nothing was held', () => {
    const DAY = 86_400_000
    const flat = returnHash(new Float64Array(30))
    const times = { startTime: 5.5 * DAY, endTime: 36.2 * DAY }
    const mine = record({ ...times, returns: [flat, 'a'] })
    const other = record({ ...times, strategy: 'other', sourceHash: 's9', returns: [flat, 'b'] })
    expect(countTrials([mine, other], { ...subject, ...times })).toMatchObject({ trials: 2, names: ['mine'] })
  })

  it('count where a base asset and a stretch of time are shared, and nowhere else', () => {
    expect(count(record({ bases: ['ETH', 'BTC'], returns: ['a'] }))).toBe(1)
    expect(count(record({ bases: ['ETH'], returns: ['a'] }))).toBe(0)
    expect(count(record({ startTime: 99, endTime: 200, returns: ['a'] }))).toBe(1)
    expect(count(record({ startTime: 100, endTime: 200, returns: ['a'] }))).toBe(0)
  })
})
