import { secondsOf } from './clock.js'
import type { Host } from './host.js'
import { median } from './median.js'

/** M bars × trials a second: what the plain loop does on the host for which the floors were set, at 7.4 ns a bar. */
const REFERENCE_PLAIN_SPEED = 135

/** A figure that a row must reach (speeds and ratios) or stay below (seconds). */
export interface Floor {
  readonly value: number
  readonly unit: 'M bars/s' | 's' | 'x'
}

/** One line of the benchmark. */
export interface BenchmarkRow {
  readonly name: string
  readonly bars: number
  readonly trials: number
  readonly workers?: number
  readonly floor?: Floor
  /** Highest peak of resident memory, MiB; such a row runs in processes of its own. */
  readonly limitMb?: number
  /** Is measured as ever, but in a process that has none of the other rows. */
  readonly isApart?: true
  /** What has to be there before the first run; outside the clock. For a row with a process of its own, before that starts. */
  readonly prepare?: () => Promise<void>
  /** Does a small part of the work in a process of its own, so that the code is warm. */
  readonly warmUp?: () => unknown
  /** Does the work once. */
  readonly run: () => unknown
  /** Hash of what `run` answered, taken outside the clock: it must not change from run to run. */
  readonly hash: (answer: never) => string
  /**
   * Does a sample of the work bar by bar, throws where that answers anything else than `run` did, and says its speed in
   * M bars × trials a second.
   */
  readonly reference?: (answer: never) => number
  /** Measures what is no speed: speed-ups. Seconds of `run` are still measured. */
  readonly ratio?: (repetitions: number) => Promise<{ readonly measured: number; readonly floor?: number }>
  readonly close?: () => Promise<void>
}

export interface BenchmarkResult {
  readonly name: string
  readonly bars: number
  readonly trials: number
  readonly workers: number
  /** Of which the medians are taken. */
  readonly repetitions: number
  /** While how many the host was left alone. */
  readonly undisturbed: number
  readonly seconds: number
  readonly mBarEvalsPerSecond: number
  readonly plainLoopMBarEvalsPerSecond: number
  /** Null where nothing runs bar by bar. */
  readonly referenceMBarEvalsPerSecond: number | null
  readonly ratioToPlainLoop: number
  readonly floor: number | null
  readonly floorUnit: Floor['unit'] | null
  /** What is held against the floor. */
  readonly measured: number
  readonly limitMb: number | null
  /** At the floor, or at the floor scaled to this host's plain loop; and below the limit of memory. Null where there is neither. */
  readonly pass: boolean | null
  readonly peakRssMb: number
  readonly answerHash: string
}

/** An answer differs from what it was, or from what bars one by one say. */
export class WrongAnswer extends Error {
  override readonly name = 'WrongAnswer'
}

export function peakRssMb(): number {
  return Math.round(process.resourceUsage().maxRSS / 1024)
}

/** Runs a row, which is prepared, once before it is measured. */
export async function warm(row: BenchmarkRow): Promise<{ readonly hash: string; readonly seconds: number }> {
  let answer: unknown
  const seconds = await secondsOf(async () => (answer = await row.run()))
  return { hash: row.hash(answer as never), seconds }
}

/** @throws WrongAnswer where an answer is another one than before */
export function requireSameAnswer({ name }: BenchmarkRow, hash: string, before: string): void {
  if (hash !== before) throw new WrongAnswer(`${name} gave ${hash} after ${before} on the same input`)
}

/** Milliseconds that a row may wait for a host that others work on. */
const PATIENCE_MS = 60_000

interface Repetition {
  readonly seconds: number
  /** Mean of what the plain loop did before and after, M bars a second. */
  readonly plain: number
  /** Whether the host was left alone before and after. */
  readonly isFull: boolean
}

/**
 * The median of some repetitions, each between two passes of the plain loop. Neighbours take half of a host for a tenth of a second or for
 * minutes: those before and after which the plain loop ran at its full speed are counted, or all of them where there were too few in a minute.
 *
 * @throws WrongAnswer where an answer is another one than `answerHash`
 */
export async function measure(
  row: BenchmarkRow,
  answerHash: string,
  host: Host,
  repetitions: number,
): Promise<BenchmarkResult> {
  const all: Repetition[] = []
  let reference: number | null = null
  const until = performance.now() + PATIENCE_MS
  const full = (): Repetition[] => all.filter(({ isFull }) => isFull)
  const isOver = (): boolean => performance.now() >= until && all.length >= repetitions
  while (full().length < repetitions && !isOver()) {
    const before = await host.waitForFullSpeed(until)
    let answer: unknown
    const seconds = await secondsOf(async () => (answer = await row.run()))
    const after = await host.speed()
    all.push({ seconds, plain: (before + after) / 2, isFull: host.isFull(before) && host.isFull(after) })
    requireSameAnswer(row, row.hash(answer as never), answerHash)
    if (all.length === 1) reference = row.reference?.(answer as never) ?? null
  }
  const undisturbed = full().length
  const counted = undisturbed < repetitions ? all : full()
  return resultOf(row, {
    seconds: median(counted.map(({ seconds }) => seconds)),
    plain: median(counted.map(({ plain }) => plain)),
    repetitions: counted.length,
    undisturbed,
    reference,
    peakRssMb: peakRssMb(),
    answerHash,
    ratio: await row.ratio?.(repetitions),
  })
}

export interface Measured {
  readonly seconds: number
  /** M bars a second. */
  readonly plain: number
  readonly repetitions: number
  readonly undisturbed: number
  readonly reference: number | null
  readonly peakRssMb: number
  readonly answerHash: string
  readonly ratio?: { readonly measured: number; readonly floor?: number } | undefined
}

export function resultOf(row: BenchmarkRow, measured: Measured): BenchmarkResult {
  const { seconds, plain, repetitions, undisturbed, reference, ratio } = measured
  const speed = (row.bars * row.trials) / 1e6 / seconds
  const floor = ratio?.floor ?? row.floor?.value ?? null
  const unit = row.floor?.unit ?? null
  const figure = ratio?.measured ?? (unit === 's' ? seconds : speed)
  const hostFactor = Math.min(1, plain / REFERENCE_PLAIN_SPEED)
  const isAtFloor =
    floor === null ||
    (unit === 's' ? figure <= floor / hostFactor : figure >= floor * (unit === 'x' ? 1 : hostFactor))
  const isInMemory = row.limitMb === undefined || measured.peakRssMb <= row.limitMb
  return {
    name: row.name,
    bars: row.bars,
    trials: row.trials,
    workers: row.workers ?? 1,
    repetitions,
    undisturbed,
    seconds,
    mBarEvalsPerSecond: speed,
    plainLoopMBarEvalsPerSecond: plain,
    referenceMBarEvalsPerSecond: reference,
    ratioToPlainLoop: speed / plain,
    floor,
    floorUnit: unit,
    measured: figure,
    limitMb: row.limitMb ?? null,
    pass: floor === null && row.limitMb === undefined ? null : isAtFloor && isInMemory,
    peakRssMb: measured.peakRssMb,
    answerHash: measured.answerHash,
  }
}
