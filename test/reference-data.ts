import { existsSync } from 'node:fs'
import { resolve } from 'node:path'
import { describe, it } from 'vitest'

/** Data and other libraries' answers that are used where they are found, and never copied into the project. */
const folder = resolve(process.env.BALEEN_REFERENCE_DATA ?? '../shared')

/** Absolute path of a file or folder of the reference data. */
export function referenceData(relativePath: string): string {
  return resolve(folder, relativePath)
}

/** `describe` where the reference data are found; elsewhere the block is one skipped line and its body does not run. */
export function describeWithReference(name: string, tests: () => void): void {
  if (existsSync(folder)) describe(name, tests)
  else
    it.skipIf(true)(`${name} (skipped: no reference data at ${folder}; set BALEEN_REFERENCE_DATA)`, () => {})
}
