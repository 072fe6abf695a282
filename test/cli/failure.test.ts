import { mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { describeFailure } from '../../src/cli/failure.js'
import { DataError } from '../../src/core/errors.js'

it.each([['EACCES'], ['EPERM'], ['EROFS'], ['ENOSPC']])(
  '%s is the machine’s refusal, with its path',
  (code) => {
    const error = Object.assign(new Error(`${code}: mkdir`), { code, path: '/runs/x' })
    const { text, exitCode } = describeFailure(error, false)
    expect(exitCode).toBe(3)
    expect(text).toMatch(/\/runs\/x/)
    expect(text).not.toContain('bug')
  },
)

it('reads what the system itself throws, and leaves other codes to be reported', () => {
  const folder = mkdtempSync(join(tmpdir(), 'baleen-failure-'))
  const thrown = (attempt: () => void): unknown => {
    try {
      attempt()
    } catch (error) {
      return error
    }
    return undefined
  }
  const file = join(folder, 'file')
  mkdirSync(file)
  const exists = thrown(() => mkdirSync(file))
  expect(describeFailure(exists, false)).toMatchObject({ exitCode: 3, text: expect.stringContaining(file) })
  const absent = thrown(() => readdirSync(join(folder, 'absent')))
  expect(describeFailure(absent, false)).toMatchObject({ exitCode: 1, text: expect.stringContaining('bug') })
  rmSync(folder, { recursive: true })
})

it('is one JSON object with all of its place that is known', () => {
  const place = { file: 'a.csv', row: 3, field: 'rate', value: '9', unit: 'fraction' }
  const { json, text } = describeFailure(new DataError('too large', place), false)
  expect(json).toEqual({
    error: { ...place, message: expect.stringMatching(/^too large \(file a\.csv/), exitCode: 3 },
  })
  expect(text).toContain(json?.error.message)
  const unplaced = describeFailure(new Error('odd'), false).json
  expect(unplaced).toEqual({ error: { message: 'odd', exitCode: 1 } })
})
