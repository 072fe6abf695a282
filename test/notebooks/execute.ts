import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { findProgram } from '../chromium.js'
import { type Cell, cellsOf, NOTEBOOKS, textOf } from './notebook-files.js'

/** Debian's own first: another Python's may come before it on the PATH, without the packages of Debian's. */
export const JUPYTER: string | undefined =
  ['/usr/bin/jupyter'].find((path) => existsSync(path)) ?? findProgram('jupyter', process.env['PATH'] ?? '')

export const HAS_KERNEL: boolean = existsSync(join(NOTEBOOKS, 'node_modules/tslab/bin/tslab'))

/**
 * Runs a notebook by the real kernel and answers its cells with their new outputs. Cells go on after one that fails, so that what the kernel wrote of it can be told.
 * @param folder holds the notebook and what `baleen notebook --prepare` lays beside it
 */
export async function executeNotebook(folder: string, name: string): Promise<readonly Cell[]> {
  const words = [
    'nbconvert', '--to', 'notebook', '--execute', '--allow-errors', '--output-dir', 'executed',
    '--ExecutePreprocessor.record_timing=False', '--ExecutePreprocessor.shutdown_kernel=immediate', '--ExecutePreprocessor.timeout=120', name,
  ] // prettier-ignore
  const environment = { ...process.env, JUPYTER_PATH: join(folder, '.baleen/jupyter') }
  const said = await new Promise<string>((done, failed) => {
    const child = spawn(JUPYTER ?? 'jupyter', words, { cwd: folder, env: environment, stdio: ['ignore', 'ignore', 'pipe'] }) // prettier-ignore
    let text = ''
    child.stderr.on('data', (more: Buffer) => (text += more.toString()))
    child.on('error', failed)
    child.on('close', (code) => (code === 0 ? done(text) : failed(new Error(`${name}: nbconvert ended with ${code}\n${text}`)))) // prettier-ignore
  })
  const path = join(folder, 'executed', name)
  if (!existsSync(path)) throw new Error(`${name}: nbconvert wrote nothing\n${said}`)
  return cellsOf(path)
}

/** What the kernel says of a cell that failed, with the cell; a notice of TensorFlow is none. */
export function failuresOf(cells: readonly Cell[]): readonly string[] {
  return cells.flatMap(({ source, outputs = [] }) =>
    outputs
      .filter(
        ({ output_type, name, text }) =>
          output_type === 'error' || (name === 'stderr' && !textOf(text).includes('TensorFlow.js')),
      ) // prettier-ignore
      .map((output) => `${textOf(output.text)}\nin the cell\n${textOf(source)}`),
  )
}
