import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import { DEFAULT_LEDGER_FOLDER } from '../jobs/ledger.js'
import { versions } from '../jobs/package-info.js'
import type { OpenExecutor } from '../jobs/sweep/executor.js'
import { defaultWorkers, prepareSweep, requireMemory, type PreparedSweep } from '../jobs/sweep/prepare.js'
import {
  beginSweep,
  collectChunks,
  requireSpaceFilling,
  runChunk,
  runSweep,
  type FinishedSweep,
  type RunSweepOptions,
} from '../jobs/sweep/run-sweep.js'
import { isBegun } from '../jobs/sweep/resumed.js'
import { FEWEST_REPLICATES, requireReplicates } from '../jobs/sweep/random-entry.js'
import { queueExecutor } from '../jobs/sweep/queue/queue-executor.js'
import { prepareStored, requireSameVersions } from '../jobs/sweep/stored-ground.js'
import { DEFAULT_SWEEPS_FOLDER, findSweep, type SweepFolder } from '../jobs/sweep/sweep-store.js'
import { writeSweepPage } from '../jobs/sweep/sweep-page.js'
import { RANDOM_ENTRY_WHEN, type RandomEntryWhen } from '../research/sweep/assess-sweep.js'
import { MOST_REPLICATES } from '../research/overfitting/sequential-p-value.js'
import { generationCount } from '../research/sweep/sweep-loop.js'
import { parseObjective } from '../research/sweep/objective.js'
import { statusCounts } from '../research/sweep/trial-row.js'
import { commandLine, wholeNumber } from './arguments.js'
import { ioOf, printable, type Io } from './io.js'
import { addQueueOptions, queueOf, wordsWithoutPassword, type QueueFlags } from './queue-options.js'
import { addSweepOptions, backtestWords, sweepRequest, type SweepFlags } from './sweep-options.js'
import { openFile } from './open-file.js'
import { backtestCommand, printSweep, sweepJson } from './sweep-print.js'
import { ProgressTeller } from './sweep-progress.js'

interface Flags extends SweepFlags, QueueFlags {
  readonly executor: string
  readonly jobs?: number
  readonly resume?: boolean
  readonly randomEntry: string
  readonly randomEntryReplicates?: number
  readonly sweeps: string
  readonly ledger: string
  readonly open?: boolean
}

const EXECUTORS = ['local', 'bullmq'] as const

const SWEEP_ARGUMENT = 'sweep id, the beginning of it or of its hash, or latest'

/** `sweep STRATEGY`, `sweep plan|run-chunk|collect`. */
export function addSweepCommand(program: Command, given: readonly string[]): void {
  const words = wordsWithoutPassword(given)
  const sweep = program.command('sweep').argument('[strategy]', 'name or file of a strategy')
  addSweepOptions(sweep)
    .description('run many parameter sets of a strategy, keep every trial, judge whether the best is luck')
    .option('--jobs <n>', 'threads (default: one a processor); any number gives the same trials', wholeNumber)
    .option('--resume', 'go on with this sweep where it was interrupted')
    .option('--sweeps <dir>', 'folder of the stored sweeps', DEFAULT_SWEEPS_FOLDER)
    .option('--ledger <dir>', 'folder of the ledger of all trials', DEFAULT_LEDGER_FOLDER)
    .option(
      '--random-entry <when>',
      `try entries at other times, which takes 10 to 999 times as long as the sweep: ${RANDOM_ENTRY_WHEN.join(', ')} (decisive: where everything else holds)`,
      'decisive',
    )
    .option(
      '--random-entry-replicates <n>',
      `so many of them at most (default: ${MOST_REPLICATES}); ${FEWEST_REPLICATES}, the fewest, and 99 decide at 5 % as exactly, and see less`,
      wholeNumber,
    )
    .option('--open', 'open the page in your browser')
    .option(
      '--executor <name>',
      `who runs the trials: ${EXECUTORS.join(', ')}; local is this machine, bullmq are the workers (baleen worker) at --queue; the trials are the same`,
      'local',
    )
  addQueueOptions(sweep, 'where the workers of --executor bullmq listen')
    .addHelpText(
      'after',
      `
Examples:
  baleen sweep sma-cross -p fast=5:50:5 -p slow=20:200:20 --constraint 'fast<slow'
  baleen sweep trend-breakout --sampler sobol --trials 2000 --constraint 'trades>=30'
  baleen sweep trend-breakout --sampler tpe --trials 1000 --objective calmar --seed 7
  baleen sweep trend-breakout --sampler tpe --trials 1000 --objective calmar --seed 7 --resume
  baleen sweep plan trend-breakout --sampler sobol --trials 100000 --generation 5000
  baleen sweep trend-breakout --sampler sobol --trials 100000 --generation 5000 --executor bullmq --queue redis://queue.example:6379

The same sweep asked again is answered from what is stored. Ctrl-C loses at most the generation under way.`,
    )
    .action(async (strategy: string | undefined, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const io = ioOf(command)
      const { prepared, options } = await prepare(io, strategy, flags, words)
      if (flags.resume === true && !(await isBegun(flags.sweeps, prepared.question)))
        io.log('Nothing of this sweep was there to go on with: it begins now')
      const { key, best } = parseObjective(prepared.request.asked.objective)
      const teller = new ProgressTeller(io, key, best === 'highest' ? 1 : -1)
      const openExecutor = executorOf(io, flags, teller)
      const finished = await sayingHowToGoOn(io, teller, commandLine(words), () =>
        runSweep(prepared, {
          ...options,
          ...(openExecutor === undefined ? {} : { openExecutor }),
          onProgress: (progress) => teller.tell(progress),
          onStage: (stage) => teller.stage(stage),
          onJudgedAgain: (why) => teller.again(why),
        }),
      )
      teller.end()
      if (!finished.existed) io.log(teller.took())
      await printFinished(io, finished, flags)
    })

  sweep
    .command('plan')
    .description('store the question of a sweep, and say how to run its chunks on many machines')
    .argument('[strategy]', 'name or file of a strategy')
    .addHelpText(
      'after',
      `
Takes all options of a sweep. A chunk is a generation (--generation) of a sampler that does not learn: sobol, random or grid.

Example:
  baleen sweep plan trend-breakout --sampler sobol --trials 100000 --generation 5000`,
    )
    .action(async (strategy: string | undefined, _options: unknown, command: Command) => {
      const io = ioOf(command)
      const flags = command.optsWithGlobals<Flags>()
      const { prepared, options } = await prepare(io, strategy, flags, words)
      requireSpaceFilling(prepared)
      const planned = await beginSweep(prepared, options)
      printPlan(io, planned, prepared, flags)
    })

  sweep
    .command('run-chunk')
    .description('run one chunk of a planned sweep; chunks may run side by side, in any order')
    .argument('<sweep>', SWEEP_ARGUMENT)
    .argument('<chunk>', 'its number, from 0', wholeNumber)
    .addHelpText('after', '\nExample:\n  baleen sweep run-chunk trend-breakout-1f0c9a7be24d 3 --jobs 8')
    .action(async (name: string, chunk: number, _options: unknown, command: Command) => {
      const io = ioOf(command)
      refuseOthers(command, ['--jobs', '--sweeps'], CHUNK_WORDS)
      const flags = command.optsWithGlobals<Flags>()
      const stored = await findSweep(flags.sweeps, name)
      requireSameVersions(stored)
      const prepared = await prepareStored(stored, process.cwd(), typedDataFolder(flags, command))
      const { rows, existed } = await runChunk(prepared, stored, chunk, jobsOf(flags))
      const counts = statusCounts(rows)
      if (io.json) io.printJson({ sweepId: stored.id, chunk, existed, trials: rows.length, counts })
      else
        io.print(
          `Chunk ${chunk} of ${stored.id}: ${rows.length} trials ${existed ? 'were there already' : 'stored'}`,
        )
    })

  sweep
    .command('collect')
    .description('put the chunks of a planned sweep together and judge its best trial')
    .argument('<sweep>', SWEEP_ARGUMENT)
    .addHelpText('after', '\nExample:\n  baleen sweep collect trend-breakout-1f0c9a7be24d')
    .action(async (name: string, _options: unknown, command: Command) => {
      const io = ioOf(command)
      refuseOthers(
        command,
        ['--jobs', '--sweeps', '--ledger', '--random-entry', '--random-entry-replicates', '--open'],
        COLLECT_WORDS,
      )
      const flags = command.optsWithGlobals<Flags>()
      const stored = await findSweep(flags.sweeps, name)
      const prepared = await prepareStored(stored, process.cwd(), typedDataFolder(flags, command))
      const { key, best } = parseObjective(prepared.request.asked.objective)
      const teller = new ProgressTeller(io, key, best === 'highest' ? 1 : -1)
      const options = {
        ...runOptions(flags, stored.created),
        onStage: (stage: string) => teller.stage(stage),
        onJudgedAgain: (why: string) => teller.again(why),
      }
      const finished = await collectChunks(prepared, options)
      teller.end()
      if (!finished.existed) io.log(teller.took())
      await printFinished(io, finished, flags)
    })
}

async function prepare(
  io: Io,
  strategy: string | undefined,
  flags: Flags,
  words: readonly string[],
): Promise<{ readonly prepared: PreparedSweep; readonly options: RunSweepOptions }> {
  const command = commandLine(words)
  requireExecutor(flags, words)
  const { request, run } = await sweepRequest(strategy, flags, { workingFolder: process.cwd(), command })
  const prepared = await prepareSweep(request)
  const { asked } = request
  const options = runOptions(flags, {
    createdAt: new Date().toISOString(),
    strategyPath: run.strategyPath,
    dataFolder: run.dataFolder,
    command,
    backtestWords: backtestWords(withConfig(words, flags.config)),
    workingFolder: process.cwd(),
    versions: versions(),
  })
  const { needed } = requireMemory(prepared, options.workers, options.availableMemory)
  const synthetic = prepared.question.ground.data.synthetic ? ', SYNTHETIC DATA' : ''
  const who = flags.executor === 'local' ? `${options.workers} threads` : `workers at ${queueOf(flags).address.text}` // prettier-ignore
  io.log(`${asked.trials} trials at most on ${prepared.market.timeline.openTime.length} bars of ${asked.instruments.length} ${asked.instruments.length === 1 ? 'instrument' : 'instruments'}${synthetic}; ${who}, about ${Math.ceil(needed / 1e6)} MB`) // prettier-ignore
  return { prepared, options }
}

/** The config file that was found by itself: named, it is read from any folder. */
function withConfig(words: readonly string[], config: string | undefined): readonly string[] {
  const isNamed = words.some((word) => word === '--config' || word.startsWith('--config='))
  return config === undefined || isNamed ? words : [...words, '--config', config]
}

const ON_THIS_MACHINE =
  'chunks are run by this machine and need no queue: --executor bullmq is for baleen sweep'
/** Options of a sweep that ask nothing of it, and why a chunk takes none of them. */
const CHUNK_WORDS: Readonly<Record<string, string>> = {
  '--resume': 'not needed: a chunk is stored whole or not at all, one that is there is not run again, and one that was interrupted is run by the same command',
  '--ledger': 'a chunk counts nothing: the ledger is written, and named, when the chunks are collected (baleen sweep collect)',
  '--random-entry': 'a chunk is not judged: random entries are tried when the chunks are collected (baleen sweep collect)',
  '--random-entry-replicates': 'a chunk is not judged: random entries are tried when the chunks are collected (baleen sweep collect)',
  '--open': 'a chunk has no page: it is made when the chunks are collected (baleen sweep collect)',
  '--executor': ON_THIS_MACHINE,
  '--queue': ON_THIS_MACHINE,
  '--queue-wait': ON_THIS_MACHINE,
} // prettier-ignore
const COLLECT_WORDS: Readonly<Record<string, string>> = {
  ...CHUNK_WORDS,
  '--resume': 'not needed: collecting goes on from what is there, and says which chunks are missing',
}

/** A chunk, or all of them, are those of the sweep that was planned: what would ask for another sweep, or says nothing here, is refused rather than passed over. */
function refuseOthers(
  command: Command,
  taken: readonly string[],
  words: Readonly<Record<string, string>>,
): void {
  const [first] = (command.parent?.options ?? []).filter(
    (option) =>
      !taken.includes(option.long ?? '') &&
      command.parent?.getOptionValueSource(option.attributeName()) === 'cli',
  )
  const name = first?.long ?? first?.flags
  if (name !== undefined)
    throw new ConfigError(words[name] ?? 'was settled when the sweep was planned', { field: name })
}

/** `--data` where it was typed: else the data are where the sweep found them. */
function typedDataFolder(flags: Flags, command: Command): string | undefined {
  return command.getOptionValueSourceWithGlobals('data') === 'cli' ? flags.data : undefined
}

/** Undefined for threads of this process. */
function executorOf(io: Io, flags: Flags, teller: ProgressTeller): OpenExecutor | undefined {
  if (flags.executor === 'local') return undefined
  const { address, lostForMs } = queueOf(flags)
  return queueExecutor({
    address,
    lostForMs,
    onMessage: (text) => {
      teller.end()
      io.log(printable(text))
    },
    onStatus: (status) => teller.tellWorkers(status, `baleen worker --queue ${address.text}`),
  })
}

/** Throws ConfigError where the executor is unknown, its queue is no address, or a queue is named that nobody would ask. */
function requireExecutor(flags: Flags, words: readonly string[]): void {
  const { executor } = flags
  if (!EXECUTORS.some((one) => one === executor))
    throw new ConfigError(`no such executor; there are ${EXECUTORS.join(', ')}`, { field: '--executor', value: executor }) // prettier-ignore
  if (executor === 'local') {
    if (words.some((word) => word === '--queue' || word.startsWith('--queue=')))
      throw new ConfigError('a queue is for --executor bullmq: without it the trials run on this machine', { field: '--queue' }) // prettier-ignore
    return
  }
  queueOf(flags)
}

function runOptions(flags: Flags, created: RunSweepOptions['created']): RunSweepOptions {
  return {
    sweepsFolder: flags.sweeps,
    ledgerFolder: flags.ledger,
    created,
    workers: jobsOf(flags),
    resume: flags.resume === true,
    randomEntry: randomEntryWhen(flags),
    ...replicatesOf(flags),
    availableMemory: process.availableMemory(),
  }
}

function randomEntryWhen({ randomEntry }: Flags): RandomEntryWhen {
  const when = RANDOM_ENTRY_WHEN.find((one) => one === randomEntry)
  if (when !== undefined) return when
  throw new ConfigError(`is one of ${RANDOM_ENTRY_WHEN.join(', ')}`, { field: '--random-entry', value: randomEntry }) // prettier-ignore
}

function replicatesOf({ randomEntryReplicates: most }: Flags): Pick<RunSweepOptions, 'mostReplicates'> {
  if (most === undefined) return {}
  requireReplicates('--random-entry-replicates', most)
  return { mostReplicates: most }
}

function jobsOf({ jobs }: Flags): number {
  if (jobs === undefined) return defaultWorkers()
  if (jobs >= 1) return jobs
  throw new ConfigError('must be at least 1', { field: '--jobs', value: jobs })
}

/** Writes the page, and says what came of the sweep. */
async function printFinished(
  io: Io,
  { sweep, result, existed }: FinishedSweep,
  { open }: Flags,
): Promise<void> {
  const page = await writeSweepPage(sweep, (point) => backtestCommand(sweep, point))
  if (io.json) io.printJson({ ...sweepJson(sweep, result, existed), page })
  else {
    printSweep(io, sweep, result)
    io.print(
      `\nSweep ${io.bold(sweep.id)} ${existed ? 'was answered already: this is what is stored' : 'stored'}`,
    )
    io.print(`Folder ${relative(process.cwd(), sweep.folder) || sweep.folder}`)
    io.print(`Page ${relative(process.cwd(), resolve(page))}`)
  }
  if (open === true) await openFile(resolve(page))
}

function printPlan(
  io: Io,
  { id, folder, question }: SweepFolder,
  prepared: PreparedSweep,
  { sweeps, ledger }: Flags,
): void {
  const { trials, generationTrials } = question.asked
  const chunks = generationCount(trials, generationTrials)
  const where = sweeps === DEFAULT_SWEEPS_FOLDER ? '' : ` --sweeps ${sweeps}`
  const runCommand = `baleen sweep run-chunk ${id} CHUNK${where}`
  const counted = ledger === DEFAULT_LEDGER_FOLDER ? '' : ` --ledger ${ledger}`
  const collectCommand = `baleen sweep collect ${id}${where}${counted}`
  if (io.json) {
    io.printJson({ sweepId: id, folder, trials, chunks, chunkTrials: generationTrials, runCommand, collectCommand, synthetic: prepared.question.ground.data.synthetic }) // prettier-ignore
    return
  }
  io.print(
    `Sweep ${io.bold(id)}: ${trials} trials in ${chunks} chunks of ${generationTrials}, 0 to ${chunks - 1}`,
  )
  io.print(`\nEach chunk, on any machine that sees this folder and these data:\n  ${runCommand}`)
  io.print(
    `  # Slurm: sbatch --array=0-${chunks - 1} --wrap 'baleen sweep run-chunk ${id} $SLURM_ARRAY_TASK_ID${where}'`,
  )
  io.print(`  # Kubernetes, an indexed job: baleen sweep run-chunk ${id} $JOB_COMPLETION_INDEX${where}`)
  io.print(`\nThen, once:\n  ${collectCommand}`)
}

/** Ctrl-C and SIGTERM end the process elsewhere; while the work is done, here is said how to go on. */
async function sayingHowToGoOn<T>(
  io: Io,
  teller: ProgressTeller,
  command: string,
  work: () => Promise<T>,
): Promise<T> {
  const say = (): void => {
    teller.end()
    const again = / --resume\b/.test(command) ? command : `${command} --resume`
    io.log(`Interrupted: what is complete is stored. Go on with: ${again}`)
  }
  const signals = ['SIGINT', 'SIGTERM'] as const
  for (const signal of signals) process.prependOnceListener(signal, say)
  try {
    return await work()
  } finally {
    for (const signal of signals) process.removeListener(signal, say)
  }
}
