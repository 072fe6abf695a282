import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { cellsOf, NOTEBOOK_NAMES, NOTEBOOKS, textOf } from './notebook-files.js'

const MOST_CODE_CELLS = 10
const MOST_LINE_LENGTH = 119
const MOST_OUTPUT_BYTES = 60_000
const MOST_NOTEBOOK_BYTES = 200_000

it('there are the seven notebooks, in their order', () => {
  expect(NOTEBOOK_NAMES.map((name) => name.slice(0, 2))).toEqual(['00', '01', '02', '03', '04', '05', '06'])
})

describe.each(NOTEBOOK_NAMES)('%s', (name) => {
  const path = join(NOTEBOOKS, name)
  const cells = cellsOf(path)
  const code = cells.filter(({ cell_type }) => cell_type === 'code')
  const prose = cells.filter(({ cell_type }) => cell_type === 'markdown').map(({ source }) => textOf(source))
  const outputs = code.flatMap((cell) => cell.outputs ?? [])

  it('is short, begins with a heading, and says that its data are synthetic', () => {
    expect(code.length).toBeLessThanOrEqual(MOST_CODE_CELLS)
    expect(prose[0]).toMatch(/^# \S/)
    expect(prose.join('\n')).toMatch(/synthetic/)
    expect(prose.join(' ').split(/\s+/).length).toBeGreaterThan(150)
  })

  it('has one section on what would fool you, with a cell that shows it in numbers', () => {
    const at = cells.flatMap(({ cell_type, source }, index) => (cell_type === 'markdown' && /^## What would fool you$/m.test(textOf(source)) ? [index] : [])) // prettier-ignore
    expect(at.length).toBe(1)
    const shown = cells.slice(at[0]).find(({ cell_type }) => cell_type === 'code')
    const html = (shown?.outputs ?? []).map(({ data }) => textOf(data?.['text/html'])).join('')
    expect(html.match(/<td class="number">[^<]*\d|<td>[^<]*\d/g)?.length ?? 0).toBeGreaterThan(2)
  })

  it('is committed with outputs: no errors, drawings as SVG in HTML, nothing large', () => {
    expect(outputs.length).toBeGreaterThan(0)
    expect(outputs.filter(({ output_type }) => output_type === 'error')).toEqual([])
    for (const output of outputs.filter(({ data }) => data !== undefined)) {
      expect(Object.keys(output.data ?? {})).toEqual(['text/html'])
      expect(textOf(output.data?.['text/html']).length).toBeLessThan(MOST_OUTPUT_BYTES)
      expect(textOf(output.data?.['text/html'])).not.toMatch(
        /<script|<[^>]*\son\w+=|https?:\/\/(?!www\.w3\.org)/,
      )
    }
    expect(readFileSync(path).length).toBeLessThan(MOST_NOTEBOOK_BYTES)
    const missing = code.filter(({ outputs: of = [], source }) => of.length === 0 && !/= defineStrategy\(|^const search|firstHalf/m.test(textOf(source))) // prettier-ignore
    expect(missing.map(({ source }) => textOf(source))).toEqual([])
  })

  it('names no path of a machine and imports only what is public', () => {
    const text = readFileSync(path, 'utf8')
    expect(text).not.toMatch(/\/(home|Users|root|work|tmp|private)\/|[A-Z]:\\\\|file:\/\//)
    const imported = code.flatMap(({ source }) => [...textOf(source).matchAll(/from '([^']+)'/g)].map(([, from]) => from)) // prettier-ignore
    for (const from of imported)
      expect(['tslab', 'baleen', 'baleen/lab', 'danfojs-node', 'node:fs']).toContain(from)
  })

  it('has cells that fit their width', () => {
    const lines = code.flatMap(({ source }) => textOf(source).split('\n'))
    expect(lines.filter((line) => line.length > MOST_LINE_LENGTH)).toEqual([])
  })

  it('links to notebooks that are there', () => {
    for (const [, file] of prose.join('\n').matchAll(/\]\(([^)]+\.ipynb)\)/g))
      expect(existsSync(join(NOTEBOOKS, file ?? ''))).toBe(true)
  })
})
