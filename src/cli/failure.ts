import { CommanderError } from 'commander'
import { BaleenError, EXIT_CODES, type ErrorPlace } from '../core/errors.js'
import { refusalWords } from '../store/refusals.js'
import { printable } from './io.js'

export interface Failure {
  /** For stderr; empty where everything was said already. */
  readonly text: string
  readonly exitCode: number
  /** For stdout under --json, where nothing was printed there; undefined where the command did what it was asked. */
  readonly json?: FailureJson
}

/** An error as --json prints it. What is not known is left out. */
export interface FailureJson {
  readonly error: ErrorPlace & { readonly message: string; readonly exitCode: number }
}

/** What to say of an error that ended a command, and with which code to exit. */
export function describeFailure(error: unknown, verbose: boolean): Failure {
  const failure = textOf(error, verbose)
  const { exitCode } = failure
  if (exitCode === EXIT_CODES.ok) return failure
  const place = error instanceof BaleenError ? error.place : {}
  const message = error instanceof Error ? error.message.replace(/^error: /, '') : String(error)
  return { ...failure, json: { error: { message, ...place, exitCode } } }
}

function textOf(error: unknown, verbose: boolean): Failure {
  if (error instanceof CommanderError) {
    // Commander has printed its message; help and version are no failures.
    return { text: '', exitCode: error.exitCode === 0 ? EXIT_CODES.ok : EXIT_CODES.usage }
  }
  if (error instanceof BaleenError && error.exitCode !== EXIT_CODES.bug) {
    const stack = verbose && error.stack !== undefined ? `\n${error.stack}` : ''
    return { text: printable(`error: ${error.message}`) + stack, exitCode: error.exitCode }
  }
  const absent = missingModule(error)
  if (absent !== undefined) {
    const stack = verbose && error instanceof Error ? `\n${error.stack ?? ''}` : ''
    return { text: printable(`error: ${absent}`) + stack, exitCode: EXIT_CODES.check }
  }
  const refusal = refusedBySystem(error)
  if (refusal !== undefined) {
    const stack = verbose && error instanceof Error ? `\n${error.stack ?? ''}` : ''
    return { text: printable(`error: ${refusal}`) + stack, exitCode: EXIT_CODES.data }
  }
  const message = error instanceof Error ? error.message : String(error)
  const hint =
    verbose && error instanceof Error ? (error.stack ?? '') : 'Run it again with -v for the details.'
  return {
    text: `${printable(`error: ${message}`)}\nThis is a bug in baleen: please report it, with the command. ${hint}`,
    exitCode: EXIT_CODES.bug,
  }
}

/** A package that is not there, or was built for another machine: a matter of the installation, not a bug. */
function missingModule(error: unknown): string | undefined {
  if (!(error instanceof Error)) return undefined
  const { code } = error as NodeJS.ErrnoException
  if (code !== 'ERR_DLOPEN_FAILED' && code !== 'ERR_MODULE_NOT_FOUND' && code !== 'MODULE_NOT_FOUND')
    return undefined
  const [what] = error.message.split('\n')
  return `a part of the installation does not load on ${process.platform} ${process.arch} with Node ${process.versions.node}: ${what ?? code}. Install again on this very machine: rm -rf node_modules && npm ci (or npm install)`
}

/** What the machine refused and for which path: nobody's bug, and mended by the person at the machine. */
function refusedBySystem(error: unknown): string | undefined {
  const reason = refusalWords(error)
  if (reason === undefined || !(error instanceof Error)) return undefined
  const { path } = error as NodeJS.ErrnoException
  return `${reason}${path === undefined ? `: ${error.message}` : ` (file ${path})`}`
}
