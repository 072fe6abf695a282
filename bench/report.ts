import type { BenchmarkResult } from './harness.js'

const COLUMNS = [
  'bars',
  'trials',
  'full',
  'ms',
  'M bars/s',
  'plain',
  'reference',
  'ratio',
  'floor',
  '',
  'peak MB',
  'answer',
]
const WIDTHS = [12, 8, 6, 11, 11, 8, 11, 9, 12, 6, 9, 18]

function line(name: string, cells: readonly string[]): string {
  return name.padEnd(26) + cells.map((cell, at) => cell.padStart(WIDTHS[at] as number)).join('')
}

function number(value: number | null, digits: number): string {
  return value === null ? '–' : value.toFixed(digits)
}

export function headline(): string {
  return line('row', COLUMNS)
}

export function tableLine(row: BenchmarkResult): string {
  const verdict = row.pass === null ? '' : row.pass ? 'ok' : 'below'
  return line(row.name, [
    row.bars.toLocaleString('en'),
    row.trials.toLocaleString('en'),
    `${row.undisturbed}/${row.repetitions}`,
    (row.seconds * 1000).toFixed(1),
    row.mBarEvalsPerSecond.toFixed(1),
    row.plainLoopMBarEvalsPerSecond.toFixed(0),
    number(row.referenceMBarEvalsPerSecond, 1),
    row.ratioToPlainLoop.toFixed(3),
    floorText(row),
    verdict,
    String(row.peakRssMb),
    row.answerHash,
  ])
}

function floorText({ floor, floorUnit }: BenchmarkResult): string {
  if (floor === null) return ''
  return floorUnit === 'M bars/s' ? String(floor) : `${Number(floor.toFixed(2))} ${floorUnit}`
}

/** Which rows do not reach what they must, and by how much. */
export function shortfalls(rows: readonly BenchmarkResult[]): string[] {
  return rows.filter(({ pass }) => pass === false).map(shortfall)
}

function shortfall(row: BenchmarkResult): string {
  const parts: string[] = []
  const { floor, floorUnit, measured, limitMb, peakRssMb } = row
  if (floor !== null) {
    const by = floorUnit === 's' ? measured / floor - 1 : 1 - measured / floor
    if (by > 0) {
      const digits = floorUnit === 'M bars/s' ? 0 : 2
      const word = floorUnit === 's' ? 'over' : 'short'
      parts.push(
        `${measured.toFixed(digits)} of ${floor.toFixed(digits)} ${floorUnit}, ${(by * 100).toFixed(0)} % ${word}`,
      )
    }
  }
  if (limitMb !== null && peakRssMb > limitMb) parts.push(`${peakRssMb} MiB at the peak, ${limitMb} allowed`)
  return `${row.name}: ${parts.join('; ')}`
}
