import { createInterface } from 'node:readline/promises'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import { formatUtc, parseDuration } from '../core/time.js'
import { removeLeftovers, removeRun, selectRuns, type RemovableRun, type RunSelection } from '../jobs/remove-runs.js' // prettier-ignore
import { formatValue } from '../metrics/format.js'
import { table } from '../report/index.js'
import { ioOf, type Io } from './io.js'

interface Flags {
  readonly runs: string
  readonly olderThan?: string
  readonly strategy?: string
  readonly damaged?: boolean
  readonly dryRun?: boolean
  readonly yes?: boolean
}

/** Adds `runs rm`. */
export function addRunsRemove(
  runs: Command,
  folder: readonly [string, string, string],
  argument: string,
): void {
  runs
    .command('rm')
    .description('delete stored runs, by name or by conditions that must all hold')
    .argument('[run...]', argument)
    .option(...folder)
    .option('--older-than <duration>', 'runs made longer ago than this, such as 30d')
    .option('--strategy <name>', 'runs of this strategy')
    .option('--damaged', 'runs that cannot be read, or of which a file was changed; reads every file')
    .option('--dry-run', 'say what would be deleted, delete nothing')
    .option('--yes', 'do not ask; needed where nobody can be asked')
    .addHelpText(
      'after',
      `
Examples:
  baleen runs rm 1f0c 77ab
  baleen runs rm --older-than 30d --strategy sma-cross --dry-run
  baleen runs rm --damaged --yes

A run that is deleted can be made again from its strategy, settings and data. Reports copied elsewhere stay where they are.`,
    )
    .action(async (names: string[], flags: Flags, command: Command) => remove(ioOf(command), names, flags, Date.now())) // prettier-ignore
}

function selectionOf(names: readonly string[], flags: Flags, now: number): RunSelection {
  const { olderThan, strategy, damaged } = flags
  return {
    names,
    ...(olderThan === undefined ? {} : { before: now - parseDuration(olderThan, '--older-than') }),
    ...(strategy === undefined ? {} : { strategy }),
    ...(damaged === true ? { damaged } : {}),
  }
}

async function remove(io: Io, names: readonly string[], flags: Flags, now: number): Promise<void> {
  const chosen = await selectRuns(flags.runs, selectionOf(names, flags, now))
  const total = chosen.reduce((sum, { bytes }) => sum + bytes, 0)
  const words = `${formatValue(chosen.length, 'count')} run${chosen.length === 1 ? '' : 's'}, ${formatValue(total, 'count')} bytes`
  const isDry = flags.dryRun === true
  if (!io.json && chosen.length > 0) io.printTable(chosenTable(isDry ? 'Would delete' : 'To delete', chosen))
  if (!isDry && chosen.length > 0 && flags.yes !== true && !(await isAgreed(io, words))) {
    io.log('Nothing was deleted.')
    return
  }
  if (!isDry) {
    const rest = await removeLeftovers(flags.runs)
    if (rest > 0) io.log(`Deleted what an interrupted removal had left: ${formatValue(rest, 'count')} bytes.`)
    for (const { id } of chosen) await removeRun(flags.runs, id)
  }
  if (io.json) io.printJson({ dryRun: isDry, bytes: total, runs: chosen.map((one) => ({ ...one })) })
  else if (chosen.length === 0) io.print('No run fits: nothing to delete.')
  else io.print(isDry ? `Would delete ${words}.` : `Deleted ${words}.`)
}

function chosenTable(title: string, chosen: readonly RemovableRun[]): ReturnType<typeof table> {
  const rows = chosen.map(({ id, createdTime, bytes, problem }) => [
    id,
    createdTime === undefined ? 'n/a' : formatUtc(createdTime).slice(0, 16),
    formatValue(bytes, 'count'),
    problem ?? '',
  ])
  return table(title, ['Run', 'Created (UTC)', 'Bytes#', 'Problem'], rows)
}

/** Asks on the terminal. Throws ConfigError where there is nobody to ask. */
async function isAgreed(io: Io, words: string): Promise<boolean> {
  if (io.json || process.stdin.isTTY !== true || process.stderr.isTTY !== true)
    throw new ConfigError('say --yes to delete runs where nobody can be asked, or --dry-run to see which', {
      field: '--yes',
      value: words,
    })
  const terminal = createInterface({ input: process.stdin, output: process.stderr })
  try {
    return /^y(es)?$/i.test((await terminal.question(`Delete ${words}? [y/N] `)).trim())
  } finally {
    terminal.close()
  }
}
