import { readdir, readFile } from 'node:fs/promises'
import { table, type Table } from '../report/table.js'
import { metRules, type DemotionRule } from '../runner/promotion/demotion.js'
import type { SessionPaths } from '../runner/session-folder.js'
import { reportPaths } from './report-files.js'

/** Rules of demotion as the newest report of a day found them, or why nothing is known. */
export type ReportedDemotion =
  { readonly day: string; readonly rules: readonly DemotionRule[] } | { readonly reason: string }

/** All rules in one line: how many are met, and which nobody can tell. */
export function demotionLine(rules: readonly DemotionRule[]): string {
  const met = metRules(rules)
  const unknowns = rules.filter(({ state }) => state === 'n/a').map(({ name }) => name)
  const said = met.length === 0 ? 'no rule is met' : `${met.length} of ${rules.length} rules met`
  return unknowns.length === 0
    ? said
    : `${said}; n/a (${unknowns.length} of ${rules.length}): ${unknowns.join('; ')}`
}

export function demotionTable(rules: readonly DemotionRule[], title: string = 'Demotion'): Table {
  return table(title, ['Rule', 'Found#', 'Demoted#', 'Met'], rules.map(({ name, found, threshold, state, reason }) => [name, found, threshold, state === 'met' ? 'yes' : state === 'not met' ? 'no' : `n/a (${reason ?? ''})`])) // prettier-ignore
}

/** What the newest `daily/DAY.json` of a session says. */
export async function reportedDemotion(paths: Pick<SessionPaths, 'daily'>): Promise<ReportedDemotion> {
  const day = await newestDay(paths.daily)
  if (day === undefined) return { reason: 'no report of a day was made yet: baleen paper report' }
  const { json } = reportPaths(paths, day)
  const text = await readFile(json, 'utf8')
  try {
    const { demotion } = JSON.parse(text) as { readonly demotion?: unknown }
    return Array.isArray(demotion) ? { day, rules: demotion as DemotionRule[] } : { reason: `the report of ${day} says nothing of demotion: make it again` } // prettier-ignore
  } catch {
    return { reason: `${json} is no JSON` }
  }
}

async function newestDay(folder: string): Promise<string | undefined> {
  try {
    const days = (await readdir(folder)).filter((name) => /^\d{4}-\d\d-\d\d\.json$/.test(name)).sort()
    return days.at(-1)?.slice(0, 10)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}
