import { existsSync, writeFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import type { Command } from 'commander'
import { BaleenError, ConfigError } from '../core/errors.js'
import { findStrategyFile, listStrategyFiles, loadStrategyFile } from '../jobs/strategy-file.js'
import { table } from '../report/index.js'
import { makeFolder } from '../store/files.js'
import { writingTo } from '../store/refusals.js'
import { compileStrategy } from '../strategy/compile.js'
import type { ParamSpec } from '../strategy/params.js'
import { programName } from './arguments.js'
import { ioOf, type Io } from './io.js'
import { strategyTemplate } from './strategy-template.js'

/** `strategy list|show|new`. */
export function addStrategyCommands(program: Command): void {
  const strategy = program.command('strategy').description('strategy files: list, show, begin a new one')
  strategy
    .command('list')
    .description('strategies in ./strategies and those that come with baleen')
    .addHelpText('after', '\nExample:\n  baleen strategy list --json')
    .action(async (_options: unknown, command: Command) => listStrategies(ioOf(command)))
  strategy
    .command('show')
    .description('parameters with their ranges, presets, features and the data it reads')
    .argument('<strategy>', 'name or file of a strategy')
    .option('--preset <name>', 'show the values of a preset', 'default')
    .addHelpText(
      'after',
      '\nExamples:\n  baleen strategy show smart-money --preset relative\n  baleen strategy show ./mine.ts',
    )
    .action(async (name: string, options: { preset: string }, command: Command) =>
      showStrategy(ioOf(command), name, options.preset),
    )
  strategy
    .command('new')
    .description('write a small strategy file to begin with')
    .argument('<name>', 'words in lower case joined by hyphens')
    .option('--out <dir>', 'folder to write to', 'strategies')
    .option('--yes', 'replace a file that is there')
    .addHelpText('after', '\nExample:\n  baleen strategy new my-idea')
    .action(async (name: string, options: { out: string; yes?: boolean }, command: Command) =>
      newStrategy(ioOf(command), name, options.out, options.yes === true),
    )
}

async function listStrategies(io: Io): Promise<void> {
  const rows = await Promise.all(
    [...listStrategyFiles(process.cwd())].map(async ([name, file]) => {
      try {
        const { description, presets } = await loadStrategyFile(file)
        return { name, file, description, presets: Object.keys(presets) }
      } catch (error) {
        // One broken file must not hide the others; it is named with its fault.
        if (!(error instanceof BaleenError)) throw error
        return { name, file, description: `does not load: ${error.message}`, presets: [] }
      }
    }),
  )
  if (io.json) io.printJson(rows)
  else {
    io.printTable(
      table('Strategies', ['Name', 'Presets', 'What it does', 'File'], rows.map((row) => [row.name, row.presets.join(', '), row.description, relative(process.cwd(), row.file)])), // prettier-ignore
    )
  }
}

async function showStrategy(io: Io, name: string, preset: string): Promise<void> {
  const file = findStrategyFile(name, process.cwd())
  const strategy = await loadStrategyFile(file)
  const compiled = compileStrategy(strategy, {}, preset)
  const notes = [...compiled.notes, ...compiled.chosenOn]
  const features = Object.fromEntries(
    Object.entries(compiled.bound.features).map(([key, { key: text }]) => [key, text]),
  )
  if (io.json) {
    io.printJson({
      name: strategy.name,
      description: strategy.description,
      file,
      preset,
      params: strategy.params,
      values: compiled.params,
      presets: strategy.presets,
      features,
      factsRead: compiled.factsRead,
      risk: compiled.risk,
      policies: compiled.policies,
      notes,
    })
    return
  }
  io.print(`${io.bold(strategy.name)}  ${strategy.description}\n${io.dim(file)}`)
  const params = Object.entries(strategy.params).map(([key, spec]) => [
    key,
    String(compiled.params[key]),
    rangeOf(spec),
    unitOf(spec),
  ])
  io.printTable(table(`Parameters (${preset})`, ['Parameter', 'Value#', 'Range', ''], params))
  const presets = Object.entries(strategy.presets).map(([key, { description }]) => [key, description ?? ''])
  io.printTable(table('Presets', ['Preset', 'What it is'], presets))
  const shown = Object.entries(features).map(([key, text]) => [
    key,
    text.length > 90 ? `${text.slice(0, 89)}…` : text,
  ])
  io.printTable(table('Features', ['Feature', 'Definition (whole in --json)'], shown))
  io.print(
    `\nReads candles${compiled.factsRead.length === 0 ? '' : ` and ${compiled.factsRead.join(', ')}`}.`,
  )
  for (const note of notes) io.print(`${io.yellow('!')} ${note}`)
}

function rangeOf(spec: ParamSpec): string {
  switch (spec.kind) {
    case 'int':
    case 'real':
      return `${spec.lowest} to ${spec.highest}${spec.step === undefined || spec.kind === 'int' ? '' : ` by ${spec.step}`}`
    case 'choice':
      return spec.values.join(' | ')
    case 'flag':
      return 'true | false'
  }
}

function unitOf(spec: ParamSpec): string {
  const unit = 'unit' in spec ? spec.unit : undefined
  return [unit, spec.description].filter((text) => text !== undefined).join(': ')
}

async function newStrategy(io: Io, name: string, folder: string, replaces: boolean): Promise<void> {
  if (!/^[a-z][a-z0-9]*(-[a-z0-9]+)*$/.test(name)) {
    throw new ConfigError('a name is words in lower case joined by hyphens', { field: 'name', value: name })
  }
  const file = join(folder, `${name}.ts`)
  if (existsSync(file) && !replaces)
    throw new ConfigError('the file is there already; --yes replaces it', { file })
  await makeFolder(dirname(file))
  await writingTo(file, () => writeFileSync(file, strategyTemplate(name)))
  if (io.json) io.printJson({ name, file })
  else
    io.print(
      `Wrote ${file}\n\nNext:\n  ${programName()} strategy show ${file}\n  ${programName()} backtest ${file} -i INSTRUMENT`,
    )
}
