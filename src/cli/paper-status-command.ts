import type { Command } from 'commander'
import { formatUtc } from '../core/time.js'
import { formatStatistic } from '../metrics/format.js'
import { demotionLine, demotionTable } from '../monitor/demotion-words.js'
import { sessionStatusOf } from '../monitor/session-json.js'
import { SessionWatch, viewSession } from '../monitor/session-view.js'
import { checkTable, heldTable, limitsTable, orderTable, periodTable, signalTable, statusLines, statusOf, strategyName, type SessionStatus } from '../monitor/status-tables.js' // prettier-ignore
import { table, type Table } from '../report/index.js'
import { metRules } from '../runner/promotion/demotion.js'
import { DEFAULT_SESSIONS_FOLDER, findSession, listSessions } from '../runner/session-folder.js'
import { isLoopbackSession, isSyntheticSession } from '../runner/session-request.js'
import { ioOf, printable, renderTable, type Io } from './io.js'
import { MACHINE } from './paper-report-command.js'
import { SESSION_ARGUMENT } from './paper-stop-commands.js'
import { untilSignal } from './until-signal.js'

interface Flags {
  readonly sessions: string
  readonly once?: boolean
}

/** How often the live view is drawn. */
const EVERY_MS = 2_000

/** `paper status [ID]`. */
export function addPaperStatusCommand(paper: Command): void {
  paper
    .command('status')
    .description('all sessions, or one of them as it is now; on a terminal it is drawn again until Ctrl-C')
    .argument('[session]', `${SESSION_ARGUMENT}; all of them are listed where none is named`)
    .option('--once', 'once, also on a terminal')
    .option('--sessions <dir>', 'folder of the sessions', DEFAULT_SESSIONS_FOLDER)
    .addHelpText(
      'after',
      `
The session is only read, whether it runs or not.

Examples:
  baleen paper status
  baleen paper status latest
  baleen paper status sma-cross-1f0c9a7be24d --once --json`,
    )
    .action(async (name: string | undefined, _options: unknown, command: Command) => {
      const { sessions, once } = command.optsWithGlobals<Flags>()
      const io = ioOf(command)
      if (name === undefined) return list(io, sessions)
      const id = await findSession(sessions, name)
      const isLive = process.stdout.isTTY === true && once !== true && !io.json
      if (isLive) return live(sessions, id)
      const status = statusOf(await viewSession(sessions, id, MACHINE))
      if (io.json) io.printJson(sessionStatusOf(status))
      else io.print(textOf(status, io))
    })
} // prettier-ignore

async function list(io: Io, sessions: string): Promise<void> {
  const rows: string[][] = []
  const json: object[] = []
  for (const listed of await listSessions(sessions)) {
    if ('problem' in listed) {
      rows.push([listed.id, 'unreadable', '', '', '', listed.problem])
      json.push(listed)
      continue
    }
    const status = statusOf(await viewSession(sessions, listed.id, MACHINE))
    const { figures, liveness, view, risk } = status
    rows.push([listed.id, liveness.state, formatUtc(view.journal.lastClose), formatStatistic(figures.equity, 'money'), formatStatistic(figures.totalReturn, 'fraction'), [view.journal.mode === 'active' ? '' : view.journal.mode, view.journal.holds.length > 0 ? 'on hold' : '', `risk ${risk}`, ...view.problems].filter((word) => word !== '').join(', ')]) // prettier-ignore
    json.push(sessionStatusOf(status))
  }
  if (io.json) return io.printJson({ sessions: json })
  if (rows.length === 0) return io.print(`There is no session in ${printable(sessions)}. Begin one: baleen paper start --help`) // prettier-ignore
  io.printTable(table('Sessions on paper', ['Session', 'State', 'Last close', 'Equity#', 'Return#', 'What else'], rows)) // prettier-ignore
}

/** What must not be mistaken for a market. */
function dataMarks(settings: SessionStatus['view']['settings']): readonly string[] {
  return [...(isSyntheticSession(settings) ? ['SYNTHETIC DATA'] : []), ...(isLoopbackSession(settings) ? ['LOOPBACK WORLD'] : [])] // prettier-ignore
}

/** Everything of one session as text. */
export function textOf(status: SessionStatus, { bold, yellow }: Pick<Io, 'bold' | 'yellow'>): string {
  const { view, figures, risk } = status
  const { settings } = view
  const marks = ['PAPER', ...dataMarks(settings), ...(settings.promotion === null ? ['unpromoted'] : [])]
  const money = table('Money', ['Figure', 'Value#'], [
    ['Equity', formatStatistic(figures.equity, 'money')],
    ["Today's profit", formatStatistic(figures.dayProfit, 'money')],
    ['Today', formatStatistic(figures.dayReturn, 'fraction')],
    ['Since the start', formatStatistic(figures.totalReturn, 'fraction')],
    ['Drawdown', formatStatistic(figures.drawdown, 'fraction')],
    ['Gross exposure', formatStatistic(figures.grossExposure, 'fraction')],
    ['Risk level', risk],
  ]) // prettier-ignore
  const filled = (rows: Table): Table[] => (rows.rows.length === 0 ? [] : [rows])
  const tables = [
    table(
      'Session',
      ['What', 'Now'],
      statusLines(status).map(([label, value]) => [label, value]),
    ),
    money,
    ...filled(heldTable(status)),
    ...filled(orderTable(status)),
    ...filled(signalTable(status)),
    limitsTable(status),
    checkTable(status),
    ...filled(periodTable(status, 'day')),
    ...('rules' in view.demotion && metRules(view.demotion.rules).length > 0 ? [demotionTable(view.demotion.rules, `Demotion, by the report of ${view.demotion.day}`)] : []), // prettier-ignore
  ]
  const warnings = [...view.problems, ...(view.killReason === undefined ? [] : [`The kill switch is thrown: ${view.killReason}`])] // prettier-ignore
  return [
    `${bold(printable(`${strategyName(view)}: session ${settings.id}`))}  ${yellow(marks.join(', '))}`,
    ...warnings.map((text) => yellow(printable(`! ${text}`))),
    ...tables.map((one) => renderTable(one)),
    printable(
      `Demotion: ${'rules' in view.demotion ? `${demotionLine(view.demotion.rules)}, by the report of ${view.demotion.day}` : `n/a (${view.demotion.reason})`}`,
    ),
  ].join('\n')
}

/** Draws the session again and again on the other screen of the terminal, so that what stood there comes back. */
async function live(sessions: string, id: string): Promise<void> {
  const plain = { bold: (text: string): string => text, yellow: (text: string): string => text }
  const watch = await SessionWatch.open(sessions, id, MACHINE)
  const ended = untilSignal()
  let code: number | undefined
  process.stdout.write('\u001b[?1049h\u001b[?25l')
  try {
    while (code === undefined) {
      const lines = textOf(statusOf(await watch.look()), plain).split('\n')
      // A terminal that does not know its size says 0.
      const height = sizeOr(process.stdout.rows, 40) - 1
      const width = sizeOr(process.stdout.columns, 120)
      const shown = lines.slice(0, height).map((line) => `${line.slice(0, width)}\u001b[K`)
      process.stdout.write(`\u001b[H${shown.join('\n')}\u001b[J`)
      const pause = new Promise<undefined>((resolve) => setTimeout(() => resolve(undefined), EVERY_MS))
      code = await Promise.race([ended, pause])
    }
  } finally {
    process.stdout.write('\u001b[?25h\u001b[?1049l')
    watch.close()
  }
  process.exit(code)
}

function sizeOr(size: number | undefined, otherwise: number): number {
  return size !== undefined && size > 0 ? size : otherwise
}
