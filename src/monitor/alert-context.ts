import { existsSync, readdirSync } from 'node:fs'
import { DAY_MS, formatUtcDay, utcDayStart } from '../core/time.js'
import type { SessionPaths } from '../runner/session-folder.js'
import type { AlertContext } from './alerts/rules.js'
import { dayOfClose } from './journal-fold.js'
import { readParity, reportPaths } from './report-files.js'
import type { SessionView } from './session-view.js'

/** What lies beside the journal and alerts are about: the newest replay, and the newest day that is over and has no report. */
export async function alertContext(view: SessionView, paths: SessionPaths): Promise<AlertContext> {
  const days = existsSync(paths.replay) ? readdirSync(paths.replay).filter((name) => /^\d{4}-\d\d-\d\d\.json$/.test(name)).sort() : [] // prettier-ignore
  const day = days.at(-1)?.slice(0, 10)
  const parity = day === undefined ? ({ state: 'absent', detail: '' } as const) : await readParity(paths, day)
  return { parity: { ...parity, day }, missingReport: missingReport(view, paths) }
}

/** The last day before today of which a live session has decided on some close. Days of stored data are over at no time of ours. */
export function missingReport(
  { settings, journal, now }: SessionView,
  paths: SessionPaths,
): AlertContext['missingReport'] {
  // prettier-ignore
  if (settings.source.kind === 'stored' || settings.source.isLoopback) return undefined
  const overSince = utcDayStart(now)
  const dayStart = overSince - DAY_MS
  if (!journal.closes.some(({ time }) => dayOfClose(time) === dayStart)) return undefined
  const day = formatUtcDay(dayStart)
  return existsSync(reportPaths(paths, day).json) ? undefined : { day, overSince }
}
