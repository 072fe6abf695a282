import { chmodSync, existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, describe, expect, it } from 'vitest'
import { missingWords } from '../../src/cli/notebook-command.js'
import { findJupyter, hasNotebookPackages, prepareNotebooks, REMEDIES } from '../../src/notebook/jupyter.js'
import { baleen, baleenHere } from '../cli/run-cli.js'
import { NOTEBOOK_NAMES } from './notebook-files.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-notebook-command-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))

/** A package with two notebooks, and its kernel where it is said to be installed. */
function packageWith(name: string, isInstalled: boolean): string {
  const folder = join(root, name)
  mkdirSync(isInstalled ? join(folder, 'node_modules/tslab/bin') : folder, { recursive: true })
  if (isInstalled) writeFileSync(join(folder, 'node_modules/tslab/bin/tslab'), '')
  for (const file of ['00-a.ipynb', '01-b.ipynb'])
    writeFileSync(
      join(folder, file),
      JSON.stringify({ cells: [{ cell_type: 'markdown', source: ['# Title\n'] }] }),
    )
  return folder
}

function program(folder: string, name: string, text = '#!/bin/sh\nexit 0\n'): string {
  mkdirSync(folder, { recursive: true })
  const path = join(folder, name)
  writeFileSync(path, text)
  chmodSync(path, 0o755)
  return path
}

describe('notebook --list', () => {
  it('lists every notebook with its heading', async () => {
    const { code, stdout } = await baleenHere(root, ['notebook', '--list', '--json'])
    const { notebooks } = JSON.parse(stdout) as { notebooks: { file: string; title: string }[] }
    expect([code, notebooks.map(({ file }) => file)]).toEqual([0, NOTEBOOK_NAMES])
    for (const { title } of notebooks) expect(title).toMatch(/^\S.{5,}/)
  })
})

describe('prepareNotebooks', () => {
  const from = packageWith('installed', true)

  it('copies what is not there, keeps what is, and never writes to the package', () => {
    const into = join(root, 'mine')
    mkdirSync(into)
    writeFileSync(join(into, '00-a.ipynb'), 'my own')
    const { copied, kept } = prepareNotebooks(into, from)
    expect([copied, kept]).toEqual([['01-b.ipynb'], ['00-a.ipynb']])
    expect(readFileSync(join(into, '00-a.ipynb'), 'utf8')).toBe('my own')
    expect(prepareNotebooks(into, from).copied).toEqual([])
    expect(() => prepareNotebooks(from, from)).toThrow(/another folder/)
  })

  it('makes a kernel that only this folder knows, started by this very Node', () => {
    const { jupyterPath, folder } = prepareNotebooks(join(root, 'kernel'), from)
    expect(jupyterPath.startsWith(folder)).toBe(true)
    const { argv } = JSON.parse(readFileSync(join(jupyterPath, 'kernels/tslab/kernel.json'), 'utf8')) as { argv: string[] } // prettier-ignore
    expect(argv.slice(0, 2)).toEqual([process.execPath, join(from, 'kernel.mjs')])
    expect(argv).toContain('{connection_file}')
  })

  it('mends a link that leads elsewhere, and leaves a folder of the user alone', () => {
    const [linked, own] = [join(root, 'linked'), join(root, 'own')]
    mkdirSync(linked)
    symlinkSync(join(root, 'gone'), join(linked, 'node_modules'))
    prepareNotebooks(linked, from)
    expect(readlinkSync(join(linked, 'node_modules'))).toBe(join(from, 'node_modules'))
    mkdirSync(join(own, 'node_modules'), { recursive: true })
    prepareNotebooks(own, from)
    expect(lstatSync(join(own, 'node_modules')).isDirectory()).toBe(true)
  })

  it('says what to type where the packages are missing', () => {
    const bare = packageWith('bare', false)
    expect(hasNotebookPackages(bare)).toBe(false)
    expect(() => prepareNotebooks(join(root, 'never'), bare)).toThrow(/npm ci --ignore-scripts --prefix/)
    expect(existsSync(join(root, 'never'))).toBe(false)
  })
})

describe('Jupyter', () => {
  it('is JupyterLab where there is one, else Notebook, else nothing', () => {
    const [lab, notebook, core] = ['lab', 'notebook', 'core'].map((name) => join(root, name)) as [string, string, string] // prettier-ignore
    const labProgram = program(lab, 'jupyter-lab')
    const notebookProgram = program(notebook, 'jupyter-notebook')
    program(core, 'jupyter')
    expect(findJupyter([core, notebook, lab].join(':'))).toEqual({ name: 'JupyterLab', program: labProgram })
    expect(findJupyter([core, notebook].join(':'))).toEqual({ name: 'Jupyter Notebook', program: notebookProgram }) // prettier-ignore
    expect(findJupyter(core)).toBeUndefined()
  })
})

describe('notebook', () => {
  it('refuses a port that is none', async () => {
    const { code, stderr } = await baleenHere(root, ['notebook', '--port', '70000'])
    expect([code, stderr]).toEqual([2, expect.stringContaining('--port')])
  })

  it('says all that is missing at once, each with what to type', async () => {
    expect(missingWords(true, true)).toEqual([])
    expect(missingWords(false, false)).toEqual([expect.stringContaining(REMEDIES.packages), expect.stringContaining(REMEDIES.jupyter)]) // prettier-ignore
    const { code, stderr } = await baleen(root, ['notebook'], { PATH: join(root, 'no-such') })
    expect([code, stderr]).toEqual([2, expect.stringContaining(REMEDIES.jupyter)])
    expect(stderr.includes(REMEDIES.packages)).toBe(!hasNotebookPackages())
  })

  it.skipIf(!hasNotebookPackages())('starts Jupyter in the folder of the copies, with its kernel and what follows --, and nothing of it on stdout', async () => {
    const bin = join(root, 'fake')
    program(bin, 'jupyter-lab', '#!/bin/sh\necho "$@ in $(pwd) with $JUPYTER_PATH"\nexit 0\n')
    const folder = join(root, 'served')
    mkdirSync(folder)
    const words = ['notebook', '--port', '8890', '--no-browser', '--json', '--', '--allow-root']
    const { code, stdout, stderr } = await baleen(folder, words, { PATH: `${bin}:${process.env['PATH'] ?? ''}`, JUPYTER_PATH: '/elsewhere' })
    expect(code).toBe(0)
    expect((JSON.parse(stdout) as { copied: string[] }).copied).toEqual(NOTEBOOK_NAMES)
    expect(stderr).toContain('--port=8890 --no-browser --allow-root in')
    expect(stderr).toMatch(/my-notebooks with .*my-notebooks\/\.baleen\/jupyter:\/elsewhere/)
  }) // prettier-ignore

  it.skipIf(!hasNotebookPackages())('says what to install where there is no Jupyter', async () => {
    const folder = join(root, 'without')
    mkdirSync(folder)
    const { code, stderr } = await baleen(folder, ['notebook'], { PATH: join(root, 'core') })
    expect([code, stderr]).toEqual([2, expect.stringMatching(/apt install jupyter-notebook.*pip install jupyterlab/)]) // prettier-ignore
    expect(existsSync(join(folder, 'my-notebooks'))).toBe(false)
  })
})
