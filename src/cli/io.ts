import Table from 'cli-table3'
import type { Command } from 'commander'
import pc from 'picocolors'
import { stableJson, plain } from '../jobs/json.js'
import type { Table as TextTable } from '../report/index.js'

/** Options that every command takes, as the program reads them. */
export interface GlobalOptions {
  readonly json?: boolean
  readonly quiet?: boolean
  readonly verbose?: boolean
  /** False for --no-color. */
  readonly color?: boolean
}

/** Where a command's words go: results to stdout, everything else to stderr. */
export interface Io {
  readonly json: boolean
  readonly quiet: boolean
  readonly verbose: boolean
  /** Somebody is looking at stderr: progress may be drawn there. */
  readonly showsProgress: boolean
  readonly bold: (text: string) => string
  readonly dim: (text: string) => string
  readonly yellow: (text: string) => string
  /** One or more lines of the result, to stdout. */
  print(text: string): void
  /** The whole result as JSON, to stdout: the only thing a command prints there under --json. */
  printJson(value: unknown): void
  /** A table of the result, to stdout. */
  printTable(table: TextTable): void
  /** What is going on, to stderr; silent under -q. */
  log(text: string): void
  /** More of it, only under -v. */
  detail(text: string): void
}

/** Whether this process has printed its one document of JSON: what ends it later is then said on stderr alone. */
let isJsonPrinted = false

/** Prints an error as the one document on stdout, where the command has not printed its result yet; in one line, since commands that go on print a line an event. */
export function printJsonError(error: object): void {
  if (!isJsonPrinted) process.stdout.write(`${JSON.stringify(plain(error))}\n`)
}

export function makeIo(options: GlobalOptions): Io {
  const hasColor =
    options.color !== false && pc.isColorSupported && process.stdout.isTTY === true && options.json !== true
  const colors = pc.createColors(hasColor)
  const print = (text: string): void => void process.stdout.write(`${text}\n`)
  const log = (text: string): void => {
    if (options.quiet !== true) process.stderr.write(`${text}\n`)
  }
  return {
    json: options.json === true,
    quiet: options.quiet === true,
    verbose: options.verbose === true,
    showsProgress: process.stderr.isTTY === true && options.quiet !== true && options.json !== true,
    bold: colors.bold,
    dim: colors.dim,
    yellow: colors.yellow,
    print,
    printJson: (value) => {
      isJsonPrinted = true
      process.stdout.write(stableJson(value))
    },
    printTable: (table) => print(renderTable(table, colors)),
    log,
    detail: (text) => {
      if (options.verbose === true) log(text)
    },
  }
}

/** The Io of the options that a running command was given. */
export function ioOf(command: Command): Io {
  return makeIo(command.optsWithGlobals<GlobalOptions>())
}

type Colors = ReturnType<typeof pc.createColors>

/** A table without inner lines; control characters in cells cannot reach the terminal. */
export function renderTable(
  { title, columns, rows }: TextTable,
  colors: Colors = pc.createColors(false),
): string {
  const blank = { top: '', 'top-mid': '', 'top-left': '', 'top-right': '', bottom: '', 'bottom-mid': '', 'bottom-left': '', 'bottom-right': '', left: '', 'left-mid': '', mid: '', 'mid-mid': '', right: '', 'right-mid': '', middle: '  ' } // prettier-ignore
  const drawn = new Table({
    head: columns.map(({ name }) => colors.dim(printable(name))),
    colAligns: columns.map(({ isNumber }) => (isNumber ? 'right' : 'left')),
    chars: blank,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
  })
  drawn.push(...rows.map((row) => row.map(printable)))
  const lines = drawn.toString().split('\n').map((line) => line.trimEnd()) // prettier-ignore
  return [`\n${colors.bold(printable(title))}`, ...lines].join('\n')
}

/** Names from files may hold escape sequences; none of them is let through. */
export function printable(text: string): string {
  return text.replaceAll(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd')
}
