import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, isAbsolute, join, relative, resolve } from 'node:path'
import { z } from 'zod'
import { BaleenError, ConfigError } from '../core/errors.js'
import { POLICY_VALUES, type Policies } from '../core/policies.js'
import { parseDuration, parseTimeRange } from '../core/time.js'
import { importModule } from './load-typescript.js'
import { isStrategyPath } from './strategy-file.js'

/** Config files that are read without being named, where the working folder holds one. */
export const CONFIG_FILES = ['baleen.config.json', 'baleen.config.ts', 'baleen.config.js'] as const

/** What a config file may say. Every key is optional, and the command line wins over it. Paths are relative to the file. */
export interface Config {
  /** For editors: where the schema of this file is. */
  readonly $schema?: string | undefined
  /** Folder of imported series and their manifest. */
  readonly data?: string | undefined
  /** Folder of the stored runs. */
  readonly runs?: string | undefined
  /** Where workers listen and sweeps with `--executor bullmq` look for them: `redis://host:port/database`. */
  readonly queue?: string | undefined
  /** Folder for copies of the pages of runs. */
  readonly reports?: string | undefined
  /** The instruments file: ticks, lots, fees, margin. */
  readonly instruments?: string | undefined
  /** Name or file of a strategy. */
  readonly strategy?: string | undefined
  readonly preset?: string | undefined
  /** Parameters of the strategy. */
  readonly params?: Readonly<Record<string, string | number | boolean>> | undefined
  /** Ids of the instruments to trade; all of the instruments file if left out. */
  readonly instrument?: readonly string[] | undefined
  /** Length of a bar: `1h`. */
  readonly timeframe?: string | undefined
  /** UTC days, the last one included: `2024-01-01..2024-06-30`. */
  readonly timerange?: string | undefined
  /** Starting balance, in the quote asset. */
  readonly balance?: number | undefined
  /** The fees of this tier, on every instrument that lists it. */
  readonly feeTier?: string | undefined
  /** Maker and taker fee instead of the instruments' own, a fraction of the notional: 0.001 is 0.1 %. */
  readonly fee?: number | undefined
  /** Slippage of market and stop orders, in basis points. */
  readonly slippage?: number | undefined
  /** Half the distance of best bid and ask, in basis points. */
  readonly halfSpread?: number | undefined
  /** Largest share of the mean volume of the 20 bars before that the fills of one bar take: 0.05 is 5 %. */
  readonly participation?: number | undefined
  /** Length of the finer candles that decide what a bar leaves undecided: `1m`. */
  readonly detail?: string | undefined
  /** Also replay under other assumptions. */
  readonly sensitivity?: boolean | undefined
  readonly seed?: number | undefined
  /** Execution policies by name. */
  readonly policies?: { readonly [K in keyof Policies]?: Policies[K] | undefined } | undefined
  /** The series that feeds a fact: `whale-positions/hyperliquid:biggest`; `none` leaves it out. */
  readonly facts?: Readonly<Record<string, string>> | undefined
  /** `none` leaves the funding of perpetuals out, and the run says so. */
  readonly funding?: 'settled' | 'none' | undefined
}

const text = (meaning: string): z.ZodString => z.string(`must be text: ${meaning}`).min(1, `must not be empty: ${meaning}`) // prettier-ignore
const folder = text('a folder, relative to this file')
const duration = text('a duration such as 1h').refine((value) => isReadable(parseDuration, value), 'must be a duration such as 15m, 1h or 1d') // prettier-ignore

const policies = z.strictObject(
  Object.fromEntries(
    Object.entries(POLICY_VALUES).map(([name, values]) => [
      name,
      z.enum(values as readonly string[], `must be one of ${values.join(', ')}`).optional(),
    ]),
  ),
)

const schema = z
  .strictObject({
    $schema: z.string(),
    data: folder.describe('Folder of imported series and their manifest'),
    runs: folder.describe('Folder of the stored runs'),
    queue: text('such as redis://host:6379').describe('Where workers listen and sweeps with --executor bullmq look for them; no place for a password'), // prettier-ignore
    reports: folder.describe('Folder for copies of the pages of runs'),
    instruments: text('a file, relative to this one').describe('The instruments file: ticks, lots, fees, margin'), // prettier-ignore
    strategy: text('a name or a file').describe('Name or file of a strategy'),
    preset: text("the name of one of the strategy's presets"),
    params: z
      .record(
        z.string(),
        z.union([z.string(), z.number(), z.boolean()], 'must be text, a number, true or false'),
      )
      .describe('Parameters of the strategy'),
    instrument: z
      .array(text('such as binance:BTCUSDT-PERP'), 'must be a list of ids, such as ["binance:BTCUSDT-PERP"]')
      .min(1, 'must name one at least; leave it out for all of the instruments file')
      .describe('Instruments to trade; all of the instruments file if left out'),
    timeframe: duration.describe('Length of a bar, such as 1h'),
    timerange: text('UTC days such as 2024-01-01..2024-06-30')
      .refine((value) => isReadable(parseTimeRange, value), 'must be UTC days such as 2024-01-01..2024-06-30')
      .describe('UTC days, the last one included: 2024-01-01..2024-06-30'),
    balance: z
      .number('must be a number')
      .positive('must be above 0')
      .describe('Starting balance in the quote asset'),
    feeTier: text('the name of a fee tier').describe('The fees of this tier, where instruments list it'),
    fee: z
      .number('must be a number: 0.001 is 0.1 %')
      .min(-0.01, 'must be -0.01 or more: 0.001 is 0.1 %')
      .max(0.1, 'must be 0.1 at most: 0.001 is 0.1 %')
      .describe("Maker and taker fee instead of the instruments' own, a fraction of the notional"),
    slippage: z
      .number('must be a number')
      .min(0, 'must be 0 or more')
      .describe('Slippage of market and stop orders, in basis points'),
    halfSpread: z
      .number('must be a number')
      .min(0, 'must be 0 or more')
      .lt(10_000, 'must be below 10000: 1 is 0.01 % of the price')
      .describe('Half the distance of best bid and ask, in basis points'),
    participation: z
      .number('must be a number')
      .gt(0, 'must be above 0: 0.05 is 5 %')
      .max(1, 'must be 1 at most: 0.05 is 5 %')
      .describe('Largest share of the mean volume of the 20 bars before that the fills of one bar take'),
    detail: duration.describe('Length of the finer candles that decide what a bar leaves undecided'),
    sensitivity: z.boolean('must be true or false').describe('Also replay under other assumptions'),
    seed: z
      .number('must be a number')
      .int('must be a whole number')
      .nonnegative('must be 0 or more')
      .describe('Kept with the run; draws the shuffles of sensitivity'),
    policies: policies.describe('Execution policies by name'),
    facts: z
      .record(z.string(), text('a series, or none'))
      .describe('The series that feeds a fact; none leaves it out'),
    funding: z.enum(['settled', 'none'], 'must be settled or none').describe('none leaves funding out'),
  })
  .partial()

const UNITS: Readonly<Record<string, string>> = {
  balance: 'quote',
  fee: 'fraction',
  slippage: 'bps',
  halfSpread: 'bps',
  participation: 'fraction',
}

/** The schema of a config file for editors: JSON Schema, draft 2020-12. */
export function configJsonSchema(): object {
  return { title: 'baleen config', ...z.toJSONSchema(schema, { io: 'input' }) }
}

/** The config file that a folder holds, by name; undefined where it holds none. Throws ConfigError where it holds several. */
export function findConfigFile(workingFolder: string): string | undefined {
  const found = CONFIG_FILES.filter((name) => existsSync(join(workingFolder, name)))
  if (found.length > 1)
    throw new ConfigError('there are several config files: keep one, or name one with --config', {
      file: found.join(', '),
    })
  return found[0]
}

/**
 * Reads a config file, JSON or a module that exports the settings by default; its relative paths come back relative to the
 * working folder. Throws ConfigError naming file, key, value and unit.
 */
export async function readConfigFile(file: string, workingFolder: string): Promise<Config> {
  const path = resolve(workingFolder, file)
  if (!existsSync(path)) throw new ConfigError('there is no such config file', { file })
  const contents = /\.[cm]?[jt]s$/.test(path) ? await exported(path, file) : parsed(path, file)
  const answer = schema.safeParse(contents)
  if (!answer.success) throw configFault(answer.error.issues[0], contents, file)
  return withPaths(answer.data as Config, dirname(path), workingFolder)
}

function parsed(path: string, file: string): unknown {
  try {
    return JSON.parse(readFileSync(path, 'utf8'))
  } catch (error) {
    throw new ConfigError(`not JSON: ${messageOf(error)}`, { file })
  }
}

async function exported(path: string, file: string): Promise<unknown> {
  let contents: Readonly<Record<string, unknown>>
  try {
    contents = await importModule(path)
  } catch (error) {
    if (error instanceof BaleenError) throw error
    throw new ConfigError(`the config file does not load: ${messageOf(error)}`, { file })
  }
  if (contents['default'] !== undefined) return contents['default']
  throw new ConfigError('a config module ends in: export default { … }', { file })
}

function configFault(issue: z.core.$ZodIssue | undefined, contents: unknown, file: string): ConfigError {
  const path = (issue?.path ?? []).map(String)
  if (issue?.code === 'unrecognized_keys') {
    const known = path[0] === 'policies' ? Object.keys(POLICY_VALUES) : Object.keys(schema.shape)
    const names = known.filter((name) => name !== '$schema').join(', ')
    return new ConfigError(`unknown key; there are ${names}`, {
      file,
      field: [...path, issue.keys[0] ?? ''].join('.'),
    })
  }
  if (path.length === 0) return new ConfigError('must be an object of settings', { file })
  const value = path.reduce<unknown>((inner, key) => (inner as Record<string, unknown>)[key], contents)
  const unit = UNITS[path[0] ?? '']
  return new ConfigError(issue?.message ?? 'not a setting', {
    file,
    field: path.join('.'),
    value: typeof value === 'object' ? JSON.stringify(value) : value,
    ...(unit === undefined ? {} : { unit }),
  })
}

function withPaths(config: Config, folder: string, workingFolder: string): Config {
  const seen = (path: string): string =>
    isAbsolute(path) ? path : relative(workingFolder, resolve(folder, path)) || '.'
  const { data, runs, reports, instruments, strategy } = config
  const placed = {
    ...(data === undefined ? {} : { data: seen(data) }),
    ...(runs === undefined ? {} : { runs: seen(runs) }),
    ...(reports === undefined ? {} : { reports: seen(reports) }),
    ...(instruments === undefined ? {} : { instruments: seen(instruments) }),
    ...(strategy === undefined || !isStrategyPath(strategy) ? {} : { strategy: asPath(seen(strategy)) }),
  }
  return { ...config, ...placed }
}

/** A file in the working folder itself still reads as a path, not as a name. */
function asPath(path: string): string {
  return basename(path) === path && !/\.[cm]?[jt]s$/.test(path) ? `./${path}` : path
}

function isReadable(read: (value: string) => unknown, value: string): boolean {
  try {
    read(value)
    return true
  } catch (error) {
    if (error instanceof BaleenError) return false
    throw error
  }
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error)
}
