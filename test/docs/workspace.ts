import { spawn } from 'node:child_process'
import { chmodSync, cpSync, mkdirSync, writeFileSync } from 'node:fs'
import { delimiter, dirname, join } from 'node:path'
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus'
import { HOUR_MS } from '../../src/core/time.js'
import { marketFiles } from '../../src/jobs/simulated-files.js'
import { simulateMarket } from '../../src/market/index.js'
import { literal, withDuckDB } from '../../src/store/duckdb.js'
import { baleen, PROGRAM, type Answer } from '../cli/run-cli.js'

/**
 * Makes a folder in which the commands of the documents can be typed: a workspace as `baleen init` makes it, and in `bin/` the
 * programs `baleen` and `npx` (for baleen alone), which start this very source.
 */
export async function makeWorkspace(folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true })
  const made = await baleen(folder, ['init'])
  if (made.code !== 0) throw new Error(made.stderr)
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  const start = [process.execPath, ...PROGRAM].map((word) => `'${word}'`).join(' ')
  script(join(bin, 'baleen'), `exec ${start} "$@"`)
  script(join(bin, 'npx'), `[ "$1" = baleen ] || exit 127; shift; exec ${start} "$@"`)
  await recordedFiles(folder)
}

function script(path: string, text: string): void {
  writeFileSync(path, `#!/bin/sh\n${text}\n`)
  chmodSync(path, 0o755)
}

/** A workspace of its own for each page, equal to the first. */
export function copyWorkspace(from: string, to: string): void {
  cpSync(from, to, { recursive: true })
}

/** Runs a block of commands as a shell would that stops at the first failure. */
export function runCommands(folder: string, text: string): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const path = [join(folder, 'bin'), process.env['PATH'] ?? ''].join(delimiter)
    const child = spawn('sh', ['-e', '-c', text], { cwd: folder, env: { ...process.env, PATH: path } })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

export function writeBlock(folder: string, file: string, text: string): void {
  const path = join(folder, file)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, text)
}

/** Invented files under the names that the documents give to recorded ones: four months around their examples. */
async function recordedFiles(folder: string): Promise<void> {
  const options = { startTime: Date.UTC(2025, 10, 1), bars: 24 * 120 }
  const files = marketFiles(simulateMarket(options, xoroshiro128plus(2)), HOUR_MS)
  const write = (name: string, file: string): string => {
    const path = join(folder, file)
    files.find((one) => one.name === name)?.write(path)
    return literal(path)
  }
  write('BTC-funding', 'funding.csv')
  const [hours, whales] = [write('BTC-candles', 'hours.csv'), write('whales', 'whales.csv')]
  const target = (file: string): string => `${literal(join(folder, file))} (FORMAT parquet)`
  await withDuckDB(async (connection) => {
    await connection.run(`COPY (SELECT * FROM read_csv(${hours})) TO ${target('btc-1h.parquet')}`)
    await connection.run(
      `COPY (SELECT *, 'biggest' AS list FROM read_csv(${whales})) TO ${target('whales.parquet')}`,
    )
  })
}
