import { existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { ConfigError } from '../core/errors.js'

/**
 * The kill switch as a file: while it is there, the session is halted at its next close. Whoever can write a file can throw it, with nothing of
 * ours running; what stands in it is the reason.
 */
export function killReason(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  // It may be half written, or not for us to read: its being there is enough.
  try {
    return readFileSync(path, 'utf8').trim() || 'the kill file is there'
  } catch {
    return 'the kill file is there'
  }
}

/** Throws the switch. Throws ConfigError without a reason. */
export function throwKillSwitch(path: string, reason: string): void {
  if (reason.trim() === '') throw new ConfigError('say why', { field: 'reason', value: reason })
  const temporary = `${path}.${process.pid}`
  writeFileSync(temporary, `${reason.trim()}\n`)
  renameSync(temporary, path)
}

/** Takes the file away. The session stays halted until its mode is changed, with a reason. */
export function removeKillFile(path: string): void {
  rmSync(path, { force: true })
}

/** Asks the runner of a session to clear its kill switch: a file beside the kill file, which it takes away once it has done so. Throws ConfigError without a reason. */
export function requestClearing(path: string, reason: string): void {
  if (reason.trim() === '') throw new ConfigError('say why', { field: 'reason', value: reason })
  removeKillFile(path)
  throwKillSwitch(clearingPath(path), reason)
}

/** The reason to clear the switch at `path` that somebody has asked for; undefined where nobody has. */
export function clearingReason(path: string): string | undefined {
  return killReason(clearingPath(path))
}

/** The request was met, or is of no more use. */
export function removeClearing(path: string): void {
  rmSync(clearingPath(path), { force: true })
}

function clearingPath(path: string): string {
  return `${path}-cleared`
}
