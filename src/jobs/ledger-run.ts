import type { Instrument } from '../core/instrument.js'
import type { BacktestResult } from '../core/result.js'
import { measureRun } from '../metrics/measured-run.js'
import { returnHash } from '../research/overfitting/trial-returns.js'
import type { LedgerRecord } from '../research/trial-ledger.js'
import type { WalkForwardReport } from '../report/walk-forward-report.js'
import { appendToLedger, readLedger } from './ledger.js'
import type { ExecutedRun } from './run.js'
import { sourceHash } from './strategy-source.js'

/** A backtest typed by hand is a trial too: writes it to the ledger, once. */
export function recordRun(
  ledgerFolder: string,
  runId: string,
  strategyFile: string,
  { backtest, files }: ExecutedRun,
): Promise<void> {
  const { strategy, instruments } = files.manifest.inputs
  const of = { strategy: strategy.name, sourceHash: sourceHash(strategyFile) }
  return recordBacktest(ledgerFolder, runId, of, instruments, backtest.result)
}

/** The same for a backtest that is not stored. `from`: what it is known by; one that is there already is not written again. */
export async function recordBacktest(
  ledgerFolder: string,
  from: string,
  of: Pick<LedgerRecord, 'strategy' | 'sourceHash'>,
  instruments: readonly Pick<Instrument, 'base'>[],
  result: BacktestResult,
): Promise<void> {
  const { records } = await readLedger(ledgerFolder)
  if (records.some((record) => record.from === from)) return
  const { daily } = measureRun(result)
  await appendToLedger(ledgerFolder, {
    at: new Date().toISOString(),
    kind: 'backtest',
    from,
    ...of,
    bases: [...new Set(instruments.map(({ base }) => base))].sort(),
    startTime: (result.equity.time[0] as number) - result.timeframeMs,
    endTime: result.equity.time.at(-1) as number,
    // A ruined account has no returns: it is told by its run.
    returns: daily.length === 0 ? [] : [returnHash(daily)],
    failed: daily.length === 0 ? [from] : [],
  })
}

/** A walk-forward analysis is a trial too: of all its windows end to end, since that is what another one would be chosen over. */
export async function recordWalkForward(
  ledgerFolder: string,
  id: string,
  strategyFile: string,
  instruments: readonly Pick<Instrument, 'base'>[],
  { strategy, windows, outOfSample: { returns } }: WalkForwardReport,
): Promise<void> {
  const { records } = await readLedger(ledgerFolder)
  const [first, last] = [windows[0], windows.at(-1)]
  if (first === undefined || last === undefined || records.some(({ from }) => from === id)) return
  await appendToLedger(ledgerFolder, {
    at: new Date().toISOString(),
    kind: 'walk-forward',
    from: id,
    strategy,
    sourceHash: sourceHash(strategyFile),
    bases: [...new Set(instruments.map(({ base }) => base))].sort(),
    startTime: first.training.startMs,
    endTime: last.test.endMs,
    returns: returns.length === 0 ? [] : [returnHash(Float64Array.from(returns))],
    failed: returns.length === 0 ? [id] : [],
  })
}
