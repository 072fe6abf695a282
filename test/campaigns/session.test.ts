import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { differencesOf, loadCase, parityMarket, playCase } from '../../campaigns/session/parity.js'
import { parityStrategies } from '../../campaigns/session/parity-strategies.js'
import { failuresOf, playFaults } from '../../campaigns/session/deadlines.js'
import { breachesOf, DEADLINE_FAULTS, type DeadlineFault } from '../../campaigns/session/deadline-faults.js'
import { livePlace } from '../../campaigns/session/live-program.js'
import { playQuotesCase, quoteFaultsOf, silentQuotes } from '../../campaigns/session/parity-quotes.js'
import { HOUR_MS } from '../../src/core/time.js'
import { quoteFillSettings } from '../../src/runner/fill-model.js'
import { journalBody } from '../../src/runner/journal-text.js'
import { replayDecisions } from '../../src/runner/replay/replay-decisions.js'
import { sessionKill } from '../../campaigns/session/session-kill.js'

const root = mkdtempSync(join(tmpdir(), 'baleen-parity-test-'))
afterAll(() => rmSync(root, { recursive: true, force: true }))
beforeAll(() => parityMarket(join(root, 'market'), 11, true))

test('a session by sockets is its backtest to the last bit, a loss of power included; one that was not would be seen', async () => {
  const [, smartMoney] = parityStrategies(0, 1)
  if (smartMoney === undefined) throw new Error('no strategy')
  const one = await loadCase(smartMoney, join(root, 'market'), 1.5)
  const outcomes = await playCase(one, join(root, 'case'), 1, 5)
  expect(differencesOf(outcomes)).toEqual([])
  const { whole, kills, backtest } = outcomes
  expect([backtest.fills.length > 0, whole.rows.length > 70, kills]).toEqual([true, true, 1])

  const at = whole.rows.findLastIndex((row) => row.startsWith('decision'))
  const rows = whole.rows.with(at, (whole.rows[at] ?? '').replace(/\d(?=\D*$)/, (digit) => String((Number(digit) + 1) % 10)))
  expect(differencesOf({ ...outcomes, whole: { ...whole, rows } })).toEqual([expect.stringContaining(`the session by sockets: row ${at}`)])
  expect(differencesOf({ ...outcomes, killed: { ...outcomes.killed, fills: whole.fills.slice(1) } }).join()).toContain('fills differ')
}) // prettier-ignore

test('a session is held, halted and stopped; what is late, never comes or enters meanwhile would be seen', async () => {
  const named = (name: string): DeadlineFault => {
    const found = DEADLINE_FAULTS.find((fault) => fault.name === name)
    if (found === undefined) throw new Error(name)
    return found
  }
  const place = await livePlace(join(root, 'deadlines'))
  const faults = [named('clock offset'), named('kill file'), named('SIGTERM')] as const
  const played = await playFaults(faults, place, join(root, 'deadlines-sessions'), { speed: 20, phase: 0.3 })
  // That it comes, and nothing is entered meanwhile; how soon is the campaign's, on a machine that has time.
  expect([played.problems, played.measured.filter(({ tookMs }) => Number.isNaN(tookMs))]).toEqual([[], []])
  expect(played.measured.map(({ state }) => state)).toEqual(['HOLD', 'HALTED', 'flat', 'stopped'])

  const [first] = played.measured
  if (first === undefined) throw new Error('nothing was measured')
  const late = { ...first, tookMs: first.allowedMs + 1 }
  expect(failuresOf({ ...played, measured: [late, { ...first, tookMs: NaN }] })).toEqual([expect.stringContaining('are allowed'), 'HOLD never came'])
  const entry = { kind: 'submit', order: { order: { role: 'entry' } } }
  const rows = [['intent', entry], ['hold', { reasons: ['clock-offset'] }], ['intent', entry], ['hold', { reasons: [] }], ['mode', { mode: 'halted' }], ['intent', entry]] as const
  const journal = rows.map(([kind, body], at) => ({ seq: at + 1, kind, text: JSON.stringify(body) }))
  expect(breachesOf(journal).map((line) => line.slice(0, 5))).toEqual(['row 3', 'row 6'])
}) // prettier-ignore

test('a session that fills by quotes of sockets decides the same with its fills again, and no fill meets what was not there; hours of silence hold it', async () => {
  const busy = parityStrategies(1, 1)[3]
  if (busy === undefined) throw new Error('no strategy')
  const market = await loadCase(busy, join(root, 'market'), 1)
  const faults = silentQuotes(market.startTime + 16 * HOUR_MS, market.startTime + 20 * HOUR_MS)
  const played = await playQuotesCase({ market, folder: join(root, 'quotes'), kills: 1, seed: 5, faults })
  const { rows, settings, differences, fills, decisions, killed, staleHolds } = played
  expect([differences, decisions, killed]).toEqual([[], 48, 1])
  expect([fills > 4, staleHolds]).toEqual([true, 1])
  // While it was held for want of quotes nothing filled.
  const at = rows.findIndex(({ kind, text }) => kind === 'hold' && text.includes('stale-quotes'))
  const until = rows.findIndex(({ kind, text }, index) => index > at && kind === 'hold' && text.includes('"reasons":[]'))
  expect(rows.slice(at, until).filter(({ text }) => text.includes('"kind":"fill"'))).toEqual([])
  const heldMs = [at, until].map((row) => (journalBody(rows[row]?.text ?? '') as { time: number }).time - market.startTime - 16 * HOUR_MS)
  expect(heldMs[0]).toBeGreaterThan(0)
  expect(heldMs[1]).toBeGreaterThanOrEqual(4 * HOUR_MS)

  // What is planted is seen.
  const fill = rows.findIndex(({ text }) => text.includes('"kind":"fill"') && text.includes('"taker"'))
  const tampered = (change: (text: string) => string): typeof rows => rows.with(fill, { ...rows[fill]!, text: change(rows[fill]!.text) })
  const quotes = quoteFillSettings(settings.quotes ?? {})
  expect(quoteFaultsOf(rows, quotes).faults).toEqual([])
  expect(quoteFaultsOf(tampered((text) => text.replace(/"price":\d+/, '"price":1')), quotes).faults).not.toEqual([])
  expect(quoteFaultsOf(tampered((text) => text.replace(/"quantity":/, '"quantity":9999')), quotes).faults.join()).toContain('were taken of')
  expect(quoteFaultsOf(rows, { ...quotes, quoteLifeMs: -1 }).faults.join()).toContain('old')
  const otherPrice = tampered((text) => text.replace(/"price":([\d.]+)/, (_all, price) => `"price":${Number(price) * 0.999}`))
  expect(replayDecisions(settings, otherPrice, '').difference).toBeDefined()
}, 60_000) // prettier-ignore

test('kill -9 of the program loses and doubles nothing', async () => {
  expect(await sessionKill({ size: 2, seed: 3 })).toBe(0)
})
