import { ConfigError } from '../core/errors.js'
import { POLICY_VALUES } from '../core/policies.js'
import { parseDuration, parseTimeRange } from '../core/time.js'
import type { CostSettings } from '../engine/options.js'
import { type Config, readConfigFile } from '../jobs/config-file.js'
import type { RunRequest } from '../jobs/run.js'
import { findStrategyFile, loadStrategyFile } from '../jobs/strategy-file.js'
import { parseParam } from '../strategy/params.js'
import { collect, keyValues, number, parsePolicies, wholeNumber } from './arguments.js'
import { DEFAULT_INSTRUMENTS_FILE, readInstruments } from './instruments-file.js'
import { InvalidArgumentError, type Command } from 'commander'

/** What commander reads. */
export interface BacktestFlags {
  readonly param: readonly string[]
  readonly preset?: string
  readonly instruments?: string
  readonly instrument: readonly string[]
  readonly timeframe?: string
  readonly timerange?: string
  readonly balance?: number
  readonly feeTier?: string
  readonly fee?: number
  readonly slippage?: number
  readonly halfSpread?: number
  readonly participation?: number
  readonly detail?: string
  readonly sensitivity?: boolean
  readonly seed?: number
  readonly set: readonly string[]
  readonly facts: readonly string[]
  readonly funding?: string
  readonly config?: string
  readonly data: string
}

const DEFAULTS = { timeframe: '1h', balance: 10_000, slippageBps: 1 } as const

export function addBacktestOptions(command: Command): Command {
  return addTradingOptions(command)
    .option(
      '--timerange <from..to>',
      'UTC days, the last one included: 2024-01-01..2024-06-30 (default: all data)',
    )
    .option(
      '--detail <duration>',
      'finer candles, such as 1m, that decide what a bar leaves undecided; read for such bars only (default: the policy decides)',
    )
    .option(
      '--sensitivity',
      'also replays the run with costs twice and three times, one bar late, and with instrument ids shuffled, for its report (default: where it takes seconds)',
    )
    .option('--no-sensitivity', 'does not')
    .option(
      '--seed <number>',
      'kept with the run; it draws the shuffles of --sensitivity, and changes nothing else (default: none, 0 for them)',
      readSeed,
    )
}

/** What is traded and how, in a backtest or a session. */
export function addTradingOptions(command: Command): Command {
  return command
    .option('-p, --param <name=value>', 'a parameter of the strategy (repeatable)', collect, [])
    .option('--preset <name>', "one of the strategy's presets")
    .option(
      '-i, --instrument <id>',
      'an instrument to trade (repeatable; default: all of the instruments file)',
      collect,
      [],
    )
    .option(
      '--instruments <file>',
      `your instruments file (default: ${DEFAULT_INSTRUMENTS_FILE}, else the data folder's)`,
    )
    .option('--timeframe <duration>', `length of a bar (default: ${DEFAULTS.timeframe})`)
    .option(
      '--balance <amount>',
      `starting balance in the quote asset (default: ${DEFAULTS.balance})`,
      number,
    )
    .option('--fee-tier <name>', 'the fees of this tier, on every instrument that lists it')
    .option(
      '--fee <fraction>',
      "maker and taker fee instead of the instruments' own and their tiers': 0.001 is 0.1 %",
      number,
    )
    .option(
      '--slippage <bps>',
      `slippage of market and stop orders, in basis points (default: ${DEFAULTS.slippageBps})`,
      number,
    )
    .option(
      '--half-spread <bps>',
      'half the distance of best bid and ask, in basis points, paid by the same orders beside the slippage (default: 0)',
      number,
    )
    .option(
      '--participation <fraction>',
      'largest share of the mean volume of the 20 bars before that the fills of one bar take: 0.05 is 5 % (default: no cap)',
      number,
    )
    .option('-S, --set <policy=value>', 'an execution policy (repeatable; listed below)', collect, [])
    .option(
      '--facts <name=series>',
      'the series that feeds a fact, such as whales=whale-positions/hyperliquid:biggest; none leaves it out (repeatable)',
      collect,
      [],
    ) // prettier-ignore
    .option(
      '--funding <settled|none>',
      'none leaves the funding of perpetuals out, and the run says so (default: settled)',
    )
    .addHelpText(
      'after',
      `\nPolicies, their default first (docs/execution.md says what each decides):\n${policyHelp()}`,
    )
}

function policyHelp(): string {
  return Object.entries(POLICY_VALUES)
    .map(([name, values]) => `  ${name}=${values.join('|')}`)
    .join('\n')
}

/** Merges command line, config file and defaults into a request. Throws ConfigError naming file, field and value. */
export async function backtestRequest(
  strategy: string | undefined,
  flags: BacktestFlags,
  context: { readonly workingFolder: string; readonly command: string },
): Promise<RunRequest> {
  const config = flags.config === undefined ? {} : await readConfigFile(flags.config, process.cwd())
  const settings = merge(forStrategy(config, strategy, context.workingFolder), strategy, flags)
  if (settings.strategy === undefined)
    throw new ConfigError('name a strategy, such as sma-cross', { field: 'strategy' })
  const strategyFile = findStrategyFile(settings.strategy, context.workingFolder)
  const definition = await loadStrategyFile(strategyFile)
  const params = Object.entries(settings.params ?? {}).map(
    ([name, value]) =>
      [name, typeof value === 'string' ? parseParam(definition.params, name, value) : value] as const,
  )
  return {
    strategyFile,
    strategyPath: settings.strategy,
    preset: settings.preset ?? null,
    params: Object.fromEntries(params),
    dataFolder: flags.data,
    instruments: readInstruments(
      settings.instruments ?? DEFAULT_INSTRUMENTS_FILE,
      settings.instrument ?? [],
      settings.feeTier,
      flags.data,
    ),
    timeframeMs: parseDuration(settings.timeframe ?? DEFAULTS.timeframe, '--timeframe'),
    range:
      settings.timerange === undefined
        ? { startMs: -Infinity, endMs: Infinity }
        : parseTimeRange(settings.timerange),
    startingBalance: checkBalance(settings.balance ?? DEFAULTS.balance),
    costs: costsOf(settings),
    policies: parsePolicies(
      Object.entries(settings.policies ?? {}).map(([name, value]) => `${name}=${value}`),
    ),
    funding: settings.funding ?? 'settled',
    factOverrides: settings.facts ?? {},
    ...(settings.detail === undefined ? {} : { detailMs: parseDuration(settings.detail, '--detail') }),
    sensitivity: settings.sensitivity ?? 'where-quick',
    seed: settings.seed ?? (settings.sensitivity === true ? 0 : null),
    command: context.command,
  }
}

/** Without preset and parameters where the command line names another strategy than the file they stand in. */
function forStrategy(config: Config, strategy: string | undefined, workingFolder: string): Config {
  if (strategy === undefined || config.strategy === undefined) return config
  const [asked, named] = [strategy, config.strategy].map((name) => findStrategyFile(name, workingFolder))
  return asked === named ? config : { ...config, preset: undefined, params: undefined }
}

function merge(config: Config, strategy: string | undefined, flags: BacktestFlags): Config {
  const said: Config = {
    strategy,
    preset: flags.preset,
    instruments: flags.instruments,
    instrument: flags.instrument.length > 0 ? [...flags.instrument] : undefined,
    timeframe: flags.timeframe,
    timerange: flags.timerange,
    balance: flags.balance,
    feeTier: flags.feeTier,
    fee: flags.fee,
    slippage: flags.slippage,
    halfSpread: flags.halfSpread,
    participation: flags.participation,
    detail: flags.detail,
    sensitivity: flags.sensitivity,
    seed: flags.seed,
    funding: flags.funding === undefined ? undefined : checkFunding(flags.funding),
  }
  const set = Object.fromEntries(Object.entries(said).filter(([, value]) => value !== undefined)) as Config
  return {
    ...config,
    ...set,
    params: { ...config.params, ...keyValues('--param', flags.param) },
    policies: { ...config.policies, ...keyValues('--set', flags.set) },
    facts: { ...config.facts, ...keyValues('--facts', flags.facts) },
  }
}

function readSeed(text: string): number {
  const seed = wholeNumber(text)
  if (seed < 0) throw new InvalidArgumentError('Not a whole number of 0 or more.')
  return seed
}

function checkFunding(text: string): 'settled' | 'none' {
  if (text === 'settled' || text === 'none') return text
  throw new ConfigError('must be settled or none', { field: '--funding', value: text })
}

/** What was not said is left to the engine's defaults, and to the instruments. */
function costsOf({ slippage, halfSpread, participation, fee }: Config): CostSettings {
  return {
    slippageBps: slippage ?? DEFAULTS.slippageBps,
    ...(halfSpread === undefined ? {} : { halfSpreadBps: checkHalfSpread(halfSpread) }),
    ...(participation === undefined ? {} : { participation: checkParticipation(participation) }),
    ...(fee === undefined ? {} : { takerFee: checkFee(fee), makerFee: checkFee(fee) }),
  }
}

function checkHalfSpread(halfSpreadBps: number): number {
  if (halfSpreadBps >= 0 && halfSpreadBps < 10_000) return halfSpreadBps
  throw new ConfigError('half the spread is 0 or more: 1 is 0.01 % of the price', {
    field: '--half-spread',
    value: halfSpreadBps,
    unit: 'bps',
  })
}

function checkParticipation(share: number): number {
  if (share > 0 && share <= 1) return share
  throw new ConfigError('a share of the volume is above 0 and at most 1: 0.05 is 5 %', {
    field: '--participation',
    value: share,
    unit: 'fraction',
  })
}

/** 5 is far more likely to mean 5 % than a fee of five times the notional: neither is taken. */
function checkFee(fee: number): number {
  if (fee >= -0.01 && fee <= 0.1) return fee
  throw new ConfigError('a fee is a fraction of the notional: 0.001 is 0.1 %', {
    field: '--fee',
    value: fee,
    unit: 'fraction',
  })
}

/** The engine refuses an impossible balance too, but only once all data are loaded. */
function checkBalance(startingBalance: number): number {
  if (Number.isFinite(startingBalance) && startingBalance > 0) return startingBalance
  throw new ConfigError('a starting balance is a positive amount of the quote asset', {
    field: '--balance',
    value: startingBalance,
  })
}
