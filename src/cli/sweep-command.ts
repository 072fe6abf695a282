import { join, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import { DEFAULT_LEDGER_FOLDER } from '../jobs/ledger.js'
import { versions } from '../jobs/package-info.js'
import { recordedDataFolder, recordedFolders } from '../jobs/recorded-folders.js'
import { groundDifferences } from '../jobs/sweep/question.js'
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
import { DEFAULT_SWEEPS_FOLDER, findSweep, type SweepFolder } from '../jobs/sweep/sweep-store.js'
import { writeSweepPage } from '../jobs/sweep/sweep-page.js'
import { RANDOM_ENTRY_WHEN, type RandomEntryWhen } from '../research/sweep/assess-sweep.js'
import { generationCount } from '../research/sweep/sweep-loop.js'
import { parseObjective } from '../research/sweep/objective.js'
import { statusCounts } from '../research/sweep/trial-row.js'
import { commandLine, wholeNumber } from './arguments.js'
import { ioOf, type Io } from './io.js'
import { addSweepOptions, backtestWords, sweepRequest, type SweepFlags } from './sweep-options.js'
import { openFile } from './open-file.js'
import { backtestCommand, printSweep, sweepJson } from './sweep-print.js'
import { ProgressTeller } from './sweep-progress.js'

interface Flags extends SweepFlags {
  readonly jobs?: number
  readonly resume?: boolean
  readonly randomEntry: string
  readonly sweeps: string
  readonly ledger: string
  readonly open?: boolean
}

const SWEEP_ARGUMENT = 'sweep id, the beginning of it or of its hash, or latest'

/** `sweep STRATEGY`, `sweep plan|run-chunk|collect`. */
export function addSweepCommand(program: Command, words: readonly string[]): void {
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
    .option('--open', 'open the page in your browser')
    .addHelpText(
      'after',
      `
Examples:
  baleen sweep sma-cross -p fast=5:50:5 -p slow=20:200:20 --constraint 'fast<slow'
  baleen sweep trend-breakout --sampler sobol --trials 2000 --constraint 'trades>=30'
  baleen sweep trend-breakout --sampler tpe --trials 1000 --objective calmar --seed 7
  baleen sweep trend-breakout --sampler tpe --trials 1000 --objective calmar --seed 7 --resume
  baleen sweep plan trend-breakout --sampler sobol --trials 100000 --generation 5000

The same sweep asked again is answered from what is stored. Ctrl-C loses at most the generation under way.`,
    )
    .action(async (strategy: string | undefined, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const io = ioOf(command)
      const { prepared, options } = await prepare(io, strategy, flags, words)
      const { key, best } = parseObjective(prepared.request.asked.objective)
      const teller = new ProgressTeller(io, key, best === 'highest' ? 1 : -1)
      const finished = await sayingHowToGoOn(io, teller, commandLine(words), () =>
        runSweep(prepared, {
          ...options,
          onProgress: (progress) => teller.tell(progress),
          onStage: (stage) => teller.stage(stage),
        }),
      )
      teller.end()
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
      printPlan(io, planned, prepared, flags.sweeps)
    })

  sweep
    .command('run-chunk')
    .description('run one chunk of a planned sweep; chunks may run side by side, in any order')
    .argument('<sweep>', SWEEP_ARGUMENT)
    .argument('<chunk>', 'its number, from 0', wholeNumber)
    .addHelpText('after', '\nExample:\n  baleen sweep run-chunk trend-breakout-1f0c9a7be24d 3 --jobs 8')
    .action(async (name: string, chunk: number, _options: unknown, command: Command) => {
      const io = ioOf(command)
      const flags = command.optsWithGlobals<Flags>()
      const stored = await findSweep(flags.sweeps, name)
      const prepared = await prepareStored(stored, flags, command)
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
      const flags = command.optsWithGlobals<Flags>()
      const stored = await findSweep(flags.sweeps, name)
      const prepared = await prepareStored(stored, flags, command)
      const { key, best } = parseObjective(prepared.request.asked.objective)
      const teller = new ProgressTeller(io, key, best === 'highest' ? 1 : -1)
      const options = {
        ...runOptions(flags, stored.created),
        onStage: (stage: string) => teller.stage(stage),
      }
      const finished = await collectChunks(prepared, options)
      teller.end()
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
  io.log(`${asked.trials} trials at most on ${prepared.market.timeline.openTime.length} bars of ${asked.instruments.length} ${asked.instruments.length === 1 ? 'instrument' : 'instruments'}${synthetic}; ${options.workers} threads, about ${Math.ceil(needed / 1e6)} MB`) // prettier-ignore
  return { prepared, options }
}

/** The config file that was found by itself: named, it is read from any folder. */
function withConfig(words: readonly string[], config: string | undefined): readonly string[] {
  const isNamed = words.some((word) => word === '--config' || word.startsWith('--config='))
  return config === undefined || isNamed ? words : [...words, '--config', config]
}

/** A sweep that was planned, from what is stored of it: the strategy as it was then, the data where they lay. */
async function prepareStored(sweep: SweepFolder, flags: Flags, command: Command): Promise<PreparedSweep> {
  const { created, question, folder } = sweep
  const isDataGiven = command.getOptionValueSourceWithGlobals('data') === 'cli'
  const folders = recordedFolders({ workingFolder: created.workingFolder }, process.cwd())
  const dataFolder = isDataGiven ? flags.data : recordedDataFolder(folders, created.dataFolder)
  const request = { asked: question.asked, strategyFile: join(folder, created.strategySource), dataFolder }
  const prepared = await prepareSweep(request)
  const [first] = groundDifferences(question.ground, prepared.question.ground)
  if (first !== undefined)
    throw new ConfigError(`this machine's data or code are not those of the sweep: ${first}`, { file: folder }) // prettier-ignore
  return prepared
}

function runOptions(flags: Flags, created: RunSweepOptions['created']): RunSweepOptions {
  return {
    sweepsFolder: flags.sweeps,
    ledgerFolder: flags.ledger,
    created,
    workers: jobsOf(flags),
    resume: flags.resume === true,
    randomEntry: randomEntryWhen(flags),
    availableMemory: process.availableMemory(),
  }
}

function randomEntryWhen({ randomEntry }: Flags): RandomEntryWhen {
  const when = RANDOM_ENTRY_WHEN.find((one) => one === randomEntry)
  if (when !== undefined) return when
  throw new ConfigError(`is one of ${RANDOM_ENTRY_WHEN.join(', ')}`, { field: '--random-entry', value: randomEntry }) // prettier-ignore
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
  sweeps: string,
): void {
  const { trials, generationTrials } = question.asked
  const chunks = generationCount(trials, generationTrials)
  const where = sweeps === DEFAULT_SWEEPS_FOLDER ? '' : ` --sweeps ${sweeps}`
  const runCommand = `baleen sweep run-chunk ${id} CHUNK${where}`
  const collectCommand = `baleen sweep collect ${id}${where}`
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
