import { join } from 'node:path'
import type { Command } from 'commander'
import { CheckError } from '../core/errors.js'
import { formatUtc } from '../core/time.js'
import { plain } from '../jobs/json.js'
import { formatValue } from '../metrics/format.js'
import { table, type Table } from '../report/index.js'
import { readJournalRows } from '../runner/journal-file.js'
import { differenceWords, REPLAY_SCHEMA, writeDailyReplay } from '../runner/replay/daily-replay.js'
import { CAUSES, type TradeGap } from '../runner/replay/gap.js'
import { replaySession, type SessionReplay } from '../runner/replay/replay-session.js'
import { loadSessionData } from '../runner/session-data.js'
import { DEFAULT_SESSIONS_FOLDER, findSession, readSession } from '../runner/session-folder.js'
import { loadSession } from '../runner/session-settings.js'
import { ioOf, type Io } from './io.js'
import { dayStartOf } from './paper-report-command.js'
import { SESSION_ARGUMENT } from './paper-stop-commands.js'

interface Flags {
  readonly sessions: string
  readonly day?: string
  readonly stored?: boolean
  readonly data: string
}

/** `paper replay SESSION`. */
export function addPaperReplayCommand(paper: Command): void {
  paper
    .command('replay')
    .description('live through a session again: would it decide the same, and why did it earn something else than its backtest?')
    .argument('<session>', SESSION_ARGUMENT)
    .option('--sessions <dir>', 'folder of the sessions', DEFAULT_SESSIONS_FOLDER)
    .option('--day <day>', 'up to the end of this UTC day, with the trades that ended in it; written to replay/<day>.json of the session')
    .option('--stored', 'compare with the backtest on stored data (--data), not on what the session was told: the difference is the cause "data"')
    .addHelpText(
      'after',
      `
Two replays. With the recorded fills: every decision, intent and limit must be the recorded one to the last bit, else the first difference is named by row and field. With the fills of
the model bars, as a backtest of what the session was told: the gap in money is split by cause, in this order: data, signal, fee, funding, size, timing, price. The causes add up exactly.
docs/fill-models.md says what each means. A running session can be replayed.

Exits with 4 where a decision differs.

Examples:
  baleen paper replay latest
  baleen paper replay sma-cross-1f0c9a7be24d --day 2024-01-31 --json`,
    )
    .action(async (name: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const answer = await replayOf(name, flags)
      const io = ioOf(command)
      if (io.json) io.printJson(plain({ schema: REPLAY_SCHEMA, ...answer }))
      else print(io, answer)
      const { difference } = answer.decisions
      if (difference !== undefined) throw new CheckError(`the session would decide otherwise now: ${differenceWords(difference)}`, { field: 'session', value: answer.session })
    })
} // prettier-ignore

async function replayOf(name: string, { sessions, day, stored, data }: Flags): Promise<SessionReplay> {
  if (day !== undefined) dayStartOf(day)
  const session = await readSession(sessions, await findSession(sessions, name))
  const loaded = await loadSession(session)
  const { paths, settings } = session
  if (stored !== true && day !== undefined) return writeDailyReplay(session, loaded, day)
  const rows = await readJournalRows(paths.journal)
  const options = { file: paths.journal, ...(day !== undefined && { day }) }
  if (stored !== true) return replaySession(loaded.settings, rows, options)
  const { instruments } = await loadSessionData(
    loaded.strategy,
    { ...settings, fillModel: 'bars' },
    data,
    Infinity,
  )
  return replaySession(loaded.settings, rows, { ...options, stored: instruments })
}

function print(io: Io, answer: SessionReplay): void {
  const { decisions, model, session, day, fillModel, lastClose } = answer
  const { decisions: decided, intents, limits, injected, difference } = decisions
  const through = Number.isNaN(lastClose) ? 'no close yet' : `through ${formatUtc(lastClose)} UTC`
  io.print(`${io.bold(session)}  fills: ${fillModel}, ${through}`)
  if (difference !== undefined) {
    io.print(
      `${decided} decisions, ${intents} intents and ${limits} limits were equal before the first difference`,
    )
    return
  }
  io.print(`Decisions are the recorded ones: ${decided} decisions, ${intents} intents, ${limits} limits, all equal; ${injected} events of the broker injected`) // prettier-ignore
  if (model === undefined)
    return io.print('Nothing has been traded on yet: there is no backtest to compare with')
  const scope = day === null ? 'all trades' : `trades that ended on ${day}`
  io.print(`Profit of ${scope}: session ${formatValue(model.session, 'money')}, backtest ${formatValue(model.backtest, 'money')}, gap ${money(model.gap)}`) // prettier-ignore
  io.printTable(causesTable(model.causes, model.gap))
  const differing = model.trades.filter(({ gap }) => gap !== 0)
  if (differing.length > 0) io.printTable(tradesTable(differing))
  if (day !== null) io.log(`Written: ${join('replay', `${day}.json`)} in the folder of the session`)
}

function money(amount: number): string {
  return amount === 0 ? '0' : amount.toFixed(8).replace(/0+$/, '').replace(/\.$/, '')
}

function causesTable(causes: TradeGap['causes'], gap: number): Table {
  const rows = CAUSES.map((cause) => [cause, money(causes[cause])])
  return table('Gap by cause (quote units)', ['cause', 'gap#'], [...rows, ['total', money(gap)]])
}

function tradesTable(trades: readonly TradeGap[]): Table {
  const rows = trades.map(({ instrument, side, decidedAt, session, backtest, gap, causes }) => [
    formatUtc(decidedAt),
    String(instrument + 1),
    side > 0 ? 'long' : 'short',
    session === undefined ? 'backtest only' : backtest === undefined ? 'session only' : 'both',
    money(gap),
    ...CAUSES.slice(1).map((cause) => money(causes[cause])),
  ])
  return table('Trades that differ', ['decided', 'instrument#', 'side', 'in', 'gap#', ...CAUSES.slice(1).map((cause) => `${cause}#`)], rows) // prettier-ignore
}
