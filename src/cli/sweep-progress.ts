import type { QueueStatus } from '../jobs/sweep/queue/queue-executor.js'
import type { SweepProgress } from '../jobs/sweep/run-sweep.js'
import { formatValue } from '../metrics/format.js'
import type { Io } from './io.js'

/** Without a terminal a line is told so often. */
const EVERY_MS = 10_000

/** Tells on stderr how far a sweep is: on a terminal one line that is drawn over, else a line now and then. */
export class ProgressTeller {
  private readonly startedMs: number = performance.now()
  private toldMs: number = -Infinity
  private isDrawn: boolean = false
  private stageName: string = ''
  /** When the trials were begun, and each stage after them. */
  private readonly begun: { readonly name: string; readonly ms: number }[] = []
  /** When what is run now was begun: after what was stored had been read. */
  private runFromMs: number
  private last: SweepProgress | undefined
  private workers: number | undefined
  private workersText: string | undefined

  constructor(
    private readonly io: Io,
    private readonly objective: string,
    /** A score of which less is better has changed its sign. */
    private readonly sign: 1 | -1,
  ) {
    this.runFromMs = this.startedMs
    this.begun.push({ name: 'trials', ms: this.startedMs })
  }

  tell(progress: SweepProgress): void {
    this.last = progress
    if (progress.newTrials === 0) this.runFromMs = performance.now()
    this.tellText()
    if (progress.trials >= progress.of) this.end()
  }

  /** Says who works at the sweep; that nobody does, at once and with what would help. */
  tellWorkers({ workers, threads, jobs, jobsDone }: QueueStatus, workerCommand: string): void {
    if (workers !== this.workers) this.toldMs = -Infinity
    this.workers = workers
    const who = `${workers} ${workers === 1 ? 'worker' : 'workers'}`
    this.workersText =
      workers === 0
        ? `${who}: start one with ${workerCommand}`
        : `${who} (${threads} ${threads === 1 ? 'thread' : 'threads'}), ${jobsDone} of ${jobs} jobs of the generation`
    this.tellText()
  }

  private tellText(): void {
    const now = performance.now()
    const parts = [this.last === undefined ? undefined : this.textOf(this.last, now), this.workersText]
    const text = parts.filter((part) => part !== undefined).join(', ')
    if (this.io.showsProgress) {
      process.stderr.write(`\r\u001b[K${text}`)
      this.isDrawn = true
    } else if (now - this.toldMs >= EVERY_MS) {
      this.toldMs = now
      this.io.log(text)
    }
  }

  /** What is done with the trials once all are there: `walking forward, window 2 of 6`. Each stage is told, how far it is now and then. */
  stage(text: string): void {
    const now = performance.now()
    const line = `Judging: ${text} …`
    const [name = ''] = text.split(',')
    if (name !== this.stageName) this.begun.push({ name, ms: now })
    if (this.io.showsProgress) {
      process.stderr.write(`\r\u001b[K${line}`)
      this.isDrawn = true
    } else if (name !== this.stageName || now - this.toldMs >= EVERY_MS) {
      this.toldMs = now
      this.io.log(line)
    }
    this.stageName = name
  }

  /** Why a finished sweep is judged again, in a line of its own: no stage, and nothing that takes time. */
  again(why: string): void {
    this.end()
    this.io.log(`Judging this sweep again: ${why}`)
  }

  /** What took how long, up to now: `Took 1 min 53 s: trials 1 min 04 s, walking forward 25 s, …`. */
  took(): string {
    const now = performance.now()
    const parts = this.begun.map(({ name, ms }, at) => {
      const endMs = this.begun[at + 1]?.ms ?? now
      return `${name} ${durationText((endMs - ms) / 1000)}`
    })
    return `Took ${durationText((now - this.startedMs) / 1000)}: ${parts.join(', ')}`
  }

  /** Leaves the line that was drawn over. */
  end(): void {
    if (this.isDrawn) process.stderr.write('\n')
    this.isDrawn = false
  }

  private textOf({ trials, of, newTrials, best }: SweepProgress, now: number): string {
    const perSecond = newTrials / ((now - this.runFromMs) / 1000)
    const pace = newTrials === 0 ? 'stored' : `${formatValue(perSecond, 'count')}/s`
    const left = newTrials > 0 ? `, ${durationText((of - trials) / perSecond)} left` : ''
    const found = best === undefined ? 'none complete yet' : `best ${this.objective} ${((best.score as number) * this.sign).toFixed(3)} in trial ${best.number}` // prettier-ignore
    return `${formatValue(trials, 'count')} of ${formatValue(of, 'count')} trials${newTrials === 0 ? ' ' : ', '}${pace}, ${found}${left}`
  }
}

/** `1 h 05 min`, `3 min 20 s`, `12 s`. */
export function durationText(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds))
  if (whole < 60) return `${whole} s`
  const minutes = Math.floor(whole / 60)
  const two = (value: number): string => String(value).padStart(2, '0')
  return minutes < 60
    ? `${minutes} min ${two(whole % 60)} s`
    : `${Math.floor(minutes / 60)} h ${two(minutes % 60)} min`
}
