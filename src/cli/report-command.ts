import { dirname, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { findRun } from '../jobs/run-store.js'
import { REPORTS_FOLDER } from '../jobs/write-page.js'
import { writeReport } from '../jobs/stored-report.js'
import { compareReport } from './compare-report.js'
import { ioOf } from './io.js'
import { openFile } from './open-file.js'
import { copyReport, PAGE_FOLDERS } from './reports-folder.js'
import { DEFAULT_RUNS_FOLDER, RUN_ARGUMENT } from './runs-commands.js'

interface Flags {
  readonly runs: string
  readonly out?: string
  readonly reports?: string
  readonly open?: boolean
  readonly compare?: readonly string[]
}

/** `report RUN [--compare RUN…]`. */
export function addReportCommand(program: Command): void {
  program
    .command('report')
    .description(
      'make the report of a stored run again, as this version makes it; the data folder is not needed',
    )
    .argument('<run>', RUN_ARGUMENT)
    .option('--runs <dir>', 'folder of the stored runs', DEFAULT_RUNS_FOLDER)
    .option(
      '--out <file>',
      `where to write it (default: the run's folder, and a copy in ${REPORTS_FOLDER}, where there is such a folder; with --compare in ${PAGE_FOLDERS})`,
    )
    .option('--compare <run...>', 'a page of these runs beside the first one, which they are compared with')
    .option('--open', 'open it in the browser')
    .addHelpText(
      'after',
      '\nExamples:\n  baleen report latest --open\n  baleen report sma-cross-1f0c9a7be24d --out memo.html\n  baleen report latest --compare 1f0c 77ab --open',
    )
    .action(async (run: string, _options: unknown, command: Command) => {
      const { runs, out, reports, open } = command.optsWithGlobals<Flags>()
      const io = ioOf(command)
      const { compare } = command.optsWithGlobals<Flags>()
      if (compare !== undefined) return compareReport(io, [run, ...compare], command.optsWithGlobals<Flags>())
      const id = await findRun(runs, run)
      const written = await writeReport(runs, id, out)
      const path = out ?? (await copyReport({ id, folder: dirname(written) }, undefined, reports))
      if (io.json) io.printJson({ runId: id, page: path })
      else io.print(relative(process.cwd(), resolve(path)))
      if (open === true) await openFile(resolve(path))
    })
}
