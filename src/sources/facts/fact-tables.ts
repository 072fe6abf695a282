import { rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { BaleenError } from '../../core/errors.js'
import { makeFolder } from '../../store/files.js'
import { importFile } from '../../store/import.js'
import type { ImportOptions, ImportReport } from '../../store/import-options.js'
import type { Store } from '../../store/store.js'

/** A missing value is null. */
export type Cell = number | string | null

/** A series to be: what its rows hold, and how they are imported. */
export interface TableShape {
  /** Becomes a file's name. */
  readonly name: string
  /** Beside time and known-at. */
  readonly columns: readonly string[]
  /** Those of them that tell facts of one time apart. */
  readonly keys: readonly string[]
  readonly options: Omit<ImportOptions, 'file' | 'now'>
}

export interface FactRow {
  /** Of the event, UTC ms. */
  readonly time: number
  /** UTC ms. */
  readonly knownAt: number
  readonly cells: Readonly<Record<string, Cell>>
}

interface Table {
  readonly shape: TableShape
  /** Of each event, what was said of it last. */
  readonly said: Map<string, string>
  readonly lines: string[]
}

/**
 * Rows on their way to the store, by series. Whoever adds them does so in the order in which they became known: a row that says of an event what was said of it last is
 * no news and is left out; another value is, and becomes a revision.
 */
export class FactTables {
  private readonly tables = new Map<string, Table>()

  /** Answers whether it is news. */
  add(shape: TableShape, { time, knownAt, cells }: FactRow): boolean {
    let table = this.tables.get(shape.name)
    if (table === undefined) this.tables.set(shape.name, (table = { shape, said: new Map(), lines: [] }))
    const key = [time, ...shape.keys.map((name) => cells[name])].join('\u0000')
    const saying = shape.columns.map((name) => csvCell(cells[name] ?? null)).join(',')
    if (table.said.get(key) === saying) return false
    table.said.set(key, saying)
    table.lines.push(isTimed(shape) ? `${time},${knownAt},${saying}` : `${time},${saying}`)
    return true
  }

  /** Rows by series. */
  counts(): ReadonlyMap<string, number> {
    return new Map([...this.tables].map(([name, { lines }]) => [name, lines.length]))
  }

  /** Each series as the text of a CSV file, by name. */
  files(): { readonly shape: TableShape; readonly text: string }[] {
    const sorted = [...this.tables.values()].sort((a, b) => (a.shape.name < b.shape.name ? -1 : 1))
    return sorted.map(({ shape, lines }) => ({ shape, text: `${[headerOf(shape), ...lines].join('\n')}\n` }))
  }
}

/** Bars are known at their close by definition. */
function isTimed({ options: { kind } }: TableShape): boolean {
  return kind !== 'candles' && kind !== 'mark-candles'
}

function headerOf(shape: TableShape): string {
  return ['time', ...(isTimed(shape) ? ['known_at'] : []), ...shape.columns].join(',')
}

/** Texts are quoted always, so that no text passes for a number or an end of line. */
function csvCell(cell: Cell): string {
  if (cell === null) return ''
  return typeof cell === 'number'
    ? String(cell)
    : `"${cell.replaceAll(/[\r\n]+/g, ' ').replaceAll('"', '""')}"`
}

export interface TableImport {
  readonly table: string
  readonly report?: ImportReport
  /** Why the import took none of its rows; the file stays where `refusedFolder` says. */
  readonly refused?: string
}

/** How tables are imported, beside what each says itself. */
export interface TableImportOptions {
  readonly store: Store
  /** For the files while they are imported. */
  readonly folder: string
  readonly now: number
  /** Words kept with every row. */
  readonly flags: readonly string[]
  readonly source?: string
  /** Begins the name of each file, as the manifest will show it. */
  readonly prefix: string
  readonly progress?: (table: string, done: number, total: number) => void
  /** Ends between two tables; what was imported stays. */
  readonly isStopped?: () => boolean
  /** Ends with the import's own error at the first table that it refuses, in place of passing over it. */
  readonly throwsRefusals?: boolean
}

/** Imports tables one after another. A table that the import refuses is said and passed over: one broken series does not hold up the others. */
export async function importTables(
  files: readonly { readonly shape: TableShape; readonly text: string }[],
  options: TableImportOptions,
): Promise<TableImport[]> {
  const { store, folder, now, flags, source, prefix, progress, isStopped, throwsRefusals } = options
  const done: TableImport[] = []
  if (files.length > 0) await makeFolder(folder)
  for (const [index, { shape, text }] of files.entries()) {
    if (isStopped?.() === true) break
    const file = join(folder, `${prefix}${shape.name.replaceAll(/[^A-Za-z0-9._@+-]/g, '_')}.csv`)
    await writeFile(file, text)
    const hasKnownAt = isTimed(shape) && shape.options.knownLagMs === undefined
    const known = hasKnownAt ? { knownAtColumn: 'known_at' } : {}
    const own = shape.options.flags ?? []
    try {
      const report = await importFile(store, { ...known, ...shape.options, file, now, flags: [...own, ...flags], ...(source !== undefined && { source }) }) // prettier-ignore
      await rm(file)
      done.push({ table: shape.name, report })
    } catch (error) {
      if (!(error instanceof BaleenError) || throwsRefusals === true) throw error
      done.push({ table: shape.name, refused: error.message })
    }
    progress?.(shape.name, index + 1, files.length)
  }
  return done
}
