import { spawn } from 'node:child_process'
import { copyFileSync, existsSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { prepareNotebooks } from '../../src/notebook/jupyter.js'
import { findProgram } from '../chromium.js'
import { type Cell, cellsOf, NOTEBOOKS, textOf } from './notebook-files.js'

/** Debian's own first: another Python's may come before it on the PATH, without the packages of Debian's. */
export const JUPYTER: string | undefined =
  ['/usr/bin/jupyter'].find((path) => existsSync(path)) ?? findProgram('jupyter', process.env['PATH'] ?? '')

export const HAS_KERNEL: boolean = existsSync(join(NOTEBOOKS, 'node_modules/tslab/bin/tslab'))

/**
 * Runs a notebook by the real kernel, alone in a new folder, since notebooks of one folder share a ledger of trials; answers its cells with their new outputs. Cells go
 * on after one that fails, so that what the kernel wrote of it can be told.
 * @param keepAs writes the notebook as it was run to this path
 */
export async function executeNotebook(name: string, keepAs?: string): Promise<readonly Cell[]> {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-notebook-'))
  try {
    const { jupyterPath } = prepareNotebooks(folder)
    const words = [
      'nbconvert', '--to', 'notebook', '--execute', '--allow-errors', '--output-dir', 'executed',
      '--ExecutePreprocessor.record_timing=False', '--ExecutePreprocessor.shutdown_kernel=immediate', '--ExecutePreprocessor.timeout=300', name,
    ] // prettier-ignore
    await run(JUPYTER ?? 'jupyter', words, folder, { ...process.env, JUPYTER_PATH: jupyterPath })
    const path = join(folder, 'executed', name)
    if (keepAs !== undefined) copyFileSync(path, keepAs)
    return cellsOf(path)
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

async function run(program: string, words: readonly string[], cwd: string, env: NodeJS.ProcessEnv): Promise<void> {
  await new Promise<void>((done, failed) => {
    const child = spawn(program, words, { cwd, env, stdio: ['ignore', 'ignore', 'pipe'] })
    let text = ''
    child.stderr.on('data', (more: Buffer) => (text += more.toString()))
    child.on('error', failed)
    child.on('close', (code) => (code === 0 ? done() : failed(new Error(`nbconvert ended with ${code}\n${text}`))))
  })
} // prettier-ignore

/** What the kernel says of a cell that failed, with the cell. */
export function failuresOf(cells: readonly Cell[]): readonly string[] {
  return cells.flatMap(({ source, outputs = [] }) =>
    outputs
      .filter(({ output_type, name }) => output_type === 'error' || name === 'stderr')
      .map((output) => `${textOf(output.text)}\nin the cell\n${textOf(source)}`),
  )
}
