import type { Command } from 'commander'
import { addPaperReplayCommand } from './paper-replay-command.js'
import { addPaperReportCommand } from './paper-report-command.js'
import { addPaperStartCommands } from './paper-start-command.js'
import { addPaperStatusCommand } from './paper-status-command.js'
import { addPaperStopCommands } from './paper-stop-commands.js'
import { addPaperWatchCommands } from './paper-watch-command.js'

/** `paper …`: sessions that trade on paper. */
export function addPaperCommand(program: Command): void {
  const paper = program.command('paper').description('sessions on paper: the same decisions as a backtest, as bars close; nobody else sees the orders') // prettier-ignore
  addPaperStartCommands(paper)
  addPaperStopCommands(paper)
  addPaperStatusCommand(paper)
  addPaperReportCommand(paper)
  addPaperWatchCommands(paper)
  addPaperReplayCommand(paper)
}
