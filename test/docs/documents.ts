import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import { ROOT } from '../cli/run-cli.js'

/** A fenced block of a page, with the comment on the line before it: `<!-- file: NAME -->` or `<!-- not run: REASON -->`. */
export interface Block {
  readonly page: string
  /** Of its first line of text, from 1. */
  readonly line: number
  readonly language: string
  readonly text: string
  /** Write the text to this file of the workspace. */
  readonly file: string | undefined
  /** Why the commands of the block are not run. */
  readonly notRun: string | undefined
}

export interface Page {
  /** Relative to the repository: `docs/data.md`. */
  readonly name: string
  readonly text: string
  readonly blocks: readonly Block[]
}

/** The pages that users read: README.md and docs/. */
export function pages(): Page[] {
  const docs = readdirSync(join(ROOT, 'docs')).filter((name) => name.endsWith('.md')).sort() // prettier-ignore
  return ['README.md', ...docs.map((name) => `docs/${name}`)].map((name) =>
    page(name, readFileSync(join(ROOT, name), 'utf8')),
  )
}

export function page(name: string, text: string): Page {
  return { name, text, blocks: blocksOf(name, text) }
}

function blocksOf(name: string, text: string): Block[] {
  const lines = text.split('\n')
  const blocks: Block[] = []
  for (let at = 0; at < lines.length; at++) {
    const opening = /^```(\w+)/.exec(lines[at] ?? '')
    if (opening === null) continue
    const end = lines.indexOf('```', at + 1)
    if (end < 0) throw new Error(`${name}: the block in line ${at + 1} has no end`)
    const above = lines.slice(0, at).findLast((line) => line.trim() !== '') ?? ''
    const [, word, value] = /^<!-- (file|not run): (.+) -->$/.exec(above) ?? []
    blocks.push({
      page: name,
      line: at + 2,
      language: opening[1] ?? '',
      text: `${lines.slice(at + 1, end).join('\n')}\n`,
      file: word === 'file' ? value : undefined,
      notRun: word === 'not run' ? value : undefined,
    })
    at = end
  }
  return blocks
}

/** Links to other pages and headings that lead nowhere: `docs/data.md: concepts.md#no-such`. */
export function brokenLinks(all: readonly Page[], exists: (path: string) => boolean): string[] {
  const anchors = new Map(all.map(({ name, text }) => [name, headings(text)]))
  return all.flatMap(({ name, text }) =>
    [...withoutBlocks(text).matchAll(/\]\(([^)\s]+)\)|(?:src|srcset|href)="([^"]+)"/g)].flatMap((match) => {
      const link = match[1] ?? match[2] ?? ''
      if (/^[a-z]+:/.test(link)) return []
      const [path = '', anchor] = link.split('#')
      const target = path === '' ? name : join(name, '..', path)
      const isThere = path === '' || exists(join(ROOT, target))
      const known = anchors.get(target)
      const isFound = anchor === undefined || known === undefined || known.includes(anchor)
      return isThere && isFound ? [] : [`${name}: ${link}`]
    }),
  )
}

function withoutBlocks(text: string): string {
  return text.replaceAll(/^```[^]*?^```$/gm, '')
}

/** Anchors of headings, as GitHub makes them. */
function headings(text: string): string[] {
  return [...withoutBlocks(text).matchAll(/^#+ (.+)$/gm)].map(([, title = '']) =>
    title.toLowerCase().replaceAll(/[^\p{L}\p{N}\s_-]/gu, '').replaceAll(' ', '-'),
  ) // prettier-ignore
}
