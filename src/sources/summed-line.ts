import { createHash } from 'node:crypto'

/** Hex digits of the sum. */
const DIGITS = 16
const SUM = new RegExp(`,"sum":"([0-9a-f]{${DIGITS}})"\\}$`)

/** An object as one line of JSON whose last field, `sum`, holds 64 bits of the SHA-256 of the rest: a line that changed often reads without an error. */
export function summedLine(value: object): string {
  const text = JSON.stringify(value)
  return `${text.slice(0, -1)},"sum":"${sumOf(text)}"}`
}

/** What `summedLine` was given; undefined for a line that is not, to the last byte, as it was written. */
export function parseSummedLine(line: string): unknown {
  const sum = SUM.exec(line)?.[1]
  if (sum === undefined) return undefined
  const text = line.replace(SUM, '}')
  return sumOf(text) === sum ? (JSON.parse(text) as unknown) : undefined
}

function sumOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, DIGITS)
}
