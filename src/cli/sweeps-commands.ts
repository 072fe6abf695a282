import { mkdir } from 'node:fs/promises'
import { dirname, relative, resolve } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import {
  commandAgain,
  DEFAULT_SWEEPS_FOLDER,
  findSweep,
  listSweeps,
  readSweep,
  removeSweep,
  type SweepFolder,
} from '../jobs/sweep/sweep-store.js'
import { writeSweepPage } from '../jobs/sweep/sweep-page.js'
import { formatStatistic, formatValue } from '../metrics/format.js'
import { table } from '../report/index.js'
import { conditionText } from '../research/sweep/conditions.js'
import { dimensionText } from '../research/search-dimension.js'
import { generationCount } from '../research/sweep/sweep-loop.js'
import { statusCounts } from '../research/sweep/trial-row.js'
import { ioOf, printable, type Io } from './io.js'
import { openFile } from './open-file.js'
import { backtestCommand, printSweep, sweepJson } from './sweep-print.js'

const SWEEP_ARGUMENT = 'sweep id, the beginning of it or of its hash, or latest'

/** `sweeps list|show|page|rm`. */
export function addSweepsCommands(program: Command): void {
  const sweeps = program.command('sweeps').description('stored sweeps: list, show, page, rm')
  const folder = ['--sweeps <dir>', 'folder of the stored sweeps', DEFAULT_SWEEPS_FOLDER] as const
  sweeps
    .command('list')
    .description('all stored sweeps, newest first, with their verdicts')
    .option(...folder)
    .addHelpText('after', '\nExamples:\n  baleen sweeps list\n  baleen sweeps list --json')
    .action(async (options: { sweeps: string }, command: Command) => list(ioOf(command), options.sweeps))
  sweeps
    .command('show')
    .description('one sweep: its question, best trials and verdict; every file is checked')
    .argument('<sweep>', SWEEP_ARGUMENT)
    .option(...folder)
    .addHelpText('after', '\nExamples:\n  baleen sweeps show latest\n  baleen sweeps show 1f0c --json')
    .action(async (name: string, options: { sweeps: string }, command: Command) =>
      show(ioOf(command), options.sweeps, name),
    )
  sweeps
    .command('page')
    .description(
      'make the page of a finished sweep again, from what is stored of it; the data folder is not needed',
    )
    .argument('<sweep>', SWEEP_ARGUMENT)
    .option(...folder)
    .option('--out <file>', "where to write it (default: the sweep's folder)")
    .option('--open', 'open it in the browser')
    .addHelpText(
      'after',
      '\nExamples:\n  baleen sweeps page latest --open\n  baleen sweeps page 1f0c --out memo.html',
    )
    .action(async (name: string, _options: unknown, command: Command) =>
      page(ioOf(command), name, command.optsWithGlobals<PageFlags>()),
    )
  sweeps
    .command('rm')
    .description('delete stored sweeps; the ledger keeps what it knows of their trials')
    .argument('<sweep...>', SWEEP_ARGUMENT)
    .option(...folder)
    .option('--yes', 'do it; without it only what would be deleted is said')
    .addHelpText('after', '\nExample:\n  baleen sweeps rm trend-breakout-1f0c9a7be24d --yes')
    .action(async (names: string[], options: { sweeps: string; yes?: boolean }, command: Command) =>
      remove(ioOf(command), options.sweeps, names, options.yes === true),
    )
}

interface PageFlags {
  readonly sweeps: string
  readonly out?: string
  readonly open?: boolean
}

async function page(io: Io, name: string, { sweeps, out, open }: PageFlags): Promise<void> {
  const sweep = await findSweep(sweeps, name)
  if (out !== undefined) await mkdir(dirname(out), { recursive: true })
  const path = await writeSweepPage(sweep, (point) => backtestCommand(sweep, point), out)
  if (io.json) io.printJson({ sweepId: sweep.id, page: path })
  else io.print(relative(process.cwd(), resolve(path)))
  if (open === true) await openFile(resolve(path))
}

async function list(io: Io, folder: string): Promise<void> {
  const all = await listSweeps(folder)
  const rows = await Promise.all(
    all.map(async (one) => {
      if ('problem' in one) return { id: one.id, problem: one.problem }
      const { asked, ground } = one.sweep.question
      const result = await one.sweep.result().catch((error: unknown) => (error as Error).message)
      if (typeof result === 'string') return { id: one.id, problem: result }
      const generations = (await one.sweep.generations()).size
      return {
        id: one.id,
        createdAt: one.sweep.created.createdAt,
        sampler: asked.sampler,
        trials: asked.trials,
        done: result?.trials,
        synthetic: ground.data.synthetic,
        generations,
        of: generationCount(asked.trials, asked.generationTrials),
        objective: asked.objective,
        best: result?.best[0]?.statistics[asked.objective],
        verdict:
          result === undefined ? 'unfinished' : (result.judgement?.verdict.verdict ?? 'nothing complete'),
      }
    }),
  )
  if (io.json) {
    io.printJson(rows)
    return
  }
  if (rows.length === 0) {
    io.log(`No sweeps in ${folder}. Make one with: baleen sweep STRATEGY`)
    return
  }
  const whole = rows.flatMap((row) => ('problem' in row ? [] : [row]))
  io.printTable(
    table(
      'Sweeps, newest first',
      ['Sweep', 'Created (UTC)', 'Data', 'Sampler', 'Trials#', 'Best#', 'Verdict'],
      whole.map((row) => [
        row.id,
        row.createdAt.slice(0, 16).replace('T', ' '),
        row.synthetic ? 'synthetic' : 'recorded',
        row.sampler,
        trialsWords(row),
        row.best === undefined ? '' : `${row.objective} ${formatStatistic(row.best, 'ratio')}`,
        row.verdict === 'unfinished'
          ? `unfinished, ${row.generations} of ${row.of} generations`
          : row.verdict,
      ]),
    ),
  )
  for (const row of rows)
    if ('problem' in row) io.print(`${io.yellow('!')} ${printable(`${row.id}: ${row.problem}`)}`)
}

/** `90 of 100`, where the space has no more. */
function trialsWords({ trials, done = trials }: { readonly trials: number; readonly done?: number | undefined }): string {
  return done < trials ? `${formatValue(done, 'count')} of ${formatValue(trials, 'count')}` : formatValue(trials, 'count')
} // prettier-ignore

async function show(io: Io, sweepsFolder: string, name: string): Promise<void> {
  const found = await findSweep(sweepsFolder, name)
  const { rows, result } = await readSweep(found.folder)
  if (io.json) {
    io.printJson(
      result === undefined
        ? { sweepId: found.id, folder: found.folder, question: found.question, trials: rows.length, counts: statusCounts(rows) } // prettier-ignore
        : sweepJson(found, result, true),
    )
    return
  }
  printQuestion(io, found)
  const reasons = [...new Set(rows.flatMap(({ status, reason }) => (status !== 'complete' && reason !== undefined ? [`${status}: ${reason}`] : [])))] // prettier-ignore
  if (result !== undefined) printSweep(io, found, result)
  else {
    const { trials, generationTrials } = found.question.asked
    io.print(`\nUnfinished: ${rows.length} of ${trials} trials, ${(await found.generations()).size} of ${generationCount(trials, generationTrials)} generations are there`) // prettier-ignore
    io.print(`Go on with: ${goOnWith(found)}`)
  }
  if (reasons.length > 0) io.print(`\n${io.bold('Why trials cannot be chosen')}`)
  for (const reason of reasons.slice(0, 10)) io.print(`${io.yellow('!')} ${printable(reason)}`)
  if (reasons.length > 10) io.print(`  and ${reasons.length - 10} more reasons`)
}

/** A planned sweep goes on as one that runs here; its chunks may be run by others besides. */
function goOnWith({ created }: SweepFolder): string {
  const again = commandAgain(created)
  return / --resume\b/.test(again) ? again : `${again} --resume`
}

function printQuestion(io: Io, { id, created, question }: SweepFolder): void {
  const { asked, ground } = question
  const { search } = asked
  io.printTable(
    table(`Sweep ${id}`, ['What', 'Value'], [
      ['Searched', search.dimensions.map(dimensionText).join(' ')],
      ['Fixed', Object.entries(search.fixed).map(([name, value]) => `${name}=${value}`).join(' ') || 'nothing'],
      ['Constraints', [...search.constraints.map(({ left, operator, right }) => `${left}${operator}${right}`), ...asked.conditions.map(conditionText)].join(' ') || 'none'],
      ['Instruments', asked.instruments.map((one) => one.id).join(' ')],
      ['Data set', ground.data.hash],
      ['Decision code', ground.code.decision],
      ['Command', created.command],
    ]), // prettier-ignore
  )
}

async function remove(
  io: Io,
  sweepsFolder: string,
  names: readonly string[],
  isAgreed: boolean,
): Promise<void> {
  const found: SweepFolder[] = []
  for (const name of names) found.push(await findSweep(sweepsFolder, name))
  const ids = [...new Set(found.map(({ id }) => id))]
  if (!isAgreed)
    throw new ConfigError(`say --yes to delete ${ids.join(', ')}`, { field: '--yes', value: ids.length, unit: 'sweeps' }) // prettier-ignore
  for (const id of ids) await removeSweep(sweepsFolder, id)
  if (io.json) io.printJson({ removed: ids })
  else io.print(`Deleted ${ids.join(', ')}.`)
}
