import { hostname } from 'node:os'
import { relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import { DAY_MS, formatUtc, formatUtcDay } from '../core/time.js'
import { stableJson } from '../jobs/json.js'
import { loadPageKit } from '../jobs/page-kit.js'
import { writePage } from '../jobs/write-page.js'
import { formatStatistic, formatValue } from '../metrics/format.js'
import { dailyReport, type DailyReport } from '../monitor/daily-report.js'
import { dailyReportPage, holdTable, limitTable, missedTable, positionTable, tradeTable, warningsOf } from '../monitor/daily-report-page.js' // prettier-ignore
import { sessionDemotion } from '../monitor/demotion-figures.js'
import { demotionLine, demotionTable } from '../monitor/demotion-words.js'
import { backtestReturnsOf } from '../monitor/drift.js'
import { dayOfClose } from '../monitor/journal-fold.js'
import { readParity, reportPaths } from '../monitor/report-files.js'
import { viewSession, type WatchPorts } from '../monitor/session-view.js'
import { table } from '../report/index.js'
import { isAlive } from '../runner/machine.js'
import { demotionRules, metRules } from '../runner/promotion/demotion.js'
import { DEFAULT_SESSIONS_FOLDER, findSession, readSession, sessionPaths } from '../runner/session-folder.js'
import { replaceTextFile } from '../store/files.js'
import { ioOf, printable, type Io } from './io.js'
import { openFile } from './open-file.js'
import { SESSION_ARGUMENT } from './paper-stop-commands.js'
import { DEFAULT_RUNS_FOLDER } from './runs-commands.js'

interface Flags {
  readonly sessions: string
  readonly runs: string
  readonly data: string
  readonly day?: string
  readonly html?: boolean
  readonly open?: boolean
}

/** This machine, as whoever watches a session sees it. */
export const MACHINE: WatchPorts = { now: () => Date.now(), host: hostname(), isAlive }

/** `paper report ID`. */
export function addPaperReportCommand(paper: Command): void {
  paper
    .command('report')
    .description('one UTC day of a session: trades, profit, positions, risk, holds, decisions explained, drift against its backtest')
    .argument('<session>', SESSION_ARGUMENT)
    .option('--day <day>', 'UTC day, such as 2026-11-26 (default: of the last close)')
    .option('--html', 'write the page too, daily/DAY.html')
    .option('--open', 'the same, and open it in your browser')
    .option('--sessions <dir>', 'folder of the sessions', DEFAULT_SESSIONS_FOLDER)
    .option('--runs <dir>', 'folder of the stored runs, one of which promoted the session', DEFAULT_RUNS_FOLDER)
    .addHelpText(
      'after',
      `
The report is written to daily/DAY.json in the session's folder, whoever runs it. The session is only read. docs/monitoring.md says what every figure means.

Examples:
  baleen paper report latest
  baleen paper report sma-cross-1f0c9a7be24d --day 2026-11-26 --html
  baleen paper report latest --json`,
    )
    .action(async (name: string, _options: unknown, command: Command) => {
      const { sessions, runs, data, day, html, open } = command.optsWithGlobals<Flags>()
      const io = ioOf(command)
      const id = await findSession(sessions, name)
      const wanted = day === undefined ? undefined : dayStartOf(day)
      const { report, page } = await writeDailyReport(sessions, id, { runs, data, dayStart: wanted, withPage: html === true || open === true })
      if (io.json) io.printJson(report)
      else print(io, report)
      io.log(`\nReport ${relative(process.cwd(), resolve(page ?? reportPaths(sessionPaths(sessions, id), report.day).json))}`)
      if (open === true && page !== undefined) await openFile(resolve(page))
    })
} // prettier-ignore

/** Start of a UTC day that was typed. Throws ConfigError for what is none. */
export function dayStartOf(text: string): number {
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(text)
  const dayStart = isDay ? Date.parse(`${text}T00:00:00Z`) : NaN
  // 30 February is read as a day of March.
  if (!Number.isNaN(dayStart) && formatUtcDay(dayStart) === text) return dayStart
  throw new ConfigError(isDay ? `no calendar has ${text}` : 'a UTC day such as 2026-11-26', {
    field: '--day',
    value: text,
  })
}

/** What to make of a day. */
export interface DailyReportOptions {
  /** Folder of stored runs. */
  readonly runs: string
  /** Where a recorder keeps best bid and ask. */
  readonly data: string
  /** UTC ms; undefined: of the last close. */
  readonly dayStart: number | undefined
  readonly withPage: boolean
  readonly drawdownLimit?: number
}

/** Makes the report of a day and writes it into the session's folder. Throws ConfigError where the session has decided on no close yet, or has not lived through that day. */
export async function writeDailyReport(
  sessions: string,
  id: string,
  { runs, data, dayStart: wanted, withPage, drawdownLimit }: DailyReportOptions,
): Promise<{ readonly report: DailyReport; readonly page: string | undefined }> {
  const paths = sessionPaths(sessions, id)
  const dayStart = wanted ?? (await lastDay(sessions, id))
  const view = await viewSession(sessions, id, MACHINE, { fromMs: dayStart, toMs: dayStart + DAY_MS, stopsThere: true }) // prettier-ignore
  const { journal, settings } = view
  const isLivedThrough =
    dayStart + DAY_MS > settings.startTime && (journal.isPast || journal.lastClose > dayStart)
  if (!isLivedThrough)
    throw new ConfigError(`the session has not lived through that day: it trades from ${formatUtc(settings.startTime)}, and its last day so far is ${formatUtcDay(await lastDay(sessions, id))}`, { field: '--day', value: formatUtcDay(dayStart) }) // prettier-ignore
  const parity = await readParity(paths, formatUtcDay(dayStart))
  const backtestReturns = await backtestReturnsOf(runs, view.settings.promotion?.runId)
  const stored = await readSession(sessions, id)
  const demotion = demotionRules(await sessionDemotion(stored, dayStart + DAY_MS, { runsFolder: runs, dataFolder: data })) // prettier-ignore
  const report = dailyReport(view, dayStart, { parity, backtestReturns, demotion, ...(drawdownLimit === undefined ? {} : { drawdownLimit }) }) // prettier-ignore
  const { json, html } = reportPaths(paths, report.day)
  await replaceTextFile(json, stableJson(report))
  if (withPage) await writePage(html, dailyReportPage(await loadPageKit(), report))
  return { report, page: withPage ? html : undefined }
}

async function lastDay(sessions: string, id: string): Promise<number> {
  const { journal, problems } = await viewSession(sessions, id, MACHINE)
  if (!Number.isNaN(journal.lastClose)) return dayOfClose(journal.lastClose)
  const [problem = 'the session has decided on no close yet'] = problems
  throw new ConfigError(`${problem}: name a day with --day`, { field: 'session', value: id })
}

function print(io: Io, report: DailyReport): void {
  const { equity, parity, drift } = report
  io.print(io.bold(printable(`${report.strategy}: session ${report.sessionId}, ${report.day}`)) + io.yellow(`  PAPER${report.isSynthetic ? ', SYNTHETIC DATA' : ''}${report.isLoopback ? ', LOOPBACK WORLD' : ''}${report.promotedBy === null ? ', unpromoted' : ''}`)) // prettier-ignore
  for (const warning of warningsOf(report)) io.print(io.yellow(printable(`! ${warning}`)))
  const money = (name: 'dayProfit' | 'equity'): string => formatStatistic(equity[name], 'money')
  io.printTable(
    table(report.isComplete ? 'The day' : 'The day so far', ['Figure', 'Value#'], [
      ['Profit of the day', money('dayProfit')],
      ['Return of the day', formatStatistic(equity.dayReturn, 'fraction')],
      ['Value at current prices', money('equity')],
      ['Return since the start', formatStatistic(equity.totalReturn, 'fraction')],
      ['Drawdown', formatStatistic(equity.drawdown, 'fraction')],
      ['Closed trades', formatValue(report.trades.length, 'count')],
      ['Win rate', formatStatistic(report.winRate, 'fraction')],
      ['Risk level', report.riskLevel],
      ['Closes decided on', `${report.closesDecided} of ${report.closesDue}`],
      ['Decisions replayed', parity.state === 'absent' ? `n/a (${parity.detail})` : parity.state],
      ['Above the 5 % band of the backtest', formatStatistic(drift.aboveBand, 'fraction')],
    ]),
  ) // prettier-ignore
  const named = (title: string, rows: ReturnType<typeof tradeTable>): void => {
    if (rows.rows.length > 0) io.printTable({ ...rows, title })
  }
  named('Positions', positionTable(report))
  named('Closed trades', tradeTable(report))
  io.printTable(limitTable(report))
  named('Holds', holdTable(report))
  named('Closes not decided on', missedTable(report))
  const { demotion } = report
  if (metRules(demotion).length > 0) io.printTable(demotionTable(demotion))
  else io.print(printable(`Demotion: ${demotionLine(demotion)}`))
}
