import { Command } from 'commander'
import { addBacktestCommand } from './backtest-command.js'
import { addCheckCommand } from './check-command.js'
import { useConfigFile } from './config-defaults.js'
import { addDataCommands } from './data-commands.js'
import { addDemoCommand } from './demo-command.js'
import { addDoctorCommand } from './doctor-command.js'
import { addInitCommand } from './init-command.js'
import { addLedgerCommands } from './ledger-commands.js'
import { addMonteCarloCommand } from './monte-carlo-command.js'
import { addNotebookCommand } from './notebook-command.js'
import { optionDescription } from './option-help.js'
import { addPaperCommand } from './paper-command.js'
import { addPromoteCommand } from './promote-command.js'
import { addReportCommand } from './report-command.js'
import { addRunsCommands } from './runs-commands.js'
import { addServeCommand } from './serve-command.js'
import { addSignalCommand } from './signal-command.js'
import { addStrategyCommands } from './strategy-commands.js'
import { addSweepCommand } from './sweep-command.js'
import { addSweepsCommands } from './sweeps-commands.js'
import { addWalkForwardCommand } from './walk-forward-command.js'
import { addWorkerCommand } from './worker-command.js'
import { packageVersion } from '../jobs/package-info.js'

/** The whole command line. `words` are remembered with the runs they make. Parsing throws CommanderError instead of ending the process. */
export function createProgram(words: readonly string[]): Command {
  const program = new Command('baleen')
  program
    .description('Backtesting and research workbench for trading strategies that act on smart money.')
    .version(packageVersion(), '--version', 'print the version')
    .option('--json', 'print the result as JSON, and nothing else, to stdout')
    .option('--data <dir>', 'data folder: imported series and their manifest', 'data')
    .option(
      '--config <file>',
      'settings: JSON, or a module (default: baleen.config.json where there is one); the command line wins',
    )
    .option('-q, --quiet', 'say nothing on stderr but errors')
    .option('-v, --verbose', 'say more on stderr; show stacks of errors')
    .option('--no-color', 'no colours (NO_COLOR in the environment does the same)')
    .exitOverride()
    .configureHelp({ showGlobalOptions: true, optionDescription })
    .addHelpText(
      'after',
      `
Examples:
  baleen demo
  baleen init my-research
  baleen data import candles.csv --as candles --instrument binance:BTCUSDT --interval 1h
  baleen backtest sma-cross -i binance:BTCUSDT -p fast=10
  baleen report latest --open

Exit codes: 0 ok, 1 bug, 2 usage or config, 3 data missing or corrupt, 4 a check failed, 5 no network, 130 interrupted.`,
    )
  program.commandsGroup('To begin:')
  addInitCommand(program)
  addDemoCommand(program)
  addDoctorCommand(program)
  program.commandsGroup('Data and strategies:')
  addDataCommands(program)
  addStrategyCommands(program)
  addServeCommand(
    program.command('simulate').description('a market, an exchange and the Smart Money API on this machine'),
  )
  program.commandsGroup('Runs:')
  addBacktestCommand(program, words)
  addSweepCommand(program, words)
  addWorkerCommand(program)
  addSignalCommand(program, words)
  addCheckCommand(program, words)
  addWalkForwardCommand(program, words)
  addMonteCarloCommand(program)
  addReportCommand(program)
  addRunsCommands(program)
  addSweepsCommands(program)
  addLedgerCommands(program)
  program.commandsGroup('Stages:')
  addPromoteCommand(program)
  addPaperCommand(program)
  program.commandsGroup('Notebooks:')
  addNotebookCommand(program)
  useConfigFile(program)
  forEachCommand(program, (command) => void command.exitOverride())
  return program
}

function forEachCommand(command: Command, visit: (command: Command) => void): void {
  visit(command)
  for (const child of command.commands) forEachCommand(child, visit)
}
