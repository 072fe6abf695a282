import { join } from 'node:path'
import type { Command } from 'commander'
import type { Funnel, ReplayPath } from '../core/result.js'
import { formatUtc } from '../core/time.js'
import { formatMetric } from '../metrics/format.js'
import { findMetric, type MetricsReport } from '../metrics/metrics-report.js'
import { jsonDifferences, plain, type Json } from '../jobs/json.js'
import { findRun, listRuns, readWholeRun, type ListedRun, type RunRecord } from '../jobs/run-store.js'
import { settingLines } from '../jobs/setting-lines.js'
import { funnelTable, pathWords, sensitivityTable, table, type Table } from '../report/index.js'
import type { Sensitivity } from '../research/sensitivity.js'
import { replayRun } from '../jobs/replay-run.js'
import { CheckError, ConfigError } from '../core/errors.js'
import { wholeNumber } from './arguments.js'
import { ioOf, printable, type Io } from './io.js'
import { addRunsRemove } from './runs-rm-command.js'

export const DEFAULT_RUNS_FOLDER = '.baleen/runs'

/** How a command that takes a run explains it. */
export const RUN_ARGUMENT = 'run id, the beginning of it or of its hash, or latest'

/** `runs list|show|compare|replay|rm`. */
export function addRunsCommands(program: Command): void {
  const runs = program.command('runs').description('stored runs: list, show, compare, replay, rm')
  const folder = ['--runs <dir>', 'folder of the stored runs', DEFAULT_RUNS_FOLDER] as const

  runs
    .command('list')
    .description('all stored runs, newest first, with their main figures')
    .option(...folder)
    .option('--strategy <name>', 'only runs of this strategy')
    .option('--sort <figure>', 'by a figure such as sharpe or totalReturn, highest first, n/a last')
    .option('--limit <n>', 'only the first so many', wholeNumber)
    .addHelpText(
      'after',
      '\nExamples:\n  baleen runs list\n  baleen runs list --strategy sma-cross --sort sharpe --limit 10\n  baleen runs list --json --runs ./elsewhere',
    )
    .action(async (options: ListOptions, command: Command) => printRuns(ioOf(command), options))
  runs
    .command('show')
    .description('one run: inputs, figures, where its files are')
    .argument('<run>', RUN_ARGUMENT)
    .option(...folder)
    .addHelpText('after', '\nExamples:\n  baleen runs show sma-cross-1f0c9a7be24d\n  baleen runs show 1f0c')
    .action(async (run: string, options: { runs: string }, command: Command) =>
      showRun(ioOf(command), options.runs, run),
    )
  runs
    .command('compare')
    .description('what differs between two runs: inputs and figures')
    .argument('<run>', RUN_ARGUMENT)
    .argument('<other>', 'the same')
    .option(...folder)
    .addHelpText('after', '\nExample:\n  baleen runs compare 1f0c 77ab')
    .action(async (run: string, other: string, options: { runs: string }, command: Command) =>
      compareRuns(ioOf(command), options.runs, run, other),
    )
  runs
    .command('replay')
    .description('make a run again from its manifest and compare every byte of its results')
    .argument('<run>', RUN_ARGUMENT)
    .option(...folder)
    .addHelpText('after', '\nExample:\n  baleen runs replay 1f0c\n\nExits with 4 where a result differs.')
    .action(async (run: string, options: { runs: string }, command: Command) => {
      const isDataGiven = command.getOptionValueSourceWithGlobals('data') === 'cli'
      const dataFolder = isDataGiven ? command.optsWithGlobals<{ data: string }>().data : undefined
      await replay(ioOf(command), options.runs, run, dataFolder)
    })
  addRunsRemove(runs, folder, RUN_ARGUMENT)
}

interface ListOptions {
  readonly runs: string
  readonly strategy?: string
  readonly sort?: string
  readonly limit?: number
}

async function replay(io: Io, folder: string, name: string, dataFolder: string | undefined): Promise<void> {
  const id = await findRun(folder, name)
  const workingFolder = process.cwd()
  const answer = await replayRun(
    folder,
    id,
    dataFolder === undefined ? { workingFolder } : { workingFolder, dataFolder },
  )
  const { identical, difference, changed } = answer
  if (io.json) io.printJson(answer)
  else {
    io.print(`${io.bold(id)}: ${identical ? 'the same bytes' : 'ANOTHER RESULT'}`)
    if (changed.length > 0) io.printTable(table('Changed since then', ['What'], changed.map((text) => [text]))) // prettier-ignore
  }
  if (!identical) {
    const cause =
      changed.length === 0 ? 'nothing that is recorded has changed' : `${changed.length} inputs have changed`
    throw new CheckError(`the run did not come out the same: ${difference ?? ''}; ${cause}`, {
      file: join(folder, id),
    })
  }
}

async function load(folder: string, run: string): Promise<RunRecord> {
  return readWholeRun(folder, await findRun(folder, run))
}

/** What `runs show` reads of metrics.json besides the metrics report. */
interface StoredResults {
  readonly result: { readonly funnel: Funnel; readonly path?: ReplayPath }
  readonly sensitivity?: Sensitivity
  readonly warnings: readonly string[]
}

/** The metrics report inside metrics.json. */
export function metricsOf(run: RunRecord): MetricsReport {
  return (run.metrics as unknown as { metrics: MetricsReport }).metrics
}

/** The runs that are to be listed, in that order; damaged ones come last, and are named whatever was asked for but another strategy. */
async function chosenRuns({ runs: folder, strategy, sort, limit }: ListOptions): Promise<ListedRun[]> {
  if (limit !== undefined && limit < 1) throw new ConfigError('must be at least 1', { field: '--limit', value: limit }) // prettier-ignore
  const all = (await listRuns(folder)).filter(
    (one) => strategy === undefined || ('run' in one ? one.run.manifest.inputs.strategy.name === strategy : one.id.slice(0, -13) === strategy),
  ) // prettier-ignore
  if (sort !== undefined) {
    const whole = all.flatMap((one) => ('run' in one ? [one.run] : []))
    const isKnown = (run: RunRecord): boolean => metricsOf(run).sections.some(({ metrics }) => metrics.some(({ key }) => key === sort)) // prettier-ignore
    if (whole.length > 0 && !whole.some(isKnown))
      throw new ConfigError('no run has such a figure; `runs show RUN --json` names them all', { field: '--sort', value: sort }) // prettier-ignore
    const value = (one: ListedRun): number => ('run' in one ? (findMetric(metricsOf(one.run), sort).value ?? -Infinity) : -Infinity) // prettier-ignore
    // Damaged runs stay behind those without the figure.
    all.sort((a, b) => Number('problem' in a) - Number('problem' in b) || (value(a) === value(b) ? 0 : value(b) - value(a))) // prettier-ignore
  }
  return limit === undefined ? all : all.slice(0, limit)
}

async function printRuns(io: Io, options: ListOptions): Promise<void> {
  const all = await chosenRuns(options)
  const { runs: folder, strategy, sort } = options
  if (io.json) {
    io.printJson(
      all.map((one) =>
        'problem' in one
          ? one
          : {
              id: one.id,
              createdAt: new Date(one.run.createdTime).toISOString(),
              inputs: one.run.manifest.inputs,
              tiles: metricsOf(one.run).tiles,
            },
      ),
    )
    return
  }
  if (all.length === 0) {
    io.log(
      strategy === undefined
        ? `No runs in ${folder}. Make one with: baleen backtest STRATEGY`
        : `No runs of ${strategy} in ${folder}.`,
    )
    return
  }
  const whole = all.flatMap((one) => ('run' in one ? [one.run] : []))
  if (whole.length > 0) io.printTable(runsTable(whole, sort))
  const damaged = all.flatMap((one) => ('problem' in one ? [one] : []))
  if (damaged.length > 0) io.print(`\n${io.bold('Damaged runs')}`)
  for (const { id, problem } of damaged) io.print(`${io.yellow('!')} ${printable(`${id}: ${problem}`)}`)
}

/** Columns other than the id and the instruments take 60 of the 100 that a terminal surely has. */
const ID_AND_INSTRUMENTS_COLUMNS = 40

function runsTable(records: readonly RunRecord[], sort: string | undefined): Table {
  const shown: readonly string[] = ['totalReturn', 'sharpe', 'trades']
  const isOther = sort !== undefined && !shown.includes(sort)
  const keys = isOther ? [...shown, sort] : shown
  const longestId = Math.max(...records.map(({ id }) => id.length))
  const room = Math.max(8, ID_AND_INSTRUMENTS_COLUMNS - longestId)
  const rows = records.map((run) => {
    const { inputs } = run.manifest
    const figures = keys.map((key) => formatMetric(findMetric(metricsOf(run), key)).replace(/ \(.*\)$/, ''))
    const instruments = inputs.instruments.map(({ id }) => id.slice(id.indexOf(':') + 1)).join(' ')
    return [
      run.id,
      formatUtc(run.createdTime).slice(0, 16),
      instruments.length > room ? `${instruments.slice(0, room - 1)}…` : instruments,
      inputs.data.synthetic ? 'synthetic' : 'recorded',
      ...figures,
    ]
  })
  return table(
    sort === undefined ? 'Runs, newest first' : `Runs, highest ${sort} first`,
    ['Run', 'Created (UTC)', 'On', 'Data', 'Return#', 'Sharpe#', 'Trades#', ...(isOther ? [`${sort}#`] : [])],
    rows,
  )
}

async function showRun(io: Io, folder: string, name: string): Promise<void> {
  const run = await load(folder, name)
  if (io.json) {
    io.printJson({
      id: run.id,
      folder: run.folder,
      manifest: run.manifest,
      results: run.metrics,
      created: run.created,
    })
    return
  }
  const { inputs, provenance } = run.manifest
  io.print(io.bold(run.id))
  if (inputs.data.synthetic) io.print(io.yellow('SYNTHETIC DATA'))
  const figures = metricsOf(run).tiles.map((metric) => [metric.label, formatMetric(metric)])
  const { result, sensitivity, warnings } = run.metrics as unknown as StoredResults
  io.printTable(funnelTable(result.funnel))
  if (result.path !== undefined) figures.push(['Replay', pathWords(result.path)])
  io.printTable(table('Figures (pessimistic)', ['Figure', 'Value#'], figures))
  if (sensitivity !== undefined) io.printTable(sensitivityTable(sensitivity, inputs.startingBalance))
  if (warnings.length > 0) io.print(`\n${io.bold('Warnings')}`)
  for (const warning of warnings) io.print(`${io.yellow('!')} ${printable(warning)}`)
  io.printTable(table('Settings and policies', ['Setting', 'Value'], settingLines(inputs)))
  const params = Object.entries(inputs.strategy.params).map(([key, value]) => [key, String(value)])
  io.printTable(table('Parameters', ['Parameter', 'Value'], params))
  io.printTable(
    table('Series read', ['Instrument', 'Feeds', 'Series', 'SHA-256'], inputs.data.series.map((one) => [one.instrument, one.feeds, one.id, one.hash.slice(0, 16)])), // prettier-ignore
  )
  const git =
    provenance.git === null
      ? 'unknown'
      : `${provenance.git.commit}${provenance.git.dirty ? ' with local changes' : ''}`
  io.printTable(
    table('How to make it again', ['What', 'Value'], [
      ['Command', provenance.command],
      ['Replay', `baleen runs replay ${run.id}`],
      ['Data set', inputs.data.hash],
      ['Decision code', inputs.code.decision],
      ['Other code', inputs.code.other],
      ['Dependencies', `${inputs.code.dependencies} (${inputs.code.dependenciesFrom})`],
      ['Commit', git],
      ['Folder', run.folder],
    ]), // prettier-ignore
  )
}

async function compareRuns(io: Io, folder: string, first: string, second: string): Promise<void> {
  const [a, b] = [await load(folder, first), await load(folder, second)]
  const inputs = jsonDifferences(plain(a.manifest.inputs) as Json, plain(b.manifest.inputs) as Json)
  const [figuresA, figuresB] = [metricsOf(a), metricsOf(b)]
  const figures = figuresA.sections
    .flatMap((section) => section.metrics)
    .map((metric) => ({ metric, other: findMetric(figuresB, metric.key) }))
    .filter(({ metric, other }) => metric.value !== other.value)
  if (io.json) {
    io.printJson({
      runs: [a.id, b.id],
      inputs,
      figures: figures.map(({ metric, other }) => ({
        key: metric.key,
        unit: metric.unit,
        before: metric.value,
        after: other.value,
      })),
    })
    return
  }
  const text = (value: Json | undefined): string => (value === undefined ? '–' : JSON.stringify(value))
  io.printTable(table('Inputs that differ', ['Input', a.id, b.id], inputs.map(({ path, before, after }) => [path, text(before), text(after)]))) // prettier-ignore
  io.printTable(
    table('Figures that differ', ['Figure', `${a.id}#`, `${b.id}#`], figures.map(({ metric, other }) => [metric.label, formatMetric(metric), formatMetric(other)])), // prettier-ignore
  )
}
