import { copyFileSync, existsSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs' // prettier-ignore
import { delimiter, join, resolve } from 'node:path'
import { ConfigError } from '../core/errors.js'
import { PACKAGE_ROOT } from '../jobs/package-info.js'

/** Where the notebooks lie that come with the package, with a package.json of their own. */
export const NOTEBOOKS_FOLDER: string = join(PACKAGE_ROOT, 'notebooks')
/** The kernel's program, once the notebooks' packages are installed. */
const KERNEL_PROGRAM = join('node_modules', 'tslab', 'bin', 'tslab')
/** What starts it, once its sockets can be read. */
const KERNEL_STARTER = 'kernel.mjs'
/** The name by which the notebooks ask for their kernel. */
const KERNEL_NAME = 'tslab'

/** No script of theirs has to run, and none does: of what they are linked to, some would build this very package. */
function installPackages(folder: string): string {
  return `npm ci --ignore-scripts --prefix ${folder}`
}

/** What to type where something is missing. */
export const REMEDIES: Readonly<Record<'jupyter' | 'packages', string>> = {
  jupyter: 'sudo apt install jupyter-notebook (Debian, Ubuntu), or pip install jupyterlab',
  packages: installPackages(NOTEBOOKS_FOLDER),
}

export interface Notebook {
  readonly file: string
  /** Its first heading. */
  readonly title: string
}

/** The notebooks that come with the package, in their order. */
export function listNotebooks(folder: string = NOTEBOOKS_FOLDER): readonly Notebook[] {
  const files = readdirSync(folder).filter((name) => name.endsWith('.ipynb')).sort() // prettier-ignore
  return files.map((file) => ({ file, title: titleOf(join(folder, file)) }))
}

function titleOf(path: string): string {
  const { cells } = JSON.parse(readFileSync(path, 'utf8')) as { cells: readonly { source: readonly string[] | string }[] } // prettier-ignore
  const text = cells.map(({ source }) => (typeof source === 'string' ? source : source.join(''))).join('\n')
  return /^# (.+)$/m.exec(text)?.[1] ?? ''
}

/** A program that serves notebooks, and what it is called. */
export interface Jupyter {
  readonly name: 'JupyterLab' | 'Jupyter Notebook'
  readonly program: string
}

/** JupyterLab where it is on the PATH, else Jupyter Notebook; undefined where neither is. */
export function findJupyter(path: string): Jupyter | undefined {
  const lab = findProgram('jupyter-lab', path)
  if (lab !== undefined) return { name: 'JupyterLab', program: lab }
  const notebook = findProgram('jupyter-notebook', path)
  return notebook === undefined ? undefined : { name: 'Jupyter Notebook', program: notebook }
}

function findProgram(name: string, path: string): string | undefined {
  const endings = process.platform === 'win32' ? ['.exe', '.cmd'] : ['']
  const folders = path.split(delimiter).filter((folder) => folder !== '')
  return folders.flatMap((folder) => endings.map((ending) => join(folder, name + ending))).find((one) => existsSync(one)) // prettier-ignore
}

/** Whether the packages of the notebooks, kernel included, are installed. */
export function hasNotebookPackages(folder: string = NOTEBOOKS_FOLDER): boolean {
  return existsSync(join(folder, KERNEL_PROGRAM))
}

/** A folder in which notebooks can be opened. */
export interface PreparedNotebooks {
  readonly folder: string
  /** Written now. */
  readonly copied: readonly string[]
  /** There already, and left as they were. */
  readonly kept: readonly string[]
  /** For the environment of whatever starts the kernel: JUPYTER_PATH. */
  readonly jupyterPath: string
}

/**
 * Copies the notebooks that are not there yet into a folder, and lays beside them what they need: a link to the packages, and a kernel that only this folder knows.
 * Nothing is installed anywhere else, and no notebook is ever replaced. Throws ConfigError where the packages are missing, or the folder is the package's own.
 */
export function prepareNotebooks(into: string, from: string = NOTEBOOKS_FOLDER): PreparedNotebooks {
  const folder = resolve(into)
  if (folder === resolve(from))
    throw new ConfigError('these are the notebooks as they come with baleen: name another folder for your own', { field: '--dir', value: into }) // prettier-ignore
  if (!hasNotebookPackages(from))
    throw new ConfigError(`the packages of the notebooks are not installed: ${installPackages(from)}`, { file: join(from, 'node_modules') }) // prettier-ignore
  mkdirSync(folder, { recursive: true })
  const files = listNotebooks(from).map(({ file }) => file)
  const kept = files.filter((file) => existsSync(join(folder, file)))
  const copied = files.filter((file) => !kept.includes(file))
  for (const file of copied) copyFileSync(join(from, file), join(folder, file))
  linkPackages(join(folder, 'node_modules'), join(from, 'node_modules'))
  const jupyterPath = join(folder, '.baleen', 'jupyter')
  const kernel = join(jupyterPath, 'kernels', KERNEL_NAME)
  mkdirSync(kernel, { recursive: true })
  writeFileSync(join(kernel, 'kernel.json'), `${JSON.stringify(kernelSpec(from), undefined, 2)}\n`)
  return { folder, copied, kept, jupyterPath }
}

/** What Jupyter starts. The very Node that runs this, so that compiled modules fit. */
function kernelSpec(from: string): object {
  return {
    argv: [process.execPath, join(from, KERNEL_STARTER), '--config-path', '{connection_file}'],
    display_name: 'TypeScript (Baleen)',
    language: 'typescript',
  }
}

/** Makes or mends the link; a folder of the user's own is left alone. */
function linkPackages(link: string, packages: string): void {
  const there = lstatSync(link, { throwIfNoEntry: false })
  if (there !== undefined && !there.isSymbolicLink()) return
  if (there !== undefined && readlinkSync(link) === packages) return
  rmSync(link, { force: true })
  symlinkSync(packages, link, 'junction')
}
