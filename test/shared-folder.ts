import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { inject } from 'vitest'
import type { TestProject } from 'vitest/node'

declare module 'vitest' {
  interface ProvidedContext {
    /** A folder of this run of the tests, for what several of their files need and takes long to make. */
    sharedFolder: string
  }
}

/** Vitest calls this before all tests, and what it answers after them. */
export default function setup({ provide }: TestProject): () => void {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-shared-'))
  provide('sharedFolder', folder)
  return () => rmSync(folder, { recursive: true, force: true })
}

/**
 * Copies to `target` what `make` leaves in a folder, and answers what it answered, as JSON: made by the file of tests that comes first, while others
 * wait. Each has its own copy, so that none sees what another does to it.
 */
export async function copyOfShared<T>(
  name: string,
  target: string,
  make: (folder: string) => Promise<T>,
): Promise<T> {
  const place = join(inject('sharedFolder'), name)
  const [files, answer] = [join(place, 'files'), join(place, 'answer.json')]
  if (isFirst(place)) {
    const made = await make(files).then((value) => ({ value }), (error: unknown) => ({ error: String(error) })) // prettier-ignore
    writeFileSync(`${answer}.tmp`, JSON.stringify(made))
    renameSync(`${answer}.tmp`, answer)
  }
  while (!existsSync(answer)) await delay(100)
  const made = JSON.parse(readFileSync(answer, 'utf8')) as { value: T } | { error: string }
  if ('error' in made) throw new Error(`${name}: ${made.error}`)
  cpSync(files, target, { recursive: true })
  return made.value
}

function isFirst(place: string): boolean {
  try {
    mkdirSync(place)
    return true
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false
    throw error
  }
}
