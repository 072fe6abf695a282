import { hostname } from 'node:os'
import type { Command } from 'commander'
import { CheckError, ConfigError } from '../core/errors.js'
import { parseDuration } from '../core/time.js'
import { defaultWorkers } from '../jobs/sweep/prepare.js'
import { runWorker, type WorkerReport } from '../jobs/sweep/queue/worker.js'
import { formatValue } from '../metrics/format.js'
import { wholeNumber } from './arguments.js'
import { ioOf, printable, type Io } from './io.js'
import { addQueueOptions, queueOf, type QueueFlags } from './queue-options.js'

interface Flags extends QueueFlags {
  readonly jobs?: number
  readonly name?: string
  readonly once?: boolean
  readonly idle?: string
  readonly sweeps?: string
  readonly data: string
}

/** `worker --queue ADDRESS`: runs trials of sweeps that ask for help at a queue. */
export function addWorkerCommand(program: Command): void {
  addQueueOptions(program.command('worker'), 'where sweeps ask for workers')
    .description('run trials of sweeps that were started with --executor bullmq, on this machine or another')
    .option('--jobs <n>', 'threads (default: one a processor)', wholeNumber)
    .option('--name <text>', 'what sweeps call this worker (default: host and process)')
    .option('--once', 'end with the first sweep that was served or refused')
    .option('--idle <duration>', 'end after so long without a job (default: never)')
    .option(
      '--sweeps <dir>',
      'folder of the stored sweeps on this machine (default: where each sweep has it)',
    )
    .addHelpText(
      'after',
      `
Examples:
  baleen worker --queue redis://queue.example:6379
  baleen worker --queue redis://127.0.0.1:6379/1 --jobs 8 --idle 10m
  baleen worker --queue redis://queue.example:6379 --sweeps /mnt/research/.baleen/sweeps --data /mnt/research/data

Data, code and strategy must be those of the sweep: a worker where they differ refuses, and the sweep says which one and why. --data says where the data
are on this machine. Ctrl-C finishes the job under way, a second one gives it back. Who can write to the queue decides what workers run: keep it private.`,
    )
    .action(async (_options: unknown, command: Command) => {
      const io = ioOf(command)
      const flags = command.optsWithGlobals<Flags>()
      const { address, lostForMs } = queueOf(flags)
      const name = flags.name ?? `${hostname()}/${process.pid}`
      const threads = threadsOf(flags)
      const stop = stopSignals(io)
      io.log(`Worker ${printable(name)} at ${address.text}: ${threads} threads, waiting for sweeps`)
      let report: WorkerReport
      try {
        report = await runWorker({
          address,
          lostForMs,
          name,
          threads,
          once: flags.once === true,
          idleMs: flags.idle === undefined ? undefined : parseDuration(flags.idle, '--idle'),
          sweepsFolder: flags.sweeps,
          // The option is the program's: here its default means where each sweep found its data.
          dataFolder: command.getOptionValueSourceWithGlobals('data') === 'cli' ? flags.data : undefined,
          workingFolder: process.cwd(),
          finish: stop.finish,
          giveBack: stop.giveBack,
          onMessage: (text) => io.log(printable(text)),
          onJob: (text) => io.log(printable(text)),
        })
      } finally {
        stop.forget()
      }
      printReport(io, report)
      const [refused] = report.refused
      if (flags.once === true && report.sweeps.length === 0 && refused !== undefined)
        throw new CheckError(`sweep ${refused.sweepId} was refused: ${refused.reason}`)
      stop.exitAsTold()
    })
}

function threadsOf({ jobs }: Flags): number {
  if (jobs === undefined) return defaultWorkers()
  if (jobs >= 1) return jobs
  throw new ConfigError('must be at least 1', { field: '--jobs', value: jobs })
}

interface StopSignals {
  readonly finish: AbortSignal
  readonly giveBack: AbortSignal
  /** Ends the process with the code of the signal that ended the work; does nothing where none did. */
  exitAsTold(): void
  forget(): void
}

/** Ctrl-C finishes the job under way; again, or SIGTERM, gives it back. In place of ending the process at once, as elsewhere. */
function stopSignals(io: Io): StopSignals {
  const [finish, giveBack] = [new AbortController(), new AbortController()]
  let exitCode: number | undefined
  const onInterrupt = (): void => {
    exitCode = 130
    if (finish.signal.aborted) giveBack.abort()
    else {
      finish.abort()
      io.log('Finishing the job under way; Ctrl-C again gives it back to the queue')
    }
  }
  const onTerminate = (): void => {
    exitCode = 143
    io.log('Giving the job under way back to the queue')
    giveBack.abort()
  }
  const before = { SIGINT: process.listeners('SIGINT'), SIGTERM: process.listeners('SIGTERM') }
  process.removeAllListeners('SIGINT').on('SIGINT', onInterrupt)
  process.removeAllListeners('SIGTERM').on('SIGTERM', onTerminate)
  return {
    finish: finish.signal,
    giveBack: giveBack.signal,
    exitAsTold: () => {
      if (exitCode !== undefined) process.exit(exitCode)
    },
    forget: () => {
      process.off('SIGINT', onInterrupt).off('SIGTERM', onTerminate)
      for (const listener of before.SIGINT) process.on('SIGINT', listener)
      for (const listener of before.SIGTERM) process.on('SIGTERM', listener)
    },
  }
}

function printReport(io: Io, report: WorkerReport): void {
  if (io.json) {
    io.printJson(report)
    return
  }
  for (const { sweepId, jobs, trials } of report.sweeps)
    io.print(`Sweep ${io.bold(printable(sweepId))}: ${formatValue(trials, 'count')} trials in ${formatValue(jobs, 'count')} jobs`) // prettier-ignore
  for (const { sweepId, reason } of report.refused)
    io.print(`Sweep ${io.bold(printable(sweepId))}: ${io.yellow('refused')}: ${printable(reason)}`)
  if (report.sweeps.length + report.refused.length === 0) io.print('No sweep asked for this worker')
}
