/**
 * Loaded before the program (`node --import`): ends the process by SIGKILL, as nobody can catch, at a moment of its journal's life. `BALEEN_KILL_AT` is `phase:n`: at the n-th moment of that
 * phase. The program itself is as it is shipped.
 */
import { createRequire } from 'node:module'

const Database = createRequire(import.meta.url)('better-sqlite3')
const [phase = '', count = '0'] = (process.env.BALEEN_KILL_AT ?? '').split(':')
let left = Number(count)
let lastKind = ''

function moment(name) {
  if (name === phase && --left === 0) process.kill(process.pid, 'SIGKILL')
}

const { prepare, exec } = Database.prototype
Database.prototype.prepare = function (sql) {
  const statement = prepare.call(this, sql)
  if (!sql.startsWith('INSERT INTO journal ')) return statement
  return {
    run: (seq, kind, text, hash) => {
      if (kind === 'intent') moment('before-intent')
      const answer = statement.run(seq, kind, text, hash)
      lastKind = kind
      if (kind === 'broker' && text.includes('"kind":"fill"')) moment('after-fill')
      moment('during-write')
      return answer
    },
  }
}
Database.prototype.exec = function (sql) {
  const answer = exec.call(this, sql)
  if (sql === 'COMMIT' && lastKind === 'intent') moment('after-intent')
  return answer
}
