import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { setImmediate } from 'node:timers/promises'
import { CheckError, ConfigError, DataError } from '../../core/errors.js'
import { learns } from '../../research/samplers/make-sampler.js'
import { generationCount, proposalsOf, runGenerations } from '../../research/sweep/sweep-loop.js'
import { isDecided } from '../../research/overfitting/sequential-p-value.js'
import { type RandomEntryWhen, wantsRandomEntry } from '../../research/sweep/assess-sweep.js'
import { KeptTrials } from '../../research/sweep/kept-trials.js'
import type { TrialRow } from '../../research/sweep/trial-row.js'
import type { Sequence } from '../../research/overfitting/trial-returns.js'
import { countTrials, type LedgerRecord } from '../../research/trial-ledger.js'
import { canonicalJson } from '../../core/canonical-json.js'
import { withDuckDB } from '../../store/duckdb.js'
import { appendToLedger, readLedger } from '../ledger.js'
import { strategySource } from '../strategy-source.js'
import { TrialWorkers } from '../trial-workers.js'
import { threadExecutor, type Executor, type OpenExecutor } from './executor.js'
import { resultOf } from './judge.js'
import { evaluateOn, requireMemory, type PreparedSweep } from './prepare.js'
import { groundDifferences, isSameAsked, sweepId } from './question.js'
import { RowsFile } from './rows-file.js'
import type { LedgerFigures, SweepResult } from './result.js'
import { createSweep, listSweeps, withSweepLock, type SweepCreated, type SweepFolder } from './sweep-store.js'

/** How far a sweep is. */
export interface SweepProgress {
  readonly trials: number
  readonly of: number
  /** Trials that were run just now rather than read. */
  readonly newTrials: number
  /** The best complete row so far. */
  readonly best: TrialRow | undefined
}

export interface RunSweepOptions {
  readonly sweepsFolder: string
  readonly ledgerFolder: string
  readonly created: Omit<SweepCreated, 'strategySource'>
  /** Threads of this process: they run the trials, unless `openExecutor` has others do it, and judge. */
  readonly workers: number
  /** Who runs the trials. Default: threads of this process. */
  readonly openExecutor?: OpenExecutor
  /** Goes on with a sweep that was begun. */
  readonly resume: boolean
  /** Bytes of memory that may be taken. */
  readonly availableMemory: number
  readonly onProgress?: (progress: SweepProgress) => void
  /** Default: where the verdict hangs on them. */
  readonly randomEntry?: RandomEntryWhen
  /** See `RandomEntryOptions`; given, a finished sweep that was decided by fewer is judged again. */
  readonly mostReplicates?: number
  /** Told once all trials are there, of each step of judging them. */
  readonly onStage?: (stage: string) => void
  /** Told, before its trials are read, why a finished sweep is judged again. */
  readonly onJudgedAgain?: (why: string) => void
}

export interface FinishedSweep {
  readonly sweep: SweepFolder
  readonly result: SweepResult
  /** It was finished before: nothing was run. */
  readonly existed: boolean
}

/**
 * Runs a sweep to its end, or shows that it was run. Every generation is stored as it is complete, so that an interruption costs the one under way. Throws
 * ConfigError where the sweep was begun and is not to be resumed, CheckError where what it stands on has changed, DataError where another
 * process runs it.
 */
export async function runSweep(prepared: PreparedSweep, options: RunSweepOptions): Promise<FinishedSweep> {
  const { sweepsFolder, resume, workers } = options
  const id = sweepId(prepared.question)
  return withSweepLock(sweepsFolder, id, async () => {
    const sweep = await beginSweep(prepared, options)
    const before = await sweep.result()
    await sweep.clean(before !== undefined)
    if (before !== undefined) {
      const why = await whyAgain(prepared, before, options)
      if (why === undefined) return { sweep, result: before, existed: true }
      options.onJudgedAgain?.(why)
    }
    const stored = await sweep.generations()
    if (stored.size > 0 && !resume && before === undefined) {
      const all = generationCount(prepared.request.asked.trials, prepared.request.asked.generationTrials)
      throw new ConfigError(`this sweep was begun, ${stored.size} of ${all} generations are there: go on with --resume, or remove it with baleen sweeps rm ${id}`, { file: sweep.folder }) // prettier-ignore
    }
    requireMemory(prepared, workers, options.availableMemory)
    const pool = new TrialWorkers(workers)
    const file = (name: string): RowsFile => new RowsFile(join(sweep.folder, `.${name}.${process.pid}.tmp`))
    const [kept, returns] = [file('rows'), file('returns')]
    try {
      const executor = (await options.openExecutor?.(prepared, sweep)) ?? threadExecutor(pool, prepared)
      const rows = new KeptTrials(prepared.request.asked.strategy.params, kept, returns)
      await search(prepared, sweep, executor, rows, options).finally(() => executor.close())
      const result = await finishSweep(prepared, sweep, rows, pool, options, before?.ledger)
      return { sweep, result, existed: false }
    } finally {
      kept.close()
      returns.close()
      await pool.close()
    }
  })
}

/** Makes or opens the sweep's folder. */
export async function beginSweep(
  prepared: PreparedSweep,
  options: Pick<RunSweepOptions, 'sweepsFolder' | 'created' | 'resume'>,
): Promise<SweepFolder> {
  const { sweepsFolder, created, resume } = options
  if (resume) await refuseOtherGround(prepared, sweepsFolder)
  const source = strategySource(prepared.request.strategyFile)
  return createSweep(sweepsFolder, prepared.question, { ...created, strategySource: source.entry }, source)
}

/** A resumed sweep must stand on what it was begun on: else its trials would be of two kinds. */
async function refuseOtherGround({ question }: PreparedSweep, sweepsFolder: string): Promise<void> {
  const id = sweepId(question)
  const same = (await listSweeps(sweepsFolder)).flatMap((one) =>
    'sweep' in one && isSameAsked(one.sweep.question.asked, question.asked) ? [one.sweep] : [],
  )
  if (same.some((one) => one.id === id)) return
  const [other] = same.filter((one) => !one.isFinished)
  if (other === undefined) return
  const [first = '', ...more] = groundDifferences(other.question.ground, question.ground)
  throw new CheckError(
    `the sweep that was begun stands on other data or code and cannot go on: ${first}${more.length === 0 ? '' : ` and ${more.length} more`}; put that back, or begin anew without --resume`,
    { file: other.folder },
  )
}

async function search(
  prepared: PreparedSweep,
  sweep: SweepFolder,
  executor: Executor,
  rows: KeptTrials,
  { ledgerFolder, onProgress }: RunSweepOptions,
): Promise<void> {
  const { asked } = prepared.request
  const files = await sweep.generations()
  const recorded = new Set((await readLedger(ledgerFolder)).records.map(({ from }) => from))
  let newTrials = 0
  let best: TrialRow | undefined
  await withDuckDB(async (connection) =>
    runGenerations({
      space: prepared.space,
      sampler: prepared.sampler(),
      trials: asked.trials,
      generationTrials: asked.generationTrials,
      stored: async (index) => {
        const file = files.get(index)
        return file === undefined ? undefined : sweep.read(connection, file)
      },
      evaluate: (proposals) => executor.evaluate(proposals),
      // Results are taken in, and further trials handed out, between two proposals.
      pause: () => setImmediate(),
      onGeneration: async ({ index, rows: of, isNew }) => {
        if (isNew) {
          await sweep.write(connection, index, of)
          await executor.onStored()
        }
        const record = ledgerRecord(prepared, index, of)
        if (!recorded.has(record.from)) await appendToLedger(ledgerFolder, record)
        // They were tried, and count.
        if (index === 0) refuseAllFailed(of)
        for (const row of of) {
          rows.add(row)
          const isBetter =
            row.status === 'complete' &&
            (best === undefined || (row.score as number) > (best.score as number))
          if (isBetter) best = row
        }
        if (isNew) newTrials += of.length
        // What is stored is read in one go, and told of once.
        if (isNew || !files.has(index + 1))
          onProgress?.({ trials: rows.length, of: asked.trials, newTrials, best })
      },
    }),
  )
}

/** Where the first trials all fail alike, it is not the trials that fail. */
function refuseAllFailed(rows: readonly TrialRow[]): void {
  const [first] = rows
  if (first?.status !== 'failed' || rows.some(({ reason }) => reason !== first.reason)) return
  throw new DataError(`all of the first ${rows.length} trials fail: ${first.reason ?? ''}`)
}

/**
 * Why a finished sweep is to be judged again; undefined where it is not. A verdict counts what had been tried when it was made: it is made again once more was tried, or the
 * ledger cannot be trusted; and where random entries were left out, or tried fewer times, than is asked for now or the verdict hangs on.
 */
async function whyAgain(
  prepared: PreparedSweep,
  { judgement, ledger: before }: Pick<SweepResult, 'judgement' | 'ledger'>,
  { randomEntry = 'decisive', mostReplicates, ledgerFolder }: RunSweepOptions,
): Promise<string | undefined> {
  if (judgement !== undefined && wantsRandomEntry(judgement, randomEntry)) {
    const tried = judgement.randomEntry
    if (tried === undefined) return 'random entries have not been tried'
    if (mostReplicates !== undefined && tried.replicates > 0 && !isDecided(tried, { mostReplicates }))
      return `random entries were tried ${tried.replicates} times, ${mostReplicates} are asked for`
  }
  const { trials, problem } = await ledgerFigures(prepared, ledgerFolder, before)
  if (problem !== before.problem)
    return problem === undefined ? 'the ledger is whole again' : `the ledger is not what it was: ${problem}`
  return trials > before.trials
    ? `the ledger counts ${trials} trials now, ${before.trials} when this sweep was judged`
    : undefined
}

/**
 * Counts the family's trials and judges the sweep; it is finished then.
 * @param before what was counted when it was judged before
 */
export async function finishSweep(
  prepared: PreparedSweep,
  sweep: SweepFolder,
  rows: Sequence<TrialRow>,
  workers: TrialWorkers,
  options: Pick<RunSweepOptions, 'ledgerFolder' | 'randomEntry' | 'mostReplicates' | 'onStage'>,
  before?: LedgerFigures,
): Promise<SweepResult> {
  options.onStage?.('counting trials')
  const ledger = await ledgerFigures(prepared, options.ledgerFolder, before)
  const result = await resultOf(prepared, rows, ledger, {
    ...options,
    workers,
    tried: await sweep.triedOffsets(),
  })
  await sweep.removeParts()
  await sweep.finish(result)
  return result
}

/** What the ledger counts. Trials that were counted once stay counted: a ledger that counts fewer than before has lost some, or is another. */
async function ledgerFigures(
  { subject, question }: PreparedSweep,
  folder: string,
  before?: LedgerFigures,
): Promise<LedgerFigures> {
  const { records, problem: broken } = await readLedger(folder)
  const id = sweepId(question)
  const counted = countTrials(records, subject)
  const most = Math.max(counted.trials, before?.trials ?? 0)
  const lost =
    counted.trials < most
      ? `it counts ${counted.trials} trials where ${most} were counted when this sweep was judged before: records were lost, or it is another ledger`
      : undefined
  const problem = broken ?? lost
  return {
    ...counted,
    trials: most,
    isNew: problem === undefined && records.every(({ from }) => from.startsWith(`${id}/`)),
    ...(problem === undefined ? {} : { problem }),
  }
}

export function ledgerRecord(
  { subject, question }: PreparedSweep,
  index: number,
  rows: readonly TrialRow[],
): LedgerRecord {
  const failed = rows.filter(({ figures }) => figures === undefined)
  return {
    at: new Date().toISOString(),
    kind: 'sweep',
    from: `${sweepId(question)}/${index}`,
    ...subject,
    returns: [...new Set(rows.flatMap(({ figures }) => (figures === undefined ? [] : [figures.returnHash])))],
    failed: failed.map(({ point }) => digest(`${question.ground.source}${canonicalJson(point)}`)),
  }
}

function digest(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16)
}

/** Runs one generation of a sweep whose sampler does not learn: on any machine, in any order. Answers whether it was there already. */
export async function runChunk(
  prepared: PreparedSweep,
  sweep: SweepFolder,
  index: number,
  workers: number,
): Promise<{ readonly rows: readonly TrialRow[]; readonly existed: boolean }> {
  const { asked } = prepared.request
  requireSpaceFilling(prepared)
  const proposals = proposalsOf(prepared.sampler(), asked.trials, asked.generationTrials, index)
  const last = generationCount(asked.trials, asked.generationTrials) - 1
  if (!(Number.isInteger(index) && index >= 0) || proposals.length === 0)
    throw new ConfigError(`chunks are 0 to ${last}`, { field: 'chunk', value: index })
  return withDuckDB(async (connection) => {
    const file = (await sweep.generations()).get(index)
    if (file !== undefined) return { rows: await sweep.read(connection, file), existed: true }
    const pool = new TrialWorkers(workers)
    try {
      const rows = await evaluateOn(pool, prepared, proposals)
      await sweep.write(connection, index, rows)
      return { rows, existed: false }
    } finally {
      await pool.close()
    }
  })
}

/** Refuses a sampler that learns: what it proposes next depends on what all chunks before came to. */
export function requireSpaceFilling({ request: { asked } }: PreparedSweep): void {
  if (learns(asked.sampler))
    throw new ConfigError('chunks cannot run side by side under a sampler that learns from the trials before: take sobol, random or grid', { field: '--sampler', value: asked.sampler }) // prettier-ignore
}

/** Puts the chunks of a sweep together and finishes it. Throws DataError naming the chunks that are missing. */
export async function collectChunks(
  prepared: PreparedSweep,
  options: RunSweepOptions,
): Promise<FinishedSweep> {
  requireSpaceFilling(prepared)
  const sweep = await beginSweep(prepared, options)
  const { trials, generationTrials } = prepared.request.asked
  const there = await sweep.generations()
  const missing = Array.from({ length: generationCount(trials, generationTrials) }, (_, at) => at).filter(
    (index) =>
      !there.has(index) && proposalsOf(prepared.sampler(), trials, generationTrials, index).length > 0,
  )
  if (missing.length > 0)
    throw new DataError(`${missing.length} chunks are missing: ${missing.slice(0, 20).join(', ')}${missing.length > 20 ? ', …' : ''}`, { file: sweep.folder }) // prettier-ignore
  return runSweep(prepared, { ...options, resume: true })
}
