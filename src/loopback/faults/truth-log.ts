import { appendFileSync, writeFileSync } from 'node:fs'
import { writingTo } from '../../store/refusals.js'
import type { InjectedFault } from './injector.js'

/** Every fault that was injected, in order: in memory, and as lines of JSON in a file where one is named. */
export interface TruthLog {
  readonly faults: readonly InjectedFault[]
  add(fault: InjectedFault): void
}

/** How many are kept in memory; the file keeps all. */
const KEPT = 100_000

/** Begins a log; a file of that name is begun anew. Throws DataError where it cannot be written. */
export async function truthLog(file?: string): Promise<TruthLog> {
  if (file !== undefined) await writingTo(file, async () => writeFileSync(file, ''))
  const faults: InjectedFault[] = []
  return {
    faults,
    add: (fault) => {
      if (faults.push(fault) > KEPT) faults.shift()
      if (file !== undefined) appendFileSync(file, `${JSON.stringify(fault)}\n`)
    },
  }
}
