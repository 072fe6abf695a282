import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { describeFailure } from '../../../src/cli/failure.js'
import { DataError } from '../../../src/core/errors.js'
import { writeGeneration } from '../../../src/jobs/sweep/generation-file.js'
import { withDuckDB, type DuckDBConnection } from '../../../src/store/duckdb.js'
import { int } from '../../../src/strategy/params.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-generation-'))
afterAll(() => rmSync(folder, { recursive: true }))
const SPECS = { fast: int(1, 2, 9) }

/** What becomes of writing a generation by a connection that answers COPY in its own way. */
async function written(into: string, copy?: (file: string) => void): Promise<unknown> {
  return withDuckDB(async (connection) => {
    const run: DuckDBConnection['run'] = (sql, ...more) => {
      const file = /^COPY generation TO '(.+)' /.exec(sql)?.[1]
      if (copy !== undefined && file !== undefined) copy(file)
      return connection.run(sql, ...more)
    }
    const stubbed = new Proxy(connection, {
      get: (target, name) => {
        if (name === 'run') return run
        const value: unknown = Reflect.get(target, name)
        return typeof value === 'function' ? (value as () => unknown).bind(target) : value
      },
    })
    return writeGeneration(stubbed, into, 3, SPECS, []).catch((error: unknown) => error)
  })
}

it('a generation that cannot be written is an error of the disk that names the file, not a bug', async () => {
  const error = await written(join(folder, 'not-there'))
  expect(error).toBeInstanceOf(DataError)
  expect((error as Error).message).toMatch(/^cannot be written \(is the disk full\?\): IO Error.*file .*not-there\/\.00003\./s)
  expect(describeFailure(error, false)).toMatchObject({ exitCode: 3, text: expect.not.stringContaining('bug') as string })
}) // prettier-ignore

it('a disk that fills while it is written leaves no half of it behind', async () => {
  const error = await written(folder, (file) => {
    writeFileSync(file, 'half')
    throw new Error(`IO Error: Could not write to file "${file}": No space left on device`)
  })
  expect(error).toBeInstanceOf(DataError)
  expect(readdirSync(folder)).toEqual([])
})

it('anything else that goes wrong stays what it is', async () => {
  const bug = new Error('Catalog Error: Table with name generation does not exist')
  const error = await written(folder, () => {
    throw bug
  })
  expect(error).toBe(bug)
})
