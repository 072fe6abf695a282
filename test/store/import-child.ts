import { BaleenError } from '../../src/core/errors.js'
import { importFile } from '../../src/store/import.js'
import { withStoreLock } from '../../src/store/lock.js'
import { openStore } from '../../src/store/store.js'

/**
 * An import in a process of its own: `import-child.ts FOLDER FILE STEP INSTRUMENT`. It kills itself without warning at the
 * given step; `never` and `dry-run` run through, `never,short-wait` too, but waits for the lock only briefly.
 */
const [directory = '', file = '', killAt = '', instrument = ''] = process.argv.slice(2)

async function run(): Promise<void> {
  if (killAt.endsWith('short-wait')) await withStoreLock(directory, async () => undefined, 100)
  await importFile(openStore(directory), {
    kind: 'candles',
    file,
    instrument,
    intervalMs: 3_600_000,
    now: 0,
    dryRun: killAt === 'dry-run',
    progress: ({ step }) => {
      if (step === killAt) process.kill(process.pid, 'SIGKILL')
    },
  })
}

run().catch((error: unknown) => {
  console.error(String(error))
  process.exitCode = error instanceof BaleenError ? error.exitCode : 1
})
