import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { loadCase, parityCase, parityMarket } from '../../campaigns/session/parity.js'
import { parityStrategies } from '../../campaigns/session/parity-strategies.js'
import { sessionKill } from '../../campaigns/session/session-kill.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-parity-test-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
beforeAll(() => parityMarket(join(root, 'market'), 11, true))

test('a session by sockets is its backtest to the last bit, losses of power included', async () => {
  const [, smartMoney] = parityStrategies(0, 1)
  if (smartMoney === undefined) throw new Error('no strategy')
  const one = await loadCase(smartMoney, join(root, 'market'), 3)
  const { differences, fills, killed } = await parityCase(one, join(root, 'case'), 2, 5)
  expect(differences).toEqual([])
  expect([fills > 0, killed]).toEqual([true, 2])
})

test('a difference of one fill would be seen', async () => {
  const [first, second] = parityStrategies(0, 1)
  if (first === undefined || second === undefined) throw new Error('no strategy')
  const one = await loadCase(first, join(root, 'market'), 2)
  const [bar] = one.data
  if (bar === undefined) throw new Error('no data')
  const close = bar.candles.close.slice()
  // Of the backtest alone: the world goes on as it was.
  close[6 * 24 + 20] = (close[6 * 24 + 20] as number) * 1.000001
  const changed = { ...bar, candles: { ...bar.candles, close } }
  const { differences } = await parityCase({ ...one, data: [changed, ...one.data.slice(1)] }, join(root, 'changed'), 0, 5)
  expect(differences.join()).toContain('the session by sockets: row')
}) // prettier-ignore

test('kill -9 of the program loses and doubles nothing', async () => {
  expect(await sessionKill({ size: 2, seed: 3 })).toBe(0)
})
