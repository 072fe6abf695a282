import { spawn } from 'node:child_process'
import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import type { Command } from 'commander'
import { BaleenError, ConfigError } from '../core/errors.js'
import { PACKAGE_ROOT } from '../jobs/package-info.js'
import { findJupyter, hasNotebookPackages, listNotebooks, NOTEBOOKS_FOLDER, prepareNotebooks, REMEDIES, type Jupyter, type PreparedNotebooks } from '../notebook/jupyter.js' // prettier-ignore
import { table } from '../report/index.js'
import { wholeNumber } from './arguments.js'
import { ioOf, type Io } from './io.js'

const DEFAULTS = { folder: 'my-notebooks' } as const
const HIGHEST_PORT = 65_535

interface Flags {
  readonly dir: string
  readonly port?: number
  /** False for --no-browser. */
  readonly browser: boolean
  readonly list?: boolean
  readonly prepare?: boolean
}

/** `notebook`: Jupyter with the TypeScript kernel, on copies of the notebooks. */
export function addNotebookCommand(program: Command): void {
  program
    .command('notebook')
    .description('open the notebooks in Jupyter, in TypeScript: copies of your own, nothing installed elsewhere')
    .argument('[options...]', 'after --: handed to Jupyter as they are')
    .option('--dir <dir>', 'folder of your copies; what is there already is kept', DEFAULTS.folder)
    .option('--port <number>', 'port on this machine', wholeNumber)
    .option('--no-browser', 'do not open a browser; Jupyter prints its address')
    .option('--list', 'only list the notebooks')
    .option('--prepare', 'copy the notebooks and make the kernel, and start nothing: for other programs that open notebooks')
    .addHelpText(
      'after',
      `
Needs Jupyter (${REMEDIES.jupyter})
and the packages of the notebooks (${REMEDIES.packages}); baleen doctor says whether both are there.
Under --json the address and the log of Jupyter go to stderr.

Examples:
  baleen notebook --list
  baleen notebook
  baleen notebook --no-browser --port 8890 -- --allow-root`,
    )
    .action(async (words: string[], _flags: unknown, command: Command) =>
      notebook(ioOf(command), command.optsWithGlobals<Flags>(), words))
} // prettier-ignore

async function notebook(io: Io, flags: Flags, words: readonly string[]): Promise<void> {
  if (flags.list === true) return list(io)
  const { port } = flags
  if (port !== undefined && !(port >= 1 && port <= HIGHEST_PORT))
    throw new ConfigError(`must be 1 to ${HIGHEST_PORT}`, { field: '--port', value: port })
  const jupyter = findJupyter(process.env['PATH'] ?? '')
  const isJupyterNeeded = flags.prepare !== true
  const missing = missingWords(hasNotebookPackages(), jupyter !== undefined || !isJupyterNeeded)
  if (missing.length > 0) throw new ConfigError(missing.join('; and '), { field: 'notebook' })
  requireBuild()
  const prepared = prepareNotebooks(flags.dir)
  const jupyterWords = [
    ...(port === undefined ? [] : [`--port=${port}`]),
    ...(flags.browser ? [] : ['--no-browser']),
    ...words,
  ]
  const started = isJupyterNeeded ? jupyter : undefined
  say(io, prepared, started)
  if (started !== undefined) await serve(io, started, jupyterWords, prepared)
}

function list(io: Io): void {
  const notebooks = listNotebooks()
  if (io.json) io.printJson({ folder: NOTEBOOKS_FOLDER, notebooks })
  else io.printTable(table('Notebooks', ['File', 'What'], notebooks.map(({ file, title }) => [file, title]))) // prettier-ignore
}

/** All that is missing at once, each with what to type. */
export function missingWords(hasPackages: boolean, hasJupyter: boolean): string[] {
  return [
    ...(hasPackages ? [] : [`the packages of the notebooks are not installed: ${REMEDIES.packages}`]),
    ...(hasJupyter ? [] : [`neither JupyterLab nor Jupyter Notebook is on the PATH: ${REMEDIES.jupyter} (or open the notebooks with another program after baleen notebook --prepare)`]),
  ] // prettier-ignore
}

function requireBuild(): void {
  const built = join(PACKAGE_ROOT, 'dist', 'lab.js')
  if (!existsSync(built))
    throw new ConfigError('baleen is not built: npm run build in its folder', { file: built })
}

function say(
  io: Io,
  { folder, copied, kept, jupyterPath }: PreparedNotebooks,
  jupyter: Jupyter | undefined,
): void {
  if (io.json) {
    io.printJson({ folder, copied, kept, jupyterPath, program: jupyter?.program })
    return
  }
  io.print(`Notebooks  ${folder}`)
  io.print(`Copied     ${copied.length === 0 ? 'none' : copied.join(', ')}`)
  if (kept.length > 0)
    io.print(`Kept       ${kept.join(', ')} (delete a file to have it anew from the package)`)
  if (jupyter === undefined) io.print(`Kernel     in JUPYTER_PATH=${jupyterPath}`)
}

/** Runs Jupyter until it ends. Interruptions reach it by the terminal, and it asks before it stops. */
async function serve(
  io: Io,
  { name, program }: Jupyter,
  words: readonly string[],
  { folder, jupyterPath }: PreparedNotebooks,
): Promise<void> {
  io.log(`Starting ${name} …`)
  const others = process.env['JUPYTER_PATH'] ?? ''
  const child = spawn(program, words, {
    cwd: folder,
    env: {
      ...process.env,
      JUPYTER_PATH: others === '' ? jupyterPath : `${jupyterPath}${delimiter}${others}`,
    },
    // Nothing but our own document goes to stdout.
    stdio: ['inherit', 2, 2],
  })
  const ignore = (): void => undefined
  process.on('SIGINT', ignore)
  const stop = (): void => void child.kill('SIGTERM')
  process.on('SIGTERM', stop)
  try {
    const code = await new Promise<number | null>((done, failed) => {
      child.on('error', failed)
      child.on('close', done)
    })
    if (code !== null && code !== 0) throw new BaleenError(`${name} ended with ${code}`, 1, { file: program })
  } finally {
    process.off('SIGINT', ignore)
    process.off('SIGTERM', stop)
  }
}
