import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { recordedDataFolder, recordedFolders, strategyFolder } from '../../src/jobs/recorded-folders.js'

let root: string
let made: string
let here: string
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'baleen-folders-'))
  made = join(root, 'made')
  here = join(root, 'here')
  for (const folder of [made, here]) mkdirSync(join(folder, 'strategies'), { recursive: true })
})
afterEach(() => rmSync(root, { recursive: true }))

it('relative paths are read where the run was made, then where we are; of a run that does not say, only here', () => {
  expect(recordedFolders({ workingFolder: made }, here)).toEqual([made, here])
  expect(recordedFolders({ workingFolder: here }, here)).toEqual([here])
  expect(recordedFolders({ workingFolder: join(root, 'gone') }, here)).toEqual([here])
  for (const created of [{}, null, { workingFolder: 7 }])
    expect(recordedFolders(created, here)).toEqual([here])
})

it('a strategy is looked for by path and by name in each, ours last', () => {
  const folders = [made, here]
  writeFileSync(join(here, 'strategies/mine.ts'), '')
  expect(strategyFolder(folders, 'mine')).toBe(here)
  expect(strategyFolder(folders, './strategies/mine.ts')).toBe(here)
  writeFileSync(join(made, 'strategies/mine.ts'), '')
  expect(strategyFolder(folders, 'mine')).toBe(made)
  expect(strategyFolder(folders, './strategies/mine.ts')).toBe(made)
  expect(strategyFolder(folders, 'sma-cross')).toBe(made)
  expect(strategyFolder(folders, 'nothing')).toBe(here)
})

it('so is the data folder', () => {
  mkdirSync(join(here, 'data'))
  expect(recordedDataFolder([made, here], 'data')).toBe(join(here, 'data'))
  mkdirSync(join(made, 'data'))
  expect(recordedDataFolder([made, here], 'data')).toBe(join(made, 'data'))
  expect(recordedDataFolder([made, here], join(root, 'here/data'))).toBe(join(here, 'data'))
  expect(recordedDataFolder([made, here], 'gone')).toBe('gone')
})
