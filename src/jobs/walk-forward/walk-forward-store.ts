import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { CheckError } from '../../core/errors.js'
import { walkForwardPage, type WalkForwardReport } from '../../report/index.js'
import { syncPath, writeTextFile } from '../../store/files.js'
import { codeHashes } from '../code-hash.js'
import { type Json, jsonDifferences, plain, stableJson } from '../json.js'
import { packageVersion, versions } from '../package-info.js'
import { loadPageKit } from '../page-kit.js'
import type { RunRequest } from '../run.js'
import { strategySource } from '../strategy-source.js'
import type { WalkForwardRun, WalkForwardSettings } from './walk-forward.js'

/** Counts up when the files change their meaning. */
const SCHEMA = 1
const RESULT_FILE = 'walkforward.json'

export interface StoredWalkForward {
  readonly id: string
  readonly folder: string
  readonly page: string
  /** It was there already, with the same result. */
  readonly existed: boolean
}

/**
 * Stores a walk-forward analysis as `<folder>/<strategy>-<hash of its inputs>/`: inputs and result, the strategy as it ran, its page. Written beside
 * it, synced, renamed. Throws CheckError where equal inputs gave another result.
 */
export async function storeWalkForward(
  into: string,
  request: RunRequest,
  settings: WalkForwardSettings,
  { report, data }: WalkForwardRun,
): Promise<StoredWalkForward> {
  const inputs = inputsOf(request, settings, report, data)
  const id = `${report.strategy}-${createHash('sha256').update(stableJson(inputs)).digest('hex').slice(0, 12)}`
  const folder = join(into, id)
  const page = join(folder, 'report.html')
  const result = { inputs, report }
  if (existsSync(folder)) {
    await requireSame(join(folder, RESULT_FILE), result)
    return { id, folder, page, existed: true }
  }
  await mkdir(into, { recursive: true })
  const temporary = join(into, `.${id}.${process.pid}.tmp`)
  await rm(temporary, { recursive: true, force: true })
  await mkdir(temporary)
  try {
    await writeTextFile(join(temporary, RESULT_FILE), stableJson(result))
    for (const [name, write] of Object.entries(strategySource(request.strategyFile).writers)) {
      await mkdir(dirname(join(temporary, name)), { recursive: true })
      await write(join(temporary, name))
    }
    const reproduce = [
      ['Command', request.command],
      ['Data', data.dataHash],
      ['Decision code', inputs.code.decision],
      ['Versions', Object.entries(versions()).sort().map(([name, version]) => `${name} ${version}`).join(', ')],
    ] as const // prettier-ignore
    await writeFile(join(temporary, 'report.html'), walkForwardPage(await loadPageKit(), report, reproduce))
    await writeTextFile(join(temporary, 'created.json'), stableJson({ createdAt: new Date().toISOString(), command: request.command, workingFolder: process.cwd(), baleen: packageVersion() })) // prettier-ignore
    await syncPath(temporary)
    await rename(temporary, folder)
    await syncPath(into)
  } finally {
    await rm(temporary, { recursive: true, force: true })
  }
  return { id, folder, page, existed: false }
}

function inputsOf(
  request: RunRequest,
  { space, ranking, ...walk }: WalkForwardSettings,
  { strategy }: WalkForwardReport,
  data: WalkForwardRun['data'],
) {
  const { preset, instruments, timeframeMs, range, startingBalance, costs, policies, funding, factOverrides, strategyFile } = request // prettier-ignore
  const { dimensions, fixed, constraints } = space
  return {
    schema: SCHEMA,
    strategy: { name: strategy, preset },
    search: { dimensions, fixed, constraints, ranking },
    walk,
    instruments,
    timeframeMs,
    range: { startTime: range.startMs, endTime: range.endMs },
    startingBalance,
    costs,
    policies,
    funding,
    factOverrides,
    data: {
      hash: data.dataHash,
      series: data.used.map(({ use, instrumentId, seriesId, sha256, flags }) => ({
        feeds: use,
        instrument: instrumentId,
        id: seriesId ?? '',
        hash: sha256 ?? '',
        flags,
      })),
    },
    code: codeHashes(strategyFile),
  }
}

async function requireSame(file: string, result: object): Promise<void> {
  const before = JSON.parse(await readFile(file, 'utf8')) as Json
  const [difference] = jsonDifferences(before, JSON.parse(JSON.stringify(plain(result))) as Json)
  if (difference !== undefined)
    throw new CheckError(`the same inputs gave another result than the stored one: ${difference.path}: ${JSON.stringify(difference.before)} became ${JSON.stringify(difference.after)}`, { file }) // prettier-ignore
}
