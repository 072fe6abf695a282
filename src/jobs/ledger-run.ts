import type { Instrument } from '../core/instrument.js'
import type { BacktestResult } from '../core/result.js'
import { measureRun } from '../metrics/measured-run.js'
import { returnHash } from '../research/overfitting/trial-returns.js'
import type { LedgerRecord } from '../research/trial-ledger.js'
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
