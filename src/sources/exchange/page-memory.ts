/** Pages that were answered already, by what was asked: a download that is begun again asks for none of them. */
export interface PageMemory {
  find(question: string): readonly unknown[] | undefined
  /** Resolves once the rows are durable. */
  keep(question: string, rows: readonly unknown[]): Promise<void>
}

export const NO_MEMORY: PageMemory = { find: () => undefined, keep: () => Promise.resolve() }

/** The rows of a page, asked for where nobody remembers them. */
export async function remembered(
  memory: PageMemory,
  question: string,
  ask: () => Promise<readonly unknown[]>,
): Promise<readonly unknown[]> {
  const found = memory.find(question)
  if (found !== undefined) return found
  const rows = await ask()
  await memory.keep(question, rows)
  return rows
}
