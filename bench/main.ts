import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { backtestRows } from './backtest-rows.js'
import { countCpuSeconds } from './clock.js'
import {
  measure,
  requireSameAnswer,
  warm,
  WrongAnswer,
  type BenchmarkResult,
  type BenchmarkRow,
} from './harness.js'
import { Host } from './host.js'
import { memoryRows } from './memory-rows.js'
import { operatorRows } from './operator-rows.js'
import { measureApart, measureInOwnProcess, runOnce } from './own-process.js'
import { headline, shortfalls, tableLine } from './report.js'
import { sizeRow } from './size-rows.js'
import { storeRow } from './store-rows.js'
import { minutely, sweepRows } from './sweep-rows.js'
import { workerRows } from './worker-rows.js'

/**
 * `npm run bench` prints a table, then what falls short of its floor; `-- --json` prints one JSON array instead. `--only a,b` leaves the
 * other rows out, `--repetitions 3` is quicker, `--cpu` counts seconds of processors, for a machine that is busy with other work. Ends with an error only where an answer is wrong: how fast a machine is, is no fault.
 */
const { values } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    cpu: { type: 'boolean', default: false },
    only: { type: 'string' },
    repetitions: { type: 'string', default: '9' },
    once: { type: 'string' },
    folder: { type: 'string' },
    reference: { type: 'boolean', default: false },
  },
})

function rowsOf(folder: string): BenchmarkRow[] {
  return [
    ...sweepRows(),
    ...backtestRows(),
    ...memoryRows(folder),
    ...workerRows(),
    sizeRow(),
    ...operatorRows(),
    storeRow(folder),
  ]
}

function chosen(rows: readonly BenchmarkRow[], only: string | undefined): BenchmarkRow[] {
  if (only === undefined) return [...rows]
  const names = only.split(',')
  const unknown = names.find((name) => rows.every((row) => row.name !== name))
  if (unknown !== undefined)
    throw new Error(`there is no row ${unknown}: ${rows.map(({ name }) => name).join(', ')}`)
  return rows.filter(({ name }) => names.includes(name))
}

async function bench(folder: string): Promise<void> {
  const rows = chosen(rowsOf(folder), values.only)
  const repetitions = Number(values.repetitions)
  const results: BenchmarkResult[] = []
  const host = new Host(minutely().close)
  if (!values.json) console.log(headline())
  const isHere = ({ name, limitMb, isApart }: BenchmarkRow): boolean =>
    limitMb === undefined && (isApart !== true || name === values.only)
  const hashes = await warmAll(rows.filter(isHere))
  await host.getToKnow()
  for (const row of rows) {
    const hash = hashes.get(row)
    const options = values.cpu ? ['--cpu'] : []
    const result =
      hash !== undefined
        ? await measure(row, hash, host, repetitions)
        : row.limitMb === undefined
          ? await measureApart(row, ['--repetitions', values.repetitions, ...options])
          : await measureInOwnProcess(row, folder, host, options)
    await row.close?.()
    results.push(result)
    if (!values.json) console.log(tableLine(result))
  }
  if (values.json) console.log(JSON.stringify(results, null, 2))
  else console.log(['', ...shortfalls(results)].join('\n'))
}

/** Rounds of all rows before the first is measured. After one, the compiler was still at work in most of the nine repetitions: up to a third slower. */
const WARM_ROUNDS = 3
/** Rows that take longer have run their loops often enough in one round. */
const SHORT_SECONDS = 1

/** Runs the rows round after round, so that each is measured in code that all others have warmed too. */
async function warmAll(rows: readonly BenchmarkRow[]): Promise<Map<BenchmarkRow, string>> {
  const hashes = new Map<BenchmarkRow, string>()
  let round = rows
  for (const row of rows) await row.prepare?.()
  for (let rounds = 0; rounds < WARM_ROUNDS; rounds++) {
    const short: BenchmarkRow[] = []
    for (const row of round) {
      const { hash, seconds } = await warm(row)
      requireSameAnswer(row, hash, hashes.get(row) ?? hash)
      hashes.set(row, hash)
      if (seconds < SHORT_SECONDS) short.push(row)
    }
    round = short
  }
  return hashes
}

async function main(): Promise<void> {
  if (values.cpu) countCpuSeconds()
  if (values.once !== undefined) {
    const [row] = chosen(rowsOf(values.folder ?? ''), values.once)
    await runOnce(row as BenchmarkRow, values.reference)
    return
  }
  const folder = mkdtempSync(join(tmpdir(), 'baleen-bench-'))
  try {
    await bench(folder)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

try {
  await main()
} catch (error) {
  if (!(error instanceof WrongAnswer)) throw error
  console.error(`wrong answer: ${error.message}`)
  process.exit(1)
}
