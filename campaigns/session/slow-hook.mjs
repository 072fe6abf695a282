/**
 * Loaded before the program (`node --import`): while the file `BALEEN_SLOW_WHILE` is there, each commit of a journal takes `BALEEN_SLOW_MS` more, as on a disk that is slow to sync. The program
 * itself is as it is shipped.
 */
import { existsSync } from 'node:fs'
import { createRequire } from 'node:module'

const Database = createRequire(import.meta.url)('better-sqlite3')
const { BALEEN_SLOW_WHILE: file = '', BALEEN_SLOW_MS: ms = '0' } = process.env
const nobody = new Int32Array(new SharedArrayBuffer(4))

const { exec } = Database.prototype
Database.prototype.exec = function (sql) {
  if (sql === 'COMMIT' && existsSync(file)) Atomics.wait(nobody, 0, 0, Number(ms))
  return exec.call(this, sql)
}
