import { generateKeyPairSync } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs' // prettier-ignore
import { tmpdir } from 'node:os'
import { basename, dirname, join, relative } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import { BaleenError } from '../src/core/errors.js'
import { readLedger } from '../src/jobs/ledger.js'
import { readWholeRun } from '../src/jobs/run-store.js'
import { readSweep } from '../src/jobs/sweep/sweep-store.js'
import { drawBelow, seededRandom } from '../src/research/seeded-random.js'
import { JournalFile } from '../src/runner/journal-file.js'
import { appendPromotion, readPromotions } from '../src/runner/promotion/promotion-store.js'
import { PROMOTION_SCHEMA } from '../src/runner/promotion/record.js'
import { readSession } from '../src/runner/session-folder.js'
import { answerLog, readAnswers, storedBody } from '../src/sources/smart-money/answer-log.js'
import { openStore } from '../src/store/store.js'
import { verifyStore } from '../src/store/verify.js'
import { baleen, type Answer } from '../test/cli/run-cli.js'
import type { CampaignOptions } from './options.js'

/** One kind of store: files that may be damaged, and how they are read. */
interface Store {
  readonly name: string
  /** Copied whole before each case: readers may write. */
  readonly folder: string
  /** Relative to the folder. */
  readonly files: readonly string[]
  /** What is read, as a value; throws BaleenError, or answers `reported`, where damage is found. */
  read(folder: string): Promise<unknown>
}

/** Damage that a reader tells of without refusing. */
class Reported {
  constructor(readonly words: string) {}
}

type RunProgram = (folder: string, words: readonly string[]) => Promise<Answer>

/**
 * Flips one bit, or cuts a file off, in every kind of file that is stored, and reads it: the damage is to be found and the file named, or what is read is to be the same to the last
 * bit. Left out: a report's page, made of the other files, which nothing reads back; locks, of which nobody reads the content; the file of instruments, which people write, and which runs hold the
 * content of in their own. `size` cases.
 */
export async function storeCorruption(
  { size, seed }: CampaignOptions,
  run: RunProgram = baleen,
  hasSweep: boolean = true,
): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'baleen-corruption-'))
  try {
    const stores = await prepare(root, run, hasSweep)
    const random = seededRandom(seed, 0x666c6970)
    const work = join(root, 'work')
    const counts = new Map<string, { found: number; harmless: number; missed: number }>()
    let missed = 0
    const same = new Map<Store, unknown>()
    for (const store of stores) {
      fresh(store, work)
      same.set(store, await store.read(work))
    }
    for (let number = 0; number < size; number++) {
      const store = stores[number % stores.length]!
      const file = store.files[drawBelow(random, store.files.length)]!
      fresh(store, work)
      const words = damage(join(work, file), random)
      const outcome = await outcomeOf(store, work, file, same.get(store))
      const kind = `${store.name}: ${kindOf(file)}`
      const count = counts.get(kind) ?? { found: 0, harmless: 0, missed: 0 }
      counts.set(kind, count)
      if (outcome === 'found' || outcome === 'harmless') count[outcome]++
      else {
        count.missed++
        if (++missed <= 20) console.log(`case ${number}: ${kind}, ${file}, ${words}: ${outcome}`)
      }
    }
    console.table(Object.fromEntries(counts))
    console.log(`store-corruption: ${size - missed} passed, ${missed} failed`)
    return missed
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function fresh({ folder }: Store, work: string): void {
  rmSync(work, { recursive: true, force: true })
  cpSync(folder, work, { recursive: true })
}

function damage(path: string, random: ReturnType<typeof seededRandom>): string {
  const bytes = readFileSync(path)
  if (drawBelow(random, 3) === 0) {
    const length = drawBelow(random, bytes.length)
    writeFileSync(path, bytes.subarray(0, length))
    return `cut off at byte ${length} of ${bytes.length}`
  }
  const [byte, bit] = [drawBelow(random, bytes.length), drawBelow(random, 8)]
  bytes[byte] = bytes[byte]! ^ (1 << bit)
  writeFileSync(path, bytes)
  return `bit ${bit} of byte ${byte} of ${bytes.length}`
}

async function outcomeOf(store: Store, work: string, file: string, before: unknown): Promise<string> {
  let now: unknown
  try {
    now = await store.read(work)
  } catch (error) {
    if (!(error instanceof BaleenError)) return `no error of ours: ${String(error)}`
    return namesFile(error.message, work, file) ? 'found' : `the file is not named: ${error.message}`
  }
  if (now instanceof Reported)
    return namesFile(now.words, work, file) ? 'found' : `the file is not named: ${now.words}`
  return isDeepStrictEqual(now, before) ? 'harmless' : 'something else was read, and nobody told'
}

/** The damaged file, or the folder of its record: a list of sums, or a witness, that is damaged blames what it is about. */
function namesFile(words: string, work: string, file: string): boolean {
  if (words.includes(basename(file))) return true
  const record = dirname(join(work, file))
  return words.includes(record)
}

function kindOf(file: string): string {
  const name = basename(file)
  if (name.endsWith('.parquet') && /-[0-9a-f]{16}\.parquet$/.test(name)) return 'generation'
  return name.endsWith('.parquet') && name.includes('.') && file.includes('/') ? 'Parquet' : name
}

function filesOf(folder: string, isLeft: (name: string) => boolean = () => false): string[] {
  return readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && !isLeft(entry.name))
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)))
    .sort()
}

const STRATEGY = `import { above, below, close, defineStrategy, int, sma } from 'baleen'

export default defineStrategy({
  name: 'mine',
  description: '',
  params: { fast: int(2, 3, 10), slow: int(11, 12, 40) },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, p.slow) }),
  enterLong: (f) => above(f.fast, f.slow),
  exitLong: (f) => below(f.fast, f.slow),
})
`

/** Makes one of each by the program itself. */
async function prepare(root: string, run: RunProgram, hasSweep: boolean): Promise<readonly Store[]> {
  const made = join(root, 'made')
  mkdirSync(made)
  writeFileSync(join(made, 'mine.ts'), STRATEGY)
  const instrument = ['-i', 'synthetic:BTCUSDT-PERP'] as const
  for (const words of [
    ['data', 'simulate', '--days', '20', '--seed', '5', '--instruments', '1'],
    ['backtest', './mine.ts', ...instrument, '--no-sensitivity'],
    ['sweep', './mine.ts', ...instrument, '--trials', '16', '--generation', '8', '--jobs', '1'],
    ['paper', 'start', './mine.ts', ...instrument, '--unpromoted', '--feed', 'stored', '--to', '2024-01-12'],
  ]) {
    if (words[0] === 'sweep' && !hasSweep) continue
    const { code, stderr } = await run(made, ['-q', ...words])
    if (code !== 0) throw new Error(`${words.join(' ')} ended with ${code}: ${stderr}`)
  }
  const sessions = join(made, 'sessions')
  const [session = ''] = readdirSync(sessions)
  const runs = join(made, '.baleen/runs')
  const [runId = ''] = readdirSync(runs)
  const sweeps = join(made, '.baleen/sweeps')
  const [sweepId] = existsSync(sweeps) ? readdirSync(sweeps).filter((name) => !name.startsWith('.')) : []
  const { publicKey, privateKey } = generateKeyPairSync('ed25519', { publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } }) // prettier-ignore
  const promotions = join(root, 'promotions')
  for (const at of [1, 2, 3]) await appendPromotion(promotions, promotionOf(at), { publicKey, privateKey })
  const answers = join(root, 'answers')
  const log = answerLog(answers)
  for (let at = 0; at < 6; at++) await log.add(answerOf(at))
  const day = readdirSync(answers).find((name) => name.endsWith('.ndjson')) ?? ''
  const isReport = (name: string): boolean =>
    name === 'report.html' || name === 'lock.duckdb' || name === 'instruments.json'
  const running = await journalsOf(root, join(sessions, session))
  return [
    { name: 'data', folder: join(made, 'data'), files: filesOf(join(made, 'data'), isReport), read: readData },
    { name: 'run', folder: runs, files: filesOf(runs, isReport), read: (folder) => readWholeRun(folder, runId).then(withoutFolder) },
    ...(sweepId === undefined ? [] : [{ name: 'sweep', folder: sweeps, files: filesOf(join(sweeps, sweepId), isReport).map((name) => join(sweepId, name)), read: (folder: string) => readSweep(join(folder, sweepId)).then(withoutFolder) }]),
    { name: 'ledger', folder: join(made, '.baleen/ledger'), files: ['trials.jsonl', 'head.json'], read: readTrials },
    { name: 'session', folder: sessions, files: [join(session, 'session.json')], read: async (folder) => (await readSession(folder, session)).settings },
    { name: 'journal', folder: running.ended, files: ['journal.sqlite', 'journal.sqlite-head'], read: readJournal },
    { name: 'journal of a killed session', folder: running.killed, files: filesOf(running.killed, (name) => name.endsWith('-shm')), read: readJournal },
    { name: 'promotions', folder: promotions, files: ['promotions.jsonl', 'promotions.jsonl-head'], read: (folder) => readPromotions(folder, publicKey) },
    { name: 'answers', folder: answers, files: [day, `${day}-head`], read: (folder) => readAnswers(join(folder, day)) },
  ]
} // prettier-ignore

function withoutFolder(record: { readonly folder: string }): unknown {
  return { ...record, folder: '' }
}

async function readData(folder: string): Promise<unknown> {
  const { broken, ...report } = await verifyStore(openStore(folder))
  if (broken.length > 0) return new Reported(broken.map(({ path, fault }) => `${path}: ${fault}`).join('; '))
  return report
}

async function readTrials(folder: string): Promise<unknown> {
  const ledger = await readLedger(folder)
  return ledger.problem === undefined ? withoutFolder(ledger) : new Reported(ledger.problem)
}

/** A last row that was torn is dropped, kept aside and told of. */
async function readJournal(folder: string): Promise<unknown> {
  const path = join(folder, 'journal.sqlite')
  const file = await JournalFile.open(path)
  try {
    let torn = false
    const rows = file.read(() => void (torn = true))
    return torn ? new Reported(`${path}: the last row was torn`) : rows
  } finally {
    file.close()
  }
}

/** The journal of a session that has ended, and the same as a kill leaves it: half of its rows in the write-ahead log. */
async function journalsOf(
  root: string,
  session: string,
): Promise<{ readonly ended: string; readonly killed: string }> {
  // prettier-ignore
  const ended = join(root, 'journal-ended')
  mkdirSync(ended)
  for (const name of ['journal.sqlite', 'journal.sqlite-head']) cpSync(join(session, name), join(ended, name))
  const source = await JournalFile.open(join(ended, 'journal.sqlite'))
  const rows = source.read(() => undefined)
  source.close()
  for (const extra of ['-wal', '-shm']) rmSync(join(ended, `journal.sqlite${extra}`), { force: true })
  const live = join(root, 'journal-live')
  const killed = join(root, 'journal-killed')
  mkdirSync(live)
  const journal = await JournalFile.open(join(live, 'journal.sqlite'))
  for (const { kind, text } of rows.slice(0, 120)) {
    journal.append(kind, JSON.parse(text))
    journal.commit()
  }
  cpSync(live, killed, { recursive: true })
  journal.close()
  if (!existsSync(join(killed, 'journal.sqlite-wal'))) throw new Error('there is no write-ahead log')
  rmSync(join(killed, 'journal.sqlite-shm'), { force: true })
  return { ended, killed }
}

function promotionOf(at: number): Parameters<typeof appendPromotion>[1] {
  const hashes = { decision: 'd', params: 'p', limits: 'l', data: 'x', evidence: 'e', other: 'o', dependencies: 'n' } // prettier-ignore
  const gates = [{ key: 'a', name: 'A', found: '1', asked: '1', isPassed: true }]
  return { schema: PROMOTION_SCHEMA, kind: 'promotion', at: '2026-01-01T00:00:00.000Z', stage: 'paper', strategy: 'x', runId: `x-${at}`, hashes, gates } // prettier-ignore
}

function answerOf(at: number): Parameters<ReturnType<typeof answerLog>['add']>[0] {
  const body = storedBody(Buffer.from(JSON.stringify({ at, value: Math.sqrt(at) })))
  return { fetchedAt: Date.UTC(2026, 0, 1) + at, url: 'http://127.0.0.1/v1/confirm', params: { at: String(at) }, status: 200, headers: { 'content-type': 'application/json' }, ...body } // prettier-ignore
}
