import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join, relative } from 'node:path'
import { bundle } from '../scripts/bundle.js'
import { BaleenError } from '../src/core/errors.js'
import { HOUR_MS } from '../src/core/time.js'
import { BUILD_RECORD, CODE_ROOT, codeFiles, DECISION_FOLDERS } from '../src/jobs/code-hash.js'
import { executeRun } from '../src/jobs/run.js'
import { readWholeRun, storeRun, type RunRecord } from '../src/jobs/run-store.js'
import { simulateIntoStore } from '../src/jobs/simulated-data.js'
import type { RandomGenerator } from '../src/market/random.js'
import { drawBelow, seededRandom } from '../src/research/seeded-random.js'
import { paperEvidence } from '../src/monitor/paper-evidence.js'
import { requirePromoted, type PromotionSubject } from '../src/runner/promotion/guard.js'
import { trustedKey } from '../src/runner/promotion/keys.js'
import { currentSubject, promote } from '../src/runner/promotion/promote.js'
import { readPromotions } from '../src/runner/promotion/promotion-store.js'
import type { CampaignOptions } from './options.js'

const STRATEGY = `import { above, below, close, defineStrategy, int, sma } from 'baleen'
import { SLOW } from './lengths.js'

export default defineStrategy({
  name: 'tampered',
  description: '',
  params: { fast: int(2, 5, 50) },
  features: (p) => ({ fast: sma(close, p.fast), slow: sma(close, SLOW) }),
  enterLong: (f) => above(f.fast, f.slow),
  exitLong: (f) => below(f.fast, f.slow),
})
`

/** Unchanged rebuilds, of five hundred changes. */
const REBUILDS = 0.2

/**
 * Promotes a run to paper, then changes one byte of what decides or of what it stands on (code, as sources and as it was built, strategy, params and limits, packages, the record) and asks whether it
 * may still run: it may not. The unchanged code, copied elsewhere and built there, may. `size` changes.
 */
export async function promotionTamper({ size, seed }: CampaignOptions): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'baleen-tamper-'))
  try {
    const place = await promotedPlace(root)
    const random = seededRandom(seed, 0x74616d70)
    const wrong: string[] = []
    const tried: Record<string, number> = {}
    for (const codeRoot of [place.codeRoot, place.builtRoot])
      if (!(await place.mayRun(codeRoot)))
        wrong.push(`${relative(root, codeRoot)} was refused before anything was changed`)
    const parts = Object.entries(place.parts)
    for (let at = 0; at < size; at++) {
      const [part, { files, codeRoot }] = parts[at % parts.length]!
      const file = files[drawBelow(random, files.length)]!
      const bytes = readFileSync(file)
      const { changed, byte, to } = changedByte(file, bytes, random)
      writeFileSync(file, changed)
      const admitted = await place.mayRun(codeRoot)
      writeFileSync(file, bytes)
      tried[part] = (tried[part] ?? 0) + 1
      if (admitted)
        wrong.push(`byte ${byte} of ${relative(root, file)}, ${bytes[byte]} and then ${to}, was not missed`)
    }
    const rebuilds = Math.max(1, Math.round(REBUILDS * size))
    for (let at = 0; at < rebuilds; at++) {
      const codeRoot = await builtFrom(copyCode(join(root, `rebuild-${at}`)))
      if (!(await place.mayRun(codeRoot))) wrong.push(`rebuild ${at} was refused`)
      rmSync(dirname(codeRoot), { recursive: true })
    }
    console.table({ ...tried, 'unchanged rebuilds': rebuilds })
    for (const one of wrong) console.log(one)
    console.log(`promotion-tamper: ${size + rebuilds - wrong.length} passed, ${wrong.length} failed`)
    return wrong.length
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

/** One byte made another one. Of JSON that nothing signs, no change is one that leaves it saying the same. */
function changedByte(
  file: string,
  bytes: Buffer,
  random: RandomGenerator,
): { readonly changed: Buffer; readonly byte: number; readonly to: number } {
  for (;;) {
    const byte = drawBelow(random, bytes.length)
    const to = bytes[byte]! ^ (1 + drawBelow(random, 255))
    const changed = Buffer.from(bytes)
    changed[byte] = to
    if (!file.endsWith(BUILD_RECORD) || !saysTheSame(bytes, changed)) return { changed, byte, to }
  }
}

function saysTheSame(one: Buffer, other: Buffer): boolean {
  try {
    return JSON.stringify(JSON.parse(one.toString())) === JSON.stringify(JSON.parse(other.toString()))
  } catch {
    return false
  }
}

interface PromotedPlace {
  readonly codeRoot: string
  readonly builtRoot: string
  /** Files of which each byte counts, by what they are, and the code that reads or holds them. */
  readonly parts: Readonly<Record<string, { readonly files: readonly string[]; readonly codeRoot: string }>>
  /** Throws whatever is no refusal. */
  mayRun(codeRoot: string): Promise<boolean>
}

async function promotedPlace(root: string): Promise<PromotedPlace> {
  const dataFolder = join(root, 'data')
  const runsFolder = join(root, 'runs')
  const promotionsFolder = join(root, 'promotions')
  const keyFolder = join(root, 'key')
  await simulateIntoStore(
    { days: 60, seed: 1, instruments: 1 },
    { folder: dataFolder, now: Date.UTC(2026, 0, 1) },
  )
  const strategyFile = join(root, 'tampered.ts')
  const lengths = join(root, 'lengths.ts')
  writeFileSync(strategyFile, STRATEGY)
  writeFileSync(lengths, 'export const SLOW = 20\n')
  const { files } = await executeRun({
    strategyFile,
    strategyPath: strategyFile,
    preset: null,
    params: {},
    seed: null,
    command: '',
    dataFolder,
    instruments: [{ id: 'synthetic:BTCUSDT-PERP', venue: 'synthetic', kind: 'perpetual', base: 'BTC', quote: 'USDT', tickSize: 0.1, lotSize: 0.001, minNotional: 10, makerFee: 0.0002, takerFee: 0.0005 }],
    timeframeMs: HOUR_MS,
    range: { startMs: -Infinity, endMs: Infinity },
    startingBalance: 10_000,
    costs: { slippageBps: 1 },
    policies: {},
    funding: 'settled',
    factOverrides: {},
  }) // prettier-ignore
  const { id, folder } = await storeRun(runsFolder, files)
  const options = { workingFolder: root, runsFolder, sweepsFolder: join(root, 'sweeps'), ledgerFolder: join(root, 'ledger'), promotionsFolder, keyFolder, now: Date.now(), checks: { cuts: 3 }, paperEvidence: (run: RunRecord, subject: PromotionSubject) => paperEvidence(run, subject, { runsFolder, promotionsFolder, keyFolder, dataFolder, sessionsFolder: join(root, 'sessions'), now: Date.now() }) } // prettier-ignore
  const { promotion } = await promote(id, 'paper', options)
  if (promotion === undefined) throw new Error('the run was not promoted')
  const codeRoot = copyCode(join(root, 'package'))
  const builtRoot = await builtFrom(copyCode(join(root, 'built')))
  const isDecision = (path: string): boolean =>
    (DECISION_FOLDERS as readonly string[]).includes(path.split('/')[0]!)
  const sources = codeFiles(codeRoot)
  const inSources = (...files: string[]) => ({ files, codeRoot })
  return {
    codeRoot,
    builtRoot,
    parts: {
      'code that decides': inSources(...sources.filter(isDecision).map((path) => join(codeRoot, path))),
      'code around it': inSources(
        ...sources.filter((path) => !isDecision(path)).map((path) => join(codeRoot, path)),
      ),
      'the built package': {
        files: codeFiles(builtRoot).map((path) => join(builtRoot, path)),
        codeRoot: builtRoot,
      },
      'the record of the build': { files: [join(builtRoot, BUILD_RECORD)], codeRoot: builtRoot },
      'the strategy': inSources(strategyFile),
      'what the strategy imports': inSources(lengths),
      'params and limits': inSources(join(folder, 'run.json')),
      'packages it stands on': inSources(join(dirname(codeRoot), 'package-lock.json')),
      'the record': inSources(join(promotionsFolder, 'promotions.jsonl')),
    },
    mayRun: async (code) => {
      try {
        const promotions = await readPromotions(promotionsFolder, await trustedKey(keyFolder))
        requirePromoted(
          promotions,
          currentSubject(await readWholeRun(runsFolder, id), options, code),
          'paper',
        )
        return true
      } catch (error) {
        // A file that is no code or no JSON any more is refused by whoever reads it.
        if (error instanceof BaleenError || error instanceof SyntaxError) return false
        throw error
      }
    },
  }
}

/** Builds sources into `dist` beside them. */
async function builtFrom(codeRoot: string): Promise<string> {
  const built = join(dirname(codeRoot), 'dist')
  await bundle(codeRoot, built)
  return built
}

/** The package's sources with what its dependencies are told by, as a build elsewhere would have them. */
function copyCode(to: string): string {
  mkdirSync(to, { recursive: true })
  const codeRoot = join(to, 'src')
  cpSync(CODE_ROOT, codeRoot, { recursive: true })
  for (const name of ['package.json', 'package-lock.json'])
    cpSync(join(dirname(CODE_ROOT), name), join(to, name))
  return codeRoot
}
