import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../cli/run-cli.js'

export const NOTEBOOKS: string = join(ROOT, 'notebooks')

export interface Output {
  readonly output_type: string
  readonly name?: string
  readonly text?: Text
  readonly data?: Readonly<Record<string, Text>>
}

export interface Cell {
  readonly cell_type: 'markdown' | 'code'
  readonly source: Text
  readonly outputs?: readonly Output[]
}

type Text = string | readonly string[]

export const textOf = (text: Text | undefined): string =>
  text === undefined ? '' : typeof text === 'string' ? text : text.join('')

export const NOTEBOOK_NAMES: readonly string[] = readdirSync(NOTEBOOKS).filter((name) => name.endsWith('.ipynb')).sort() // prettier-ignore

export function cellsOf(path: string): readonly Cell[] {
  return (JSON.parse(readFileSync(path, 'utf8')) as { cells: readonly Cell[] }).cells
}

/** Every output of a notebook as a reader sees it: without drawings, style and tags, and without ids, which change with every change of the code. */
export function visibleText(cells: readonly Cell[]): readonly string[] {
  return cells.flatMap(({ outputs = [] }) =>
    outputs
      .filter(({ name }) => name !== 'stderr')
      .map((output) =>
        `${textOf(output.text)}${textOf(output.data?.['text/html'])}`
          .replaceAll(/<(svg|style)[^]*?<\/\1>/g, '')
          .replaceAll(/<[^>]+>/g, ' ')
          .replaceAll(/-[0-9a-f]{12}\b/g, '-ID')
          .replaceAll(/\s+/g, ' ')
          .trim(),
      ),
  )
}
