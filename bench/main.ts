import { measure, type BenchmarkResult } from './harness.js'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { benchmarkRows } from './rows.js'
import { storeRow } from './store-rows.js'

/** `npm run bench` prints a table; with `--json` one JSON array on stdout. */
const json = process.argv.includes('--json')
const results: BenchmarkResult[] = []

function line(cells: readonly string[]): string {
  return cells.map((cell, at) => (at === 0 ? cell.padEnd(30) : cell.padStart(14))).join('')
}

if (!json)
  console.log(line(['row', 'bars', 'ms', 'M bars/s', 'plain M bars/s', 'ratio', 'peak MB', 'answer']))
const folder = mkdtempSync(join(tmpdir(), 'baleen-bench-'))
process.on('exit', () => rmSync(folder, { recursive: true, force: true }))
await measure([...benchmarkRows(), storeRow(folder)], (row) => {
  results.push(row)
  if (json) return
  console.log(
    line([
      row.name,
      row.bars.toLocaleString('en'),
      (row.seconds * 1000).toFixed(1),
      row.mBarEvalsPerSecond.toFixed(2),
      row.plainLoopMBarEvalsPerSecond.toFixed(1),
      row.ratioToPlainLoop.toFixed(4),
      String(row.peakRssMb),
      row.answerHash,
    ]),
  )
})
if (json) console.log(JSON.stringify(results, null, 2))
