import type { Command } from 'commander'
import { BaleenError, CheckError } from '../core/errors.js'
import { type Config, findConfigFile, readConfigFile } from '../jobs/config-file.js'
import { table } from '../report/index.js'
import { runChecks, type Check, type Surroundings } from './doctor-checks.js'
import { type Feed, feedsOfLegs, type LegFeeds } from './doctor-legs.js'
import { DEFAULT_INSTRUMENTS_FILE } from './instruments-file.js'
import { ioOf, type Io } from './io.js'
import { DEFAULT_RUNS_FOLDER } from './runs-commands.js'

/** `doctor`: whether this machine and this folder are ready, and what to do where they are not. */
export function addDoctorCommand(program: Command): void {
  program
    .command('doctor')
    .description(
      'check the machine and the folders: native modules, clock, disk, data, runs; say what can feed the legs of each shipped strategy',
    )
    .option('--runs <dir>', 'folder of the stored runs', DEFAULT_RUNS_FOLDER)
    .option('--recording <dir>', 'folder of the recording, as of `data record`', 'recording')
    .addHelpText(
      'after',
      '\nExits with 4 where a check fails; warnings do not count.\n\nExample:\n  baleen doctor',
    ) // prettier-ignore
    .action(async (_flags: unknown, command: Command) => {
      const surroundings = await around(command)
      const { recording } = command.optsWithGlobals<{ recording: string }>()
      await doctor(ioOf(command), surroundings, await legsOf(surroundings.dataFolder, recording))
    })
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

/** A folder that is damaged is a finding of the checks. */
async function legsOf(dataFolder: string, recordingFolder: string): Promise<LegFeeds[]> {
  try {
    return await feedsOfLegs({ dataFolder, recordingFolder, environment: process.env, now: Date.now() })
  } catch (error) {
    if (error instanceof BaleenError) return []
    throw error
  }
}

async function doctor(io: Io, surroundings: Surroundings, legs: readonly LegFeeds[]): Promise<void> {
  const checks = await runChecks(surroundings)
  const failed = checks.filter(({ status }) => status === 'fail')
  const warned = checks.filter(({ status }) => status === 'warn')
  if (io.json) io.printJson({ ready: failed.length === 0, checks, legs })
  else {
    io.printTable(table('Is everything ready?', ['Check', '', 'Found'], checks.map(({ name, status, found }) => [name, WORDS[status], found]))) // prettier-ignore
    const words = ({ isFed, why }: Feed): string => `${isFed ? 'yes' : 'NO'}: ${why}`
    for (const strategy of new Set(legs.map((one) => one.strategy))) {
      const rows = legs.filter((one) => one.strategy === strategy)
      io.print(`\n${io.bold(`What can feed the score of ${strategy}`)}`)
      for (const { leg, fact, stored, recorder, live } of rows)
        io.print(`  ${leg}${leg === fact ? '' : ` (${fact})`}\n    stored    ${words(stored)}\n    recorder  ${words(recorder)}\n    live      ${words(live)}`) // prettier-ignore
    }
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
