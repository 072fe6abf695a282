import { readFile } from 'node:fs/promises'
import { DataError } from '../core/errors.js'
import type { Json } from './json.js'

/** What a stored file holds. Throws DataError where it is no JSON. */
export async function readJsonFile(file: string): Promise<Json> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as Json
  } catch (error) {
    if (error instanceof SyntaxError) throw new DataError('not JSON: the file was damaged', { file })
    throw error
  }
}
