import { relative, resolve } from 'node:path'
import { type Command, InvalidArgumentError } from 'commander'
import { ConfigError } from '../core/errors.js'
import { DAY_MS, parseDuration } from '../core/time.js'
import { monteCarloOfRun } from '../jobs/monte-carlo.js'
import { findRun } from '../jobs/run-store.js'
import { monteCarloTable, monteCarloWords } from '../report/index.js'
import { wholeNumber } from './arguments.js'
import { ioOf, printable } from './io.js'
import { openFile } from './open-file.js'
import { copyReport } from './reports-folder.js'
import { DEFAULT_RUNS_FOLDER, RUN_ARGUMENT } from './runs-commands.js'

interface Flags {
  readonly runs: string
  readonly draws: number
  readonly seed: number
  readonly block?: string
  readonly reports?: string
  readonly open?: boolean
}

/** `montecarlo RUN`. */
export function addMonteCarloCommand(program: Command): void {
  program
    .command('montecarlo')
    .description('how else could a stored run have come out? bands of return and drawdown, from its own days and trades')
    .argument('<run>', RUN_ARGUMENT)
    .option('--draws <n>', 'how often days and trades are drawn, 100 or more', readDraws, 1000)
    .option('--seed <number>', 'another number, other draws', wholeNumber, 0)
    .option('--block <days>', 'mean length of the blocks of days (default: by the rule of Patton, Politis & White)')
    .option('--runs <dir>', 'folder of the stored runs', DEFAULT_RUNS_FOLDER)
    .option('--open', 'open the report in your browser')
    .addHelpText(
      'after',
      `
What was found is kept with the run, in place of an earlier one, and its report is made anew. The data folder is not needed.
docs/monte-carlo.md says what is drawn and what the bands cannot say.

Examples:
  baleen montecarlo latest
  baleen montecarlo sma-cross-1f0c9a7be24d --draws 5000 --block 10d --seed 7 --json`,
    )
    .action(async (name: string, _options: unknown, command: Command) => {
      const { runs, draws, seed, block, reports, open } = command.optsWithGlobals<Flags>()
      const io = ioOf(command)
      const id = await findRun(runs, name)
      const meanBlockDays = block === undefined ? undefined : parseDuration(block, '--block') / DAY_MS
      if (meanBlockDays !== undefined && meanBlockDays < 1)
        throw new ConfigError('a block is a day or longer', { field: '--block', value: block })
      const found = await monteCarloOfRun(runs, id, { draws, seed, ...(meanBlockDays === undefined ? {} : { meanBlockDays }) })
      const page = await copyReport({ id, folder: resolve(runs, id) }, reports)
      if (io.json) io.printJson({ ...found, page })
      else {
        io.print(io.bold(printable(`${found.strategy}: run ${id}`)) + (found.synthetic ? io.yellow('  SYNTHETIC DATA') : ''))
        io.printTable(monteCarloTable(found))
        io.print(`\n${monteCarloWords(found)}\n\nReport ${relative(process.cwd(), resolve(page))}`)
      }
      if (open === true) await openFile(resolve(page))
    })
} // prettier-ignore

function readDraws(text: string): number {
  const draws = wholeNumber(text)
  if (draws < 100) throw new InvalidArgumentError('At least 100: fewer have no 5 % to speak of.')
  return draws
}
