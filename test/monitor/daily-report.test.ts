import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { Command } from 'commander'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { addPaperReportCommand, writeDailyReport } from '../../src/cli/paper-report-command.js'
import { DAY_MS, formatUtcDay, HOUR_MS } from '../../src/core/time.js'
import { loadPageKit } from '../../src/jobs/page-kit.js'
import { dailyReport, type DailyReport } from '../../src/monitor/daily-report.js'
import { dailyReportPage, warningsOf } from '../../src/monitor/daily-report-page.js'
import { reportedDemotion } from '../../src/monitor/demotion-words.js'
import { demotionRules, noDemotionFigures } from '../../src/runner/promotion/demotion.js'
import { known, unknown } from '../../src/metrics/statistic.js'
import { parityOf } from '../../src/monitor/report-files.js'
import { viewSession } from '../../src/monitor/session-view.js'
import { CHROMIUM } from '../chromium.js'
import { PageBrowser } from '../report/browser.js'
import { requireComponent } from '../require.js'
import { ports, testSession, type TestSession } from './stored-session.js'

const SCRIPT = '<script>document.title="run"</script>'
const DEMOTION = demotionRules({ ...noDemotionFigures(unknown('never measured')), aboveBand: known(-0.01) })
const NO_PARITY = { state: 'absent', detail: 'no replay of this day was made' } as const
let made: TestSession
let dayStart: number
let report: DailyReport

beforeAll(async () => {
  made = await testSession({ bars: 140, name: SCRIPT })
  const { lastDecided } = made.session.desk.session
  dayStart = Math.floor(lastDecided / DAY_MS) * DAY_MS - DAY_MS
  report = await reportOf(made, dayStart)
})
afterAll(() => {
  made.session.close()
  rmSync(made.folder, { recursive: true, force: true })
})

async function reportOf({ folder, id }: TestSession, start: number, backtestReturns: Float64Array | { readonly reason: string } = { reason: 'none' }): Promise<DailyReport> {
  const view = await viewSession(folder, id, ports(), { fromMs: start, toMs: start + DAY_MS, stopsThere: true })
  return dailyReport(view, start, { parity: NO_PARITY, backtestReturns, demotion: DEMOTION })
} // prettier-ignore

describe('the report of a day', () => {
  test('is of that day as it was at its end, whatever came after', () => {
    const { marks, session } = made.session.desk
    const last = marks.filter(({ time }) => time <= dayStart + DAY_MS).at(-1)
    const before = marks.filter(({ time }) => time <= dayStart).at(-1)
    expect(report.isComplete).toBe(true)
    expect(report.equity.equity.value).toBe(last?.equity)
    expect(report.equity.dayProfit.value).toBe((last?.equity ?? NaN) - (before?.equity ?? NaN))
    expect(report.marks).toHaveLength(24)
    const trades = session.trades.filter(
      ({ exitTime }) => exitTime >= dayStart && exitTime < dayStart + DAY_MS,
    )
    expect(trades.length).toBeGreaterThan(2)
    expect(report.trades.map(({ exitTime }) => exitTime)).toEqual(trades.map(({ exitTime }) => exitTime))
    expect(report.tradesProfit).toBeCloseTo(
      trades.reduce((sum, { profit }) => sum + profit, 0),
      9,
    )
    expect(report.winRate.value).toBe(trades.filter(({ profit }) => profit > 0).length / trades.length)
    expect([report.closesDue, report.closesDecided, report.missed]).toEqual([24, 24, []])
  })

  test('adds up: what days earn is what the session earns', async () => {
    const first = Math.floor((made.session.desk.marks[0]?.time as number) / DAY_MS) * DAY_MS
    const days = [0, 1, 2, 3, 4, 5, 6].map((day) => first + day * DAY_MS)
    const reports = []
    for (const day of days) reports.push(await reportOf(made, day))
    const sum = reports.reduce((total, { equity }) => total + (equity.dayProfit.value ?? 0), 0)
    expect(sum).toBeCloseTo((made.session.desk.marks.at(-1)?.equity ?? NaN) - 10_000, 6)
    expect(reports.reduce((total, { trades }) => total + trades.length, 0)).toBe(made.session.desk.session.trades.length) // prettier-ignore
    expect(reports.map(({ isComplete }) => isComplete)).toEqual([true, true, true, true, true, true, false])
    expect(reports.some(({ haltedAt }) => haltedAt !== undefined)).toBe(true)
  })

  test('explains each decision that asked for something, by what was known', () => {
    const { decisions } = report
    expect(decisions.made).toBe(48)
    const entered = decisions.explained.find(({ outcome }) => outcome.startsWith('entry'))
    expect(entered?.features).toMatch(/^fast [\d.]+, mood \d+, slow [\d.]+$/)
    expect(entered?.signal).toMatch(/^asks to enter (long|short)/)
    expect(entered?.outcome).toMatch(/^entry: (buy|sell) [\d.]+ market/)
    const blocked = Object.values(decisions.blocked).reduce((sum, count) => sum + count, 0)
    expect(decisions.explained.filter(({ outcome }) => outcome.includes('no entry: '))).toHaveLength(blocked)
  })

  test('names holds and closes that nobody decided on', async () => {
    const broken = await testSession({ bars: 80, told: 0 })
    const { desk } = broken.session
    const { inputsOf, feed } = await import('../runner/as-session.js')
    const from = broken.options.instruments[0]?.candles.openTime[20] as number
    for (const input of inputsOf(broken.options)) {
      if (input.kind === 'bars' && input.at > from && input.at <= from + 3 * HOUR_MS) continue
      if (input.kind === 'bars' && input.at === from + 5 * HOUR_MS) desk.hold({ time: input.at, reasons: ['slow-journal'] }) // prettier-ignore
      if (input.kind === 'bars' && input.at === from + 7 * HOUR_MS) desk.hold({ time: input.at, reasons: [] })
      feed(desk, input)
    }
    const start = Math.floor(from / DAY_MS) * DAY_MS
    const found = await reportOf(broken, start)
    expect(found.missed).toEqual([{ firstTime: from + HOUR_MS, lastTime: from + 3 * HOUR_MS, closes: 3 }])
    expect(found.holds).toEqual([{ fromMs: from + 5 * HOUR_MS, toMs: from + 7 * HOUR_MS, reasons: ['slow-journal'] }]) // prettier-ignore
    expect(warningsOf(found)).toContain(`3 of ${found.closesDue} closes were not decided on.`)
    broken.session.close()
    rmSync(broken.folder, { recursive: true })
  })

  test('holds the session against the simultaneous band of its backtest, or says why not', async () => {
    expect(report.drift.aboveBand).toEqual({ reason: 'none' })
    expect(warningsOf(report)).toContain(
      'To be demoted: return above the simultaneous 1 % band: -1 %, demoted below 0 %.',
    )
    const steady = Float64Array.from({ length: 200 }, (_, day) => 0.02 + 0.001 * Math.sin(day * 1.7))
    const bad = await reportOf(made, dayStart, steady)
    expect(bad.drift.days).toBe(5)
    expect(bad.drift.aboveDemotionBand.value).toBeLessThan(0)
    expect(warningsOf(bad)).toContain('The return is below the 5 % band of the backtest.')
    const wild = Float64Array.from({ length: 200 }, (_, day) => 0.2 * Math.sin(day * 1.7))
    expect((await reportOf(made, dayStart, wild)).drift.aboveBand.value).toBeGreaterThan(0)
  })

  test('takes a parity result only from a replay that compared something', () => {
    const difference = { row: 7, kind: 'decision', field: 'signal.score', recorded: '0.5', now: '0.6' }
    expect(parityOf({ schema: 1, decisions: { decisions: 12, rows: 40 } })).toEqual({
      state: 'equal',
      detail: '12 decisions',
    })
    expect(parityOf({ schema: 1, decisions: { decisions: 12, difference } })).toEqual({
      state: 'different',
      detail: 'row 7 (decision, signal.score) was 0.5, now it is 0.6',
    })
    const nothing = [
      null,
      1,
      {},
      { schema: 1 },
      { schema: 1, decisions: null },
      { schema: 1, decisions: { decisions: 0 } },
      { schema: 2, decisions: { decisions: 12 } },
    ]
    for (const json of nothing) expect(parityOf(json).state).toBe('absent')
  })
})

test('the command writes JSON and a page, and prints the day; other words are refused', async () => {
  const parent = new Command('paper').option('--data <dir>', '', '/nowhere').exitOverride()
  addPaperReportCommand(parent)
  const said: string[] = []
  const write = process.stdout.write
  process.stdout.write = ((text: string) => (said.push(text), true)) as typeof process.stdout.write
  try {
    await parent.parseAsync(['report', 'latest', '--sessions', made.folder, '--day', report.day, '--html'], { from: 'user' }) // prettier-ignore
  } finally {
    process.stdout.write = write
  }
  expect(said.join('')).toContain(`Closes decided on`)
  const { daily } = made.stored.paths
  const stored = JSON.parse(readFileSync(join(daily, `${report.day}.json`), 'utf8')) as DailyReport
  expect(stored.trades).toHaveLength(report.trades.length)
  expect(readFileSync(join(daily, `${report.day}.html`), 'utf8')).toContain('&lt;script&gt;')
  const bad = parent.parseAsync(['report', 'latest', '--sessions', made.folder, '--day', '2026-02-30'], { from: 'user' }) // prettier-ignore
  await expect(bad).rejects.toThrow('no calendar has 2026-02-30')
  mkdirSync(made.stored.paths.replay)
  writeFileSync(join(made.stored.paths.replay, `${report.day}.json`), '{"schema":1,"decisions":{"decisions":3,"difference":{"row":7,"kind":"intent","field":"","recorded":"a","now":"b"}}}') // prettier-ignore
  const { report: again } = await writeDailyReport(made.folder, made.id, { runs: '/nowhere', data: '/nowhere', dayStart, withPage: false }) // prettier-ignore
  expect(warningsOf(again)).toContain(
    'Decisions were not the same when replayed: row 7 (intent) was a, now it is b',
  )
  expect(formatUtcDay(dayStart)).toBe(again.day)
  // A day that a replay makes otherwise is a rule that is met, here and for whoever asks how the session is.
  expect(again.demotion.filter(({ state }) => state === 'met').map(({ key }) => key)).toContain('parity')
  expect(warningsOf(again)).toContain('To be demoted: days whose decisions a replay makes otherwise: 1, demoted above 0.') // prettier-ignore
  expect((await viewSession(made.folder, made.id, ports())).demotion).toEqual({ day: again.day, rules: JSON.parse(JSON.stringify(again.demotion)) as object }) // prettier-ignore
  const file = join(daily, `${again.day}.json`)
  writeFileSync(file, '{"schema":1}')
  expect(await reportedDemotion(made.stored.paths)).toEqual({ reason: expect.stringContaining('says nothing of demotion') as string }) // prettier-ignore
  writeFileSync(file, '{')
  expect(await reportedDemotion(made.stored.paths)).toEqual({ reason: `${file} is no JSON` })
  expect(await reportedDemotion({ daily: join(daily, 'none') })).toEqual({ reason: expect.stringContaining('no report of a day') as string }) // prettier-ignore
})

requireComponent('chromium', CHROMIUM !== undefined)('in a browser', () => {
test('nothing of a name is run, nothing is asked for, and no table leaves a phone', async () => {
  const browser = await PageBrowser.start()
  try {
    const html = dailyReportPage(await loadPageKit(), report)
    for (const width of [1280, 390]) {
      const { page, messages, requests } = await browser.visit(html, { width, colorScheme: width === 390 ? 'dark' : 'light' })
      await PageBrowser.drawAll(page)
      expect([messages, requests.length]).toEqual([[], 1])
      expect(await page.title()).toBe(`${SCRIPT} · ${report.day}`)
      expect(await page.evaluate('document.documentElement.scrollWidth <= innerWidth')).toBe(true)
      const shots = process.env['BALEEN_SHOTS']
      if (shots !== undefined) await page.screenshot({ path: join(shots, `daily-${width}.png`), fullPage: true })
      await page.close()
    }
  } finally {
    await browser.close()
  }
}) // prettier-ignore
}) // prettier-ignore
