import { measureRun } from '../metrics/measured-run.js'
import { returnHash } from '../research/overfitting/trial-returns.js'
import type { LedgerRecord } from '../research/trial-ledger.js'
import { appendToLedger, readLedger } from './ledger.js'
import type { ExecutedRun } from './run.js'
import { sourceHash } from './strategy-source.js'

/** A backtest typed by hand is a trial too: writes it to the ledger, once. */
export async function recordRun(
  ledgerFolder: string,
  runId: string,
  strategyFile: string,
  run: ExecutedRun,
): Promise<void> {
  const { records } = await readLedger(ledgerFolder)
  if (records.some(({ from }) => from === runId)) return
  await appendToLedger(ledgerFolder, recordOf(runId, strategyFile, run))
}

function recordOf(runId: string, strategyFile: string, { backtest, files }: ExecutedRun): LedgerRecord {
  const { result } = backtest
  const { strategy, instruments } = files.manifest.inputs
  const { daily } = measureRun(result)
  return {
    at: new Date().toISOString(),
    kind: 'backtest',
    from: runId,
    strategy: strategy.name,
    sourceHash: sourceHash(strategyFile),
    bases: [...new Set(instruments.map(({ base }) => base))].sort(),
    startTime: (result.equity.time[0] as number) - result.timeframeMs,
    endTime: result.equity.time.at(-1) as number,
    // A ruined account has no returns: it is told by its run.
    returns: daily.length === 0 ? [] : [returnHash(daily)],
    failed: daily.length === 0 ? [runId] : [],
  }
}
