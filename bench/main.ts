import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseArgs } from 'node:util'
import { backtestRows } from './backtest-rows.js'
import { countCpuSeconds } from './clock.js'
import { measure, warm, WrongAnswer, type BenchmarkResult, type BenchmarkRow } from './harness.js'
import { memoryRows } from './memory-rows.js'
import { operatorRows } from './operator-rows.js'
import { measureInOwnProcess, runOnce } from './own-process.js'
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
  const closes = minutely().close
  if (!values.json) console.log(headline())
  const hashes = new Map<BenchmarkRow, string>()
  for (const row of rows) if (row.limitMb === undefined) hashes.set(row, await warm(row))
  for (const row of rows) {
    const hash = hashes.get(row)
    const result =
      hash === undefined
        ? await measureInOwnProcess(row, folder, closes, values.cpu ? ['--cpu'] : [])
        : await measure(row, hash, closes, repetitions)
    await row.close?.()
    results.push(result)
    if (!values.json) console.log(tableLine(result))
  }
  if (values.json) console.log(JSON.stringify(results, null, 2))
  else console.log(['', ...shortfalls(results)].join('\n'))
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
