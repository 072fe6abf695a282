import type { Command } from 'commander'
import { CheckError } from '../core/errors.js'
import { formatUtc } from '../core/time.js'
import { DEFAULT_LEDGER_FOLDER, readLedger, type Ledger } from '../jobs/ledger.js'
import { table } from '../report/index.js'
import { ioOf, printable, type Io } from './io.js'

/** `ledger show|verify`. */
export function addLedgerCommands(program: Command): void {
  const ledger = program
    .command('ledger')
    .description('the ledger of all trials, by sweeps and by hand: show, verify')
  const folder = ['--ledger <dir>', 'folder of the ledger', DEFAULT_LEDGER_FOLDER] as const
  ledger
    .command('show')
    .description('what was tried, strategy by strategy')
    .option(...folder)
    .addHelpText('after', '\nExample:\n  baleen ledger show --json')
    .action(async (options: { ledger: string }, command: Command) =>
      show(ioOf(command), await readLedger(options.ledger)),
    )
  ledger
    .command('verify')
    .description('whether a record was changed, removed, added or cut off')
    .option(...folder)
    .addHelpText('after', '\nExample:\n  baleen ledger verify\n\nExits with 4 where the chain is broken.')
    .action(async (options: { ledger: string }, command: Command) =>
      verify(ioOf(command), await readLedger(options.ledger)),
    )
}

function show(io: Io, { folder, records, problem, isAbsent, head }: Ledger): void {
  const names = [...new Set(records.map(({ strategy }) => strategy))].sort()
  const strategies = names.map((strategy) => {
    const own = records.filter((record) => record.strategy === strategy)
    return {
      strategy,
      records: own.length,
      sources: new Set(own.map(({ sourceHash }) => sourceHash)).size,
      trials: new Set(own.flatMap(({ returns }) => returns)).size,
      failed: new Set(own.flatMap(({ failed }) => failed)).size,
      bases: [...new Set(own.flatMap(({ bases }) => bases))].sort(),
      startTime: Math.min(...own.map(({ startTime }) => startTime)),
      endTime: Math.max(...own.map(({ endTime }) => endTime)),
    }
  })
  if (io.json) {
    io.printJson({ folder, records: records.length, head, problem, strategies })
    return
  }
  if (isAbsent) {
    io.log(`No ledger in ${folder} yet: sweeps and backtests begin it.`)
    return
  }
  io.printTable(
    table(
      'Trials, those with the same returns once',
      ['Strategy', 'Trials#', 'Failed#', 'Records#', 'Versions#', 'On', 'From (UTC)', 'To (UTC)'],
      strategies.map((one) => [
        one.strategy,
        String(one.trials),
        String(one.failed),
        String(one.records),
        String(one.sources),
        one.bases.join(' '),
        formatUtc(one.startTime).slice(0, 10),
        formatUtc(one.endTime).slice(0, 10),
      ]),
    ),
  )
  if (problem !== undefined) io.print(`\n${io.yellow('!')} The chain is broken: ${printable(problem)}`)
}

function verify(io: Io, { folder, records, problem, isAbsent, head }: Ledger): void {
  if (problem !== undefined)
    throw new CheckError(`the ledger of trials is broken: ${problem}`, { file: folder })
  if (io.json) io.printJson({ folder, isAbsent, records: records.length, head })
  else if (isAbsent) io.print(`No ledger in ${folder} yet.`)
  else io.print(`${records.length} records, the chain is whole up to ${head}`)
}
