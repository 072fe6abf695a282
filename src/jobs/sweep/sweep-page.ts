import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { ConfigError } from '../../core/errors.js'
import { sweepPage, type SweepReport, type SweepTrial } from '../../report/index.js'
import { dailySharpe } from '../../research/overfitting/deflated-sharpe.js'
import type { Point } from '../../research/search-space.js'
import { conditionText } from '../../research/sweep/conditions.js'
import { parseObjective } from '../../research/sweep/objective.js'
import { seededSample } from '../../research/sweep/seeded-sample.js'
import { KeptTrials, RowsInMemory, type RowStore } from '../../research/sweep/kept-trials.js'
import type { TrialRow } from '../../research/sweep/trial-row.js'
import { withDuckDB } from '../../store/duckdb.js'
import { loadPageKit } from '../page-kit.js'
import { writePage } from '../write-page.js'
import { chargedOf } from './charged.js'
import { gridDrawnFrom } from './question.js'
import type { SweepResult } from './result.js'
import { RowsFile } from './rows-file.js'
import type { SweepFolder } from './sweep-store.js'

/** The page inside a sweep's folder. It says the command as it was typed, and so is no part of what a resumed sweep has byte for byte. */
export const SWEEP_PAGE_FILE = 'report.html'

/** Trials whose equity the band of the others is made of. */
const BAND_TRIALS = 200

/**
 * Makes the page of a finished sweep from what is stored of it, and nothing else: the same bytes whenever it is made. Answers where it lies. O(trials · days); one
 * generation of daily returns is in memory at a time. Throws ConfigError where the sweep is not finished, DataError naming a file that is not as it was stored.
 * @param commandOf the command that replays a trial
 * @param out default: in the sweep's folder
 */
export async function writeSweepPage(
  sweep: SweepFolder,
  commandOf: (point: Point) => string | undefined,
  out: string = join(sweep.folder, SWEEP_PAGE_FILE),
): Promise<string> {
  const result = await sweep.result()
  if (result === undefined) throw new ConfigError('this sweep is not finished: go on with it by its command and --resume', { file: sweep.folder, field: 'sweep', value: sweep.id }) // prettier-ignore
  const folder = await mkdtemp(join(tmpdir(), 'baleen-page-'))
  const rows = new RowsFile(join(folder, 'rows'))
  try {
    await writePage(out, sweepPage(await loadPageKit(), await sweepReport(sweep, result, commandOf, rows)))
  } finally {
    rows.close()
    await rm(folder, { recursive: true, force: true })
  }
  return out
}

/**
 * Everything that is shown of a finished sweep, from its folder. Throws DataError naming a file that is not as it was stored.
 * @param rows keeps figures of the trials for as long as the report is looked at
 */
export async function sweepReport(
  sweep: SweepFolder,
  result: SweepResult,
  commandOf: SweepReport['commandOf'],
  rows: RowStore = new RowsInMemory(),
): Promise<SweepReport> {
  const { id, question, created } = sweep
  const { asked, ground } = question
  const { search, strategy } = asked
  const { counts, judgement, checks, walkForward, ledger, plateau, stability, synthetic } = result
  const best = result.best[0]?.number
  const { trials, returns } = await readTrials(sweep, result.trials, best, rows)
  return {
    id,
    strategy: strategy.name,
    preset: strategy.preset,
    synthetic,
    instruments: asked.instruments.map((instrument) => instrument.id),
    timeframeMs: asked.timeframeMs,
    range: asked.range,
    charged: chargedOf(asked),
    dimensions: search.dimensions,
    fixed: Object.entries(search.fixed).map(([name, value]) => `${name}=${value}`),
    constraints: [...search.constraints.map(({ left, operator, right }) => `${left}${operator}${right}`), ...asked.conditions.map(conditionText)], // prettier-ignore
    objective: parseObjective(asked.objective),
    sampler: asked.sampler,
    seed: asked.seed,
    asked: asked.trials,
    drawnFrom: gridDrawnFrom(asked),
    trials,
    counts,
    judgement,
    checks,
    walkForward,
    ledger,
    plateau,
    stability,
    returns,
    commandOf,
    reproduce: [
      ['Command', created.command],
      ['Data', ground.data.hash],
      ['Strategy file and its imports', ground.source],
      ['Decision code', ground.code.decision],
      ['Versions', Object.entries(created.versions).sort().map(([name, version]) => `${name} ${version}`).join(', ')],
    ], // prettier-ignore
  }
}

/** All trials, and the daily returns of the best and of some others. */
async function readTrials(
  sweep: SweepFolder,
  count: number,
  best: number | undefined,
  rows: RowStore,
): Promise<Pick<SweepReport, 'trials' | 'returns'>> {
  const sampled = new Set(seededSample(count, BAND_TRIALS, sweep.question.asked.seed, 3))
  const files = [...(await sweep.generations())].sort(([a], [b]) => a - b)
  const kept = new KeptTrials(sweep.question.asked.strategy.params, rows, NO_RETURNS)
  const trials: SweepTrial[] = []
  const others: Float64Array[] = []
  let ofBest: Float64Array | undefined
  await withDuckDB(async (connection) => {
    for (const [, file] of files)
      for (const row of await sweep.read(connection, file)) {
        const returns = wholeReturns(row)
        kept.add(row)
        trials.push(trialOf(row, returns, kept))
        if (row.number === best) ofBest = returns
        else if (returns !== undefined && sampled.has(row.number)) others.push(returns)
      }
  })
  return {
    trials,
    returns: ofBest === undefined ? undefined : { best: ofBest, others, isSample: count > BAND_TRIALS },
  }
}

/** Undefined for a failed trial and for one whose equity was not positive throughout. */
function wholeReturns({ figures }: TrialRow): Float64Array | undefined {
  return figures?.dailyReturns.every((value) => Number.isFinite(value)) === true ? figures.dailyReturns : undefined // prettier-ignore
}

/** The page draws them before they are gone. */
const NO_RETURNS: RowStore = {
  add: () => undefined,
  at: () => {
    throw new Error('daily returns are not kept for a page')
  },
}

/** Statistics are looked up when they are asked for: those of a million trials are objects enough to fill the memory. */
function trialOf(row: TrialRow, returns: Float64Array | undefined, kept: KeptTrials): SweepTrial {
  const { number, point, isSpaceFilling, status, reason, score } = row
  return {
    number,
    point,
    isSpaceFilling,
    status,
    reason,
    score,
    dailySharpe: returns === undefined ? undefined : dailySharpe(returns),
    get statistics() {
      return kept.at(number)?.figures?.statistics
    },
  }
}
