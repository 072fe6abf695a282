import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { DataError } from '../core/errors.js'
import type { ReportExtras, StrategyChecks, SweepVerdict } from '../report/index.js'
import type { CheckOutcome } from '../research/overfitting/verdict.js'
import { writeTextFile } from '../store/files.js'
import { type Json, revive, stableJson } from './json.js'

/** What may be found out about a run after it was stored: a file each beside the run's own, which its sums do not cover. */
const FILES = { checks: 'checks.json', monteCarlo: 'monte-carlo.json', sweepVerdict: 'verdict.json' } as const

export type StoredExtra = keyof typeof FILES

/** Stores one finding about a run in its folder, in place of an earlier one. */
export async function writeRunExtra<Extra extends StoredExtra>(
  folder: string,
  extra: Extra,
  value: NonNullable<ReportExtras[Extra]>,
): Promise<void> {
  await writeTextFile(join(folder, FILES[extra]), stableJson(value))
}

/** All that was found out about a stored run. Throws DataError naming a file that is no JSON. */
export async function readRunExtras(folder: string): Promise<ReportExtras> {
  const entries = await Promise.all(
    Object.entries(FILES).map(async ([extra, name]) => [extra, await readExtra(join(folder, name))] as const),
  )
  return Object.fromEntries(entries.filter(([, value]) => value !== undefined))
}

async function readExtra(file: string): Promise<unknown> {
  if (!existsSync(file)) return undefined
  try {
    return revive(JSON.parse(await readFile(file, 'utf8')) as Json)
  } catch {
    throw new DataError('not JSON: the file was damaged; make it again', { file })
  }
}

/** What of it must stand above every figure of the run. */
export function extraWarnings({ checks, sweepVerdict }: ReportExtras): string[] {
  const ofOutcome = (outcome: CheckOutcome['outcome']): StrategyChecks['checks'] =>
    checks?.checks.filter((one) => one.outcome === outcome) ?? []
  return [
    ...ofOutcome('failed').map(({ name, detail }) => `A check failed. ${name}: ${detail}.`),
    ...ofOutcome('not tested').map(({ name, detail }) => `Not tested. ${name}: ${detail}.`),
    ...(sweepVerdict === undefined || sweepVerdict.verdict.verdict === 'believe'
      ? []
      : [chosenWords(sweepVerdict)]),
  ]
}

function chosenWords({ sweepId, trials, verdict: { verdict, reasons } }: SweepVerdict): string {
  const meaning =
    verdict === 'no'
      ? 'there is no reason to believe in an edge'
      : 'what was found does not suffice to believe in an edge'
  return `Chosen as the best of ${trials} trials of ${sweepId}, whose verdict is "${verdict}": ${meaning} (${reasons[0] ?? ''}${reasons.length > 1 ? `, and ${reasons.length - 1} more` : ''}).`
}
