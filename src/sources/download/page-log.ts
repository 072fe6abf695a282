import { rm } from 'node:fs/promises'
import type { PageMemory } from '../exchange/page-memory.js'
import { appendLine, cutTornLine, readLinesOf } from '../line-file.js'

/** Pages in a file, a line each: what was acknowledged is not asked for again, however the program ended. */
export interface PageLog extends PageMemory {
  /** Pages that were there when it was opened. */
  readonly remembered: number
  /** Pages since. */
  readonly asked: number
  /** Once everything is where it belongs. */
  remove(): Promise<void>
}

interface Line {
  readonly question: string
  readonly rows: readonly unknown[]
}

export async function openPageLog(path: string): Promise<PageLog> {
  await cutTornLine(path)
  const pages = new Map<string, readonly unknown[]>()
  for await (const line of readLinesOf(path)) pages.set((line as Line).question, (line as Line).rows)
  const before = pages.size
  return {
    remembered: before,
    get asked() {
      return pages.size - before
    },
    find: (question) => pages.get(question),
    keep: async (question, rows) => {
      await appendLine(path, { question, rows } satisfies Line)
      pages.set(question, rows)
    },
    remove: () => rm(path, { force: true }),
  }
}
