import { homedir } from 'node:os'
import { Option, type Command } from 'commander'
import { CheckError, ConfigError } from '../core/errors.js'
import { formatUtc } from '../core/time.js'
import { DEFAULT_LEDGER_FOLDER } from '../jobs/ledger.js'
import { storedRequest } from '../jobs/replay-run.js'
import { findRun } from '../jobs/run-store.js'
import { DEFAULT_SWEEPS_FOLDER } from '../jobs/sweep/sweep-store.js'
import { demotionLine, demotionTable } from '../monitor/demotion-words.js'
import { paperEvidence } from '../monitor/paper-evidence.js'
import { table } from '../report/index.js'
import { metRules, metWords } from '../runner/promotion/demotion.js'
import { STAGES, type PromotedStage } from '../runner/promotion/gates.js'
import { defaultKeyFolder } from '../runner/promotion/keys.js'
import { carryOver, promote, type PromoteOptions, type PromotionAnswer, type StageGates } from '../runner/promotion/promote.js' // prettier-ignore
import { DEFAULT_PROMOTIONS_FOLDER } from '../runner/promotion/promotion-store.js'
import type { Promotion } from '../runner/promotion/record.js'
import type { PaperEvidence } from '../runner/promotion/evidence.js'
import { DEFAULT_SESSIONS_FOLDER } from '../runner/session-folder.js'
import { ioOf, printable, type Io } from './io.js'
import { DEFAULT_RUNS_FOLDER, RUN_ARGUMENT } from './runs-commands.js'

/** At how many closes the data are cut to see whether the strategy looks ahead. */
const CUTS = 6

interface Flags {
  readonly to?: PromotedStage
  readonly carryOver?: boolean
  readonly runs: string
  readonly sweeps: string
  readonly ledger: string
  readonly promotions: string
  readonly sessions: string
  readonly key?: string
  readonly data: string
}

/** `promote RUN`. */
export function addPromoteCommand(program: Command): void {
  program
    .command('promote')
    .description('may a run go on to paper, and what would it take to go further? signs a record where all gates of the step are open')
    .argument('<run>', RUN_ARGUMENT)
    .addOption(new Option('--to <stage>', 'stage to go to').choices(STAGES.filter((stage) => stage !== 'backtest')))
    .option('--carry-over', 'keep a promotion under changed code around the decisions, if every byte of the run comes out the same')
    .option('--runs <dir>', 'folder of the stored runs', DEFAULT_RUNS_FOLDER)
    .option('--sweeps <dir>', 'folder of the sweeps, one of which chose these params', DEFAULT_SWEEPS_FOLDER)
    .option('--ledger <dir>', 'folder of the ledger of all trials, which its verdict was judged by', DEFAULT_LEDGER_FOLDER)
    .option('--promotions <dir>', 'folder of the records', DEFAULT_PROMOTIONS_FOLDER)
    .option('--sessions <dir>', 'folder of the sessions on paper, of which those that this run was promoted to are evidence', DEFAULT_SESSIONS_FOLDER)
    .option('--key <dir>', 'folder of the key that signs them, outside of any repository (default: baleen in your settings, ~/.config)')
    .addHelpText(
      'after',
      `
The run's strategy is checked on its data (look-ahead, warm-up, determinism), what its sessions on paper have shown is read from their files, and the
gates of every later step are shown with what is short. A record holds hashes of the code that decides, the params, the limits, the data and the evidence; records are chained and signed. A session runs by a record whose
hashes are those of what it is about to run. docs/promotion.md has every gate.

Exits with 4 where a gate is shut.

Examples:
  baleen promote latest --to paper
  baleen promote sma-cross-1f0c9a7be24d --to small --json
  baleen promote sma-cross-1f0c9a7be24d --carry-over`,
    )
    .action(async (name: string, _options: unknown, command: Command) => {
      const flags = command.optsWithGlobals<Flags>()
      const io = ioOf(command)
      const id = await findRun(flags.runs, name)
      const options = optionsOf(flags, command, io)
      if (flags.carryOver === true) {
        if (flags.to !== undefined) throw new ConfigError('a carry-over stays at its stage: give either --to or --carry-over', { field: '--to', value: flags.to })
        return printCarryOver(io, await carryOver(id, options))
      }
      if (flags.to === undefined) throw new ConfigError('name the stage to go to', { field: '--to', value: 'nothing' })
      report(io, flags.to, await promote(id, flags.to, options))
    })
} // prettier-ignore

function optionsOf(flags: Flags, command: Command, io: Io): PromoteOptions {
  const isDataGiven = command.getOptionValueSourceWithGlobals('data') === 'cli'
  const folders = {
    workingFolder: process.cwd(),
    ...(isDataGiven && { dataFolder: flags.data }),
    runsFolder: flags.runs,
    promotionsFolder: flags.promotions,
    keyFolder: flags.key ?? defaultKeyFolder(process.env, homedir()),
    now: Date.now(),
  }
  return {
    ...folders,
    sweepsFolder: flags.sweeps,
    ledgerFolder: flags.ledger,
    paperEvidence: (run, subject) =>
      paperEvidence(run, subject, { ...folders, sessionsFolder: flags.sessions, dataFolder: storedRequest(run, folders).dataFolder }),
    checks: { cuts: CUTS, onStart: (key) => (io.showsProgress ? io.log(`${key} …`) : io.detail(`${key} …`)) },
  }
} // prettier-ignore

function report(io: Io, to: PromotedStage, answer: PromotionAnswer): void {
  const {
    run,
    stages,
    demotion,
    promotion,
    isKeyNew,
    evidence: { paper },
  } = answer
  const step = stages.find(({ stage }) => stage === to) as StageGates
  if (io.json)
    io.printJson({
      runId: run.id,
      to,
      isPromoted: promotion !== undefined,
      stages,
      demotion,
      paper,
      promotion,
    })
  else {
    const { strategy, data } = run.manifest.inputs
    io.print(io.bold(printable(`${strategy.name}: run ${run.id}`)) + (data.synthetic ? io.yellow('  SYNTHETIC DATA') : '')) // prettier-ignore
    const rows = step.gates.map(({ name, found, asked, isPassed }) => [name, found, asked, isPassed ? 'yes' : 'no']) // prettier-ignore
    io.printTable(table(`To ${to}`, ['Gate', 'Found#', 'Asked#', 'Holds'], rows))
    printSessions(io, paper)
    if (metRules(demotion).length > 0) io.printTable(demotionTable(demotion))
    else io.print(printable(`Demotion: ${demotionLine(demotion)}`))
    for (const { stage, gates } of stages) {
      const reasons = reasonsOf(gates)
      if (reasons.length > 0)
        io.print(`\nTo ${stage} it ${stage === to ? 'does' : 'would'} not pass because\n${reasons.map((one) => `  - ${printable(one)}`).join('\n')}`) // prettier-ignore
    }
    if (isKeyNew) io.log('\nA key was made to sign records with. Keep it out of repositories and backups of code.') // prettier-ignore
    if (promotion !== undefined) io.print(`\nPromoted to ${to} at ${promotion.at}`)
  }
  const closed = step.gates.filter(({ isPassed }) => !isPassed).length
  const met = to === 'paper' ? [] : metRules(demotion)
  const demoted = met.length === 0 ? '' : `; to be demoted: ${met.map(metWords).join('; ')}`
  if (closed > 0)
    throw new CheckError(`not promoted to ${to}: ${closed} of ${step.gates.length} gates are shut${demoted}`)
}

/** Why gates are shut. Gates in a row that are shut for the same reason are told together. */
function reasonsOf(gates: StageGates['gates']): string[] {
  const told: { names: string[]; reason: string }[] = []
  for (const { name, because } of gates) {
    if (because === undefined) continue
    const isNamed = because.startsWith(`${name}: `)
    const reason = isNamed ? because.slice(name.length + 2) : because
    const last = told.at(-1)
    if (isNamed && last?.reason === reason && last.names.length > 0) last.names.push(name)
    else told.push({ names: isNamed ? [name] : [], reason })
  }
  return told.map(({ names, reason }) => (names.length === 0 ? reason : `${names.join('; ')}: ${reason}`))
}

function printSessions(io: Io, { sessions, notCounted, isVirtualClock }: PaperEvidence): void {
  if (sessions.length === 0 && notCounted.length === 0) return
  const counted = sessions.map(({ id, fromTime, toTime }) => [id, `${formatUtc(fromTime)} to ${formatUtc(toTime)} UTC${isVirtualClock ? ', virtual clock' : ''}`])
  const left = notCounted.map(({ id, reason }) => [id, `does not count: ${printable(reason)}`])
  io.printTable(table('Sessions on paper', ['Session', 'What it shows'], [...counted, ...left]))
} // prettier-ignore

function printCarryOver(io: Io, promotion: Promotion): void {
  if (io.json) io.printJson({ promotion })
  else io.print(`The promotion to ${promotion.stage} was carried over: every byte of run ${promotion.runId} came out the same`) // prettier-ignore
}
