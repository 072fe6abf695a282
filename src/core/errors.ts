/** Where a value came from, so that an error can name it. Rows count from 1, header lines excluded. */
export interface ErrorPlace {
  readonly file?: string
  readonly row?: number
  readonly field?: string
  readonly value?: unknown
  readonly unit?: string
}

/** Process exit codes of the command line; every error class carries the one it ends the process with. */
export const EXIT_CODES = {
  ok: 0,
  bug: 1,
  usage: 2,
  data: 3,
  check: 4,
  network: 5,
  riskHalt: 6,
} as const

function describePlace(place: ErrorPlace): string {
  const parts: string[] = []
  if (place.file !== undefined) parts.push(`file ${place.file}`)
  if (place.row !== undefined) parts.push(`row ${place.row}`)
  if (place.field !== undefined) parts.push(`field ${place.field}`)
  if ('value' in place) {
    const shown = typeof place.value === 'string' ? JSON.stringify(place.value) : String(place.value)
    parts.push(`value ${shown}${place.unit === undefined ? '' : ` ${place.unit}`}`)
  } else if (place.unit !== undefined) parts.push(`unit ${place.unit}`)
  return parts.length === 0 ? '' : ` (${parts.join(', ')})`
}

/** Base of every error that is not a bug: its message is written for the person who can mend the cause. */
export class BaleenError extends Error {
  readonly exitCode: number
  readonly place: ErrorPlace

  constructor(message: string, exitCode: number, place: ErrorPlace = {}) {
    super(message + describePlace(place))
    this.name = new.target.name
    this.exitCode = exitCode
    this.place = place
  }
}

/** Input data are missing, corrupt or impossible. */
export class DataError extends BaleenError {
  constructor(message: string, place: ErrorPlace = {}) {
    super(message, EXIT_CODES.data, place)
  }
}

/** A setting, parameter or command-line argument is unknown or out of range. */
export class ConfigError extends BaleenError {
  constructor(message: string, place: ErrorPlace = {}) {
    super(message, EXIT_CODES.usage, place)
  }
}

/** The ledger refused an operation; nothing was changed. */
export class LedgerError extends BaleenError {
  constructor(message: string, place: ErrorPlace = {}) {
    super(message, EXIT_CODES.bug, place)
  }
}

/** A check or gate did not pass. */
export class CheckError extends BaleenError {
  constructor(message: string, place: ErrorPlace = {}) {
    super(message, EXIT_CODES.check, place)
  }
}
