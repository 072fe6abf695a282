import type { Command } from 'commander'
import { type Config, findConfigFile, readConfigFile } from '../jobs/config-file.js'

/** Commands that say themselves what is wrong with a config file, or make one. */
const WITHOUT_CONFIG: readonly string[] = ['init', 'doctor']

/**
 * Lets the config file stand behind the options of whatever command runs: the file named with --config, else the one in the working
 * folder. What the command line says wins. Settings of a backtest are left to `backtestRequest`, which finds the file in `config`.
 */
export function useConfigFile(program: Command): void {
  program.hook('preAction', async (_program, action) => {
    if (WITHOUT_CONFIG.includes(action.name())) return
    const named = program.opts<{ config?: string }>().config
    const file = named ?? findConfigFile(process.cwd())
    if (file === undefined) return
    program.setOptionValueWithSource('config', file, named === undefined ? 'config' : 'cli')
    const config = await readConfigFile(file, process.cwd())
    if (config.reports !== undefined) program.setOptionValueWithSource('reports', config.reports, 'config')
    for (const [option, value] of Object.entries(plainOptions(config))) stateDefault(action, option, value)
  })
}

/** Options of commands, by their names, that a config file gives a default to. */
function plainOptions({ data, runs, queue }: Config): Readonly<Record<string, string | undefined>> {
  return { data, runs, queue }
}

/** Gives the option a value where a command or one above it has such an option and nothing was typed. */
function stateDefault(action: Command, option: string, value: string | undefined): void {
  if (value === undefined) return
  for (let command: Command | null = action; command !== null; command = command.parent) {
    const source = command.getOptionValueSource(option)
    const hasOption = command.options.some((one) => one.attributeName() === option)
    if (hasOption && (source === undefined || source === 'default'))
      command.setOptionValueWithSource(option, value, 'config')
  }
}
