/** A session in a process of its own: `killed-session.ts JOURNAL ROWS BARS` kills itself, as nobody can catch, once the journal holds so many rows. */
import { hostname } from 'node:os'
import { storedItems } from '../../src/runner/feed.js'
import { JournalFile } from '../../src/runner/journal-file.js'
import { openPaperSession } from '../../src/runner/paper-session.js'
import { feed } from './as-session.js'
import { paperSettings, smallOptions } from './small-session.js'

const [path = '', rows = '', bars = ''] = process.argv.slice(2)
const append = JournalFile.prototype.append
let written = 0
JournalFile.prototype.append = function (kind, body): void {
  if (++written >= Number(rows)) process.kill(process.pid, 'SIGKILL')
  append.call(this, kind, body)
}

const options = smallOptions(Number(bars))
const session = await openPaperSession(path, paperSettings(options), {
  holder: { pid: process.pid, host: hostname(), started: 'then' },
  isAlive: () => false,
  onTorn: () => undefined,
})
const after = session.desk.session.lastDecided
for (const item of storedItems(options.instruments, Infinity)) if (item.at >= after) feed(session.desk, item)
