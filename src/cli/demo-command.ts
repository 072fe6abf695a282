import { existsSync } from 'node:fs'
import { join, relative } from 'node:path'
import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import { PACKAGE_ROOT } from '../jobs/package-info.js'
import { executeRun } from '../jobs/run.js'
import { storeRun } from '../jobs/run-store.js'
import { formatMetric } from '../metrics/format.js'
import { findMetric } from '../metrics/metrics-report.js'
import { table } from '../report/index.js'
import { shellQuote, wholeNumber } from './arguments.js'
import { backtestRequest } from './backtest-options.js'
import { printRun } from './backtest-command.js'
import { makeDemoData } from './demo-data.js'
import { ioOf, type Io } from './io.js'
import { reportPath } from './reports-folder.js'
import { DEFAULT_RUNS_FOLDER } from './runs-commands.js'

const STRATEGIES = ['smart-money', 'trend-breakout', 'sma-cross'] as const

interface Flags {
  readonly out: string
  readonly seed: number
  readonly runs: string
  readonly yes?: boolean
}

/** `demo`: everything from data to result on an invented market, offline. */
export function addDemoCommand(program: Command): void {
  program
    .command('demo')
    .description('make a small synthetic market, import it, backtest the shipped strategies; works offline')
    .option('--out <dir>', 'data folder to make (replaced where it is a demo of before)', 'data/demo')
    .option('--seed <number>', 'another number, another market', wholeNumber, 1)
    .option('--runs <dir>', 'folder of the stored runs', DEFAULT_RUNS_FOLDER)
    .option('--yes', 'replace the folder even if it is no demo')
    .addHelpText('after', '\nExamples:\n  baleen demo\n  baleen demo --seed 7 --out /tmp/demo')
    .action(async (flags: Flags, command: Command) => demo(ioOf(command), flags))
}

async function demo(io: Io, { out, seed, runs, yes }: Flags): Promise<void> {
  if (existsSync(out) && !existsSync(join(out, 'csv')) && yes !== true) {
    throw new ConfigError(
      'the folder is there and was not made by demo: name another, or replace it with --yes',
      { field: '--out', value: out },
    )
  }
  io.log(
    `Simulating a market (seed ${seed}): SYNTHETIC, and without any edge: no strategy can be expected to earn anything in it.`,
  )
  const data = await makeDemoData(out, seed, Date.now(), io.detail)
  io.log(`Imported ${data.rows} rows as ${data.series} series into ${out}.`)

  const results: { strategy: string; runId: string; page: string; cells: string[] }[] = []
  for (const strategy of STRATEGIES) {
    io.log(`Backtesting ${strategy} …`)
    const words = ['--data', out, 'backtest', strategy, '--instruments', data.instrumentsFile]
    const flags = {
      param: [],
      instrument: [],
      set: [],
      facts: [],
      instruments: data.instrumentsFile,
      data: out,
    }
    const command = ['baleen', ...words].map(shellQuote).join(' ')
    const run = await executeRun(
      await backtestRequest(strategy, flags, { workingFolder: PACKAGE_ROOT, command }),
    )
    const stored = await storeRun(runs, run.files)
    if (!io.json && io.verbose) printRun(io, run.summary, stored)
    const keys = ['totalReturn', 'holdReturn', 'sharpe', 'maxDrawdown', 'trades', 'tradeWinRate']
    const cells = keys.map((key) => formatMetric(findMetric(run.backtest.metrics, key)))
    results.push({ strategy, runId: stored.id, page: reportPath(stored), cells })
  }
  if (io.json) {
    io.printJson({ synthetic: true, seed, folder: out, series: data.series, rows: data.rows, runs: results.map(({ strategy, runId, page }) => ({ strategy, runId, page })) }) // prettier-ignore
    return
  }
  io.print(io.yellow('SYNTHETIC DATA: invented prices and facts. They say nothing about any real market.'))
  const columns = ['Strategy', 'Return#', 'Hold#', 'Sharpe#', 'Max drawdown#', 'Trades#', 'Win rate#']
  io.printTable(table(`Three strategies on three invented perpetuals, seed ${seed}`, columns, results.map(({ strategy, cells }) => [strategy, ...cells]))) // prettier-ignore
  io.printTable(table('Pages, to open in a browser', ['Strategy', 'File'], results.map(({ strategy, page }) => [strategy, page]))) // prettier-ignore
  const first = results[0]
  io.print(`\nNext:
  baleen runs show ${first?.runId ?? ''}
  baleen --data ${shellQuote(out)} backtest smart-money --preset relative --instruments ${shellQuote(relative('.', data.instrumentsFile))}
  baleen runs replay ${first?.runId ?? ''}
(from a clone: npx baleen …)`)
}
