import type { Command } from 'commander'
import { CheckError } from '../core/errors.js'
import { type Config, findConfigFile, readConfigFile } from '../jobs/config-file.js'
import { table } from '../report/index.js'
import { runChecks, type Check, type Surroundings } from './doctor-checks.js'
import { DEFAULT_INSTRUMENTS_FILE } from './instruments-file.js'
import { ioOf, type Io } from './io.js'
import { DEFAULT_RUNS_FOLDER } from './runs-commands.js'

/** `doctor`: whether this machine and this folder are ready, and what to do where they are not. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description('check the machine and the folders: native modules, clock, disk, data, runs')
    .option('--runs <dir>', 'folder of the stored runs', DEFAULT_RUNS_FOLDER)
    .addHelpText(
      'after',
      '\nExits with 4 where a check fails; warnings do not count.\n\nExample:\n  baleen doctor',
    ) // prettier-ignore
    .action(async (_flags: unknown, command: Command) => doctor(ioOf(command), await around(command)))
}

async function around(command: Command): Promise<Surroundings> {
  const { data, runs, config: named } = command.optsWithGlobals<{ data: string; runs: string; config?: string }>() // prettier-ignore
  const { file, config, error } = await readConfig(named)
  const typed = (option: string): boolean => command.getOptionValueSourceWithGlobals(option) === 'cli'
  const io = ioOf(command)
  return {
    dataFolder: typed('data') ? data : (config.data ?? data),
    runsFolder: typed('runs') ? runs : (config.runs ?? runs),
    instrumentsFile: config.instruments ?? DEFAULT_INSTRUMENTS_FILE,
    config: error === undefined ? { file } : { file, error },
    path: process.env['PATH'] ?? '',
    progress: (done, total) => {
      if (io.showsProgress)
        process.stderr.write(`\r\u001b[Kreading stored data: ${done}/${total}${done === total ? '\r\u001b[K' : ''}`) // prettier-ignore
    },
  }
}

/** Every other command stops at a broken config file; here it is one finding among others. */
async function readConfig(named: string | undefined): Promise<{ file?: string; config: Config; error?: unknown }> {
  try {
    const file = named ?? findConfigFile(process.cwd())
    return file === undefined ? { config: {} } : { file, config: await readConfigFile(file, process.cwd()) }
  } catch (error) {
    return { config: {}, error }
  }
} // prettier-ignore

async function doctor(io: Io, surroundings: Surroundings): Promise<void> {
  const checks = await runChecks(surroundings)
  const failed = checks.filter(({ status }) => status === 'fail')
  const warned = checks.filter(({ status }) => status === 'warn')
  if (io.json) io.printJson({ ready: failed.length === 0, checks })
  else {
    io.printTable(table('Is everything ready?', ['Check', '', 'Found'], checks.map(({ name, status, found }) => [name, WORDS[status], found]))) // prettier-ignore
    for (const { name, remedy } of [...failed, ...warned])
      io.print(`${io.yellow('!')} ${name}: ${remedy ?? ''}`)
    if (failed.length === 0) io.print('\nReady.')
  }
  const [first] = failed
  if (first !== undefined) {
    const count = failed.length === 1 ? '1 check failed' : `${failed.length} checks failed; the first`
    throw new CheckError(`${count}: ${first.name}: ${first.found}`)
  }
}

const WORDS: Readonly<Record<Check['status'], string>> = {
  pass: 'ok',
  warn: 'warning',
  fail: 'FAILED',
  unused: 'not used',
}
