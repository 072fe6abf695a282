import { existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, it } from 'vitest'
import { DataError } from '../../src/core/errors.js'
import { makeFolder, replaceTextFile } from '../../src/store/files.js'

const folder = mkdtempSync(join(tmpdir(), 'baleen-files-'))
afterAll(() => rmSync(folder, { recursive: true }))

async function faultOf(work: Promise<unknown>): Promise<DataError> {
  const error: unknown = await work.then(() => undefined, (reason: unknown) => reason) // prettier-ignore
  expect(error).toBeInstanceOf(DataError)
  return error as DataError
}

it('makes a folder with those above it, and is content with one that is there', async () => {
  const deep = join(folder, 'a/b/c')
  await Promise.all([makeFolder(deep), makeFolder(deep), makeFolder(join(folder, 'a/d'))])
  await makeFolder(deep)
  expect(readdirSync(join(folder, 'a'))).toEqual(['b', 'd'])
})

it.runIf(existsSync('/proc/self'))('ends where the system says that there is no such place', async () => {
  expect((await faultOf(makeFolder('/proc/nope/deeper/still'))).place.file).toBe('/proc/nope')
  const { message, place } = await faultOf(replaceTextFile('/proc/page.html', 'text'))
  expect(message).toContain('the system takes no new files or folders there')
  expect(place.file).toBe('/proc/page.html')
})

it('names a file that stands where a folder is needed, and a folder that stands where a file is', async () => {
  const file = join(folder, 'file')
  writeFileSync(file, '')
  expect((await faultOf(makeFolder(file))).place.file).toBe(file)
  expect((await faultOf(makeFolder(join(file, 'inside')))).place.file).toBe(join(file, 'inside'))
  const taken = join(folder, 'taken')
  mkdirSync(taken)
  expect(await faultOf(replaceTextFile(taken, 'text'))).toMatchObject({
    message: expect.stringContaining('a folder of this name'),
    place: { file: taken },
  })
  expect(readdirSync(folder).filter((name) => name.endsWith('.tmp'))).toEqual([])
  await replaceTextFile(join(folder, 'new/page.html'), 'text')
  expect(readFileSync(join(folder, 'new/page.html'), 'utf8')).toBe('text')
})
