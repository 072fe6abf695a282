import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { gitState } from '../../src/jobs/git.js'

it('a commit that does not hold the strategy is not the whole state', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-git-'))
  const git = (...words: string[]): void =>
    void execFileSync('git', ['-C', folder, '-c', 'user.name=x', '-c', 'user.email=x@x', ...words])
  const [held, loose] = [join(folder, 'held.ts'), join(folder, 'loose.ts')]
  expect(await gitState(folder, [held])).toBeNull()
  git('init', '-q')
  writeFileSync(held, '1')
  git('add', 'held.ts')
  git('commit', '-qm', 'first')
  writeFileSync(loose, '1')
  const dirty = async (...files: string[]): Promise<boolean | undefined> =>
    (await gitState(folder, files))?.dirty
  expect(await dirty()).toBe(false)
  expect(await dirty(held)).toBe(false)
  expect(await dirty(held, loose)).toBe(true)
  expect(await dirty(join(tmpdir(), 'elsewhere.ts'))).toBe(true)
  expect(await dirty(join(folder, 'node_modules/baleen/strategies/a.ts'))).toBe(false)
  writeFileSync(held, '2')
  expect(await dirty(held)).toBe(true)
  rmSync(folder, { recursive: true })
})
