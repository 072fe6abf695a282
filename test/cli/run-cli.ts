import { spawn } from 'node:child_process'
import { dirname, join } from 'node:path'
import { fileURLToPath, pathToFileURL } from 'node:url'
import { EXIT_CODES } from '../../src/core/errors.js'
import { isBuiltFrom } from '../../src/jobs/code-hash.js'
import { runCommandLine } from '../../src/cli/command-line.js'

export const ROOT: string = join(dirname(fileURLToPath(import.meta.url)), '../..')
const TSX: string = pathToFileURL(join(ROOT, 'node_modules/tsx/dist/esm/index.mjs')).href

/** What to start node with: the built program where it was built from these very sources, else the source itself (slower to start). */
export const PROGRAM: readonly string[] = isBuiltFrom(join(ROOT, 'src'), join(ROOT, 'dist'))
  ? [join(ROOT, 'dist/cli/main.js')]
  : ['--import', TSX, join(ROOT, 'src/cli/main.ts')]

export interface Answer {
  readonly code: number | null
  readonly stdout: string
  readonly stderr: string
}

/** Runs the command line as a process of its own, from source. */
export function baleen(
  folder: string,
  words: readonly string[],
  environment: NodeJS.ProcessEnv = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [...PROGRAM, ...words], {
      cwd: folder,
      env: { ...process.env, ...environment },
    })
    let [stdout, stderr] = ['', '']
    child.stdout.on('data', (text: Buffer) => (stdout += text.toString()))
    child.stderr.on('data', (text: Buffer) => (stderr += text.toString()))
    child.on('error', reject)
    child.on('close', (code) => resolve({ code, stdout, stderr }))
  })
}

/**
 * The same in this process, for help and refusals, of which there are many: to start a process takes a second. One at a time; nothing that
 * imports a strategy which another test changes.
 */
export async function baleenHere(folder: string, words: readonly string[]): Promise<Answer> {
  const [before, out, error] = [process.cwd(), process.stdout.write, process.stderr.write]
  let [stdout, stderr] = ['', '']
  process.chdir(folder)
  process.stdout.write = ((text: string) => ((stdout += text), true)) as typeof process.stdout.write
  process.stderr.write = ((text: string) => ((stderr += text), true)) as typeof process.stderr.write
  try {
    const code = (await runCommandLine(words)) ?? EXIT_CODES.ok
    return { code, stdout, stderr }
  } finally {
    process.stdout.write = out
    process.stderr.write = error
    process.chdir(before)
  }
}
