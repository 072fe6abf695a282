/** Writes `[start, end)` pairs of the places that pass into `out` and answers how many numbers it wrote. */
export type Scan = (
  left: Float64Array | number,
  right: Float64Array | number,
  length: number,
  out: Int32Array,
) => number

/** `known`: neither of the two is NaN. */
export type ScanTest = '>' | '>=' | 'known'

const scans = new Map<string, Scan>()

/** The scan for one comparison of columns and numbers: text of its own, so that each keeps monomorphic type feedback. */
export function scanFor(test: ScanTest, isNumberLeft: boolean, isNumberRight: boolean): Scan {
  const a = isNumberLeft ? 'left' : 'left[i]'
  const b = isNumberRight ? 'right' : 'right[i]'
  const holds = test === 'known' ? `${a} === ${a} && ${b} === ${b}` : `${a} ${test} ${b}`
  const made = scans.get(holds)
  if (made !== undefined) return made
  const text = [
    'let i = 0, count = 0',
    'for (;;) {',
    `  while (i < length && !(${holds})) i++`,
    '  if (i >= length) return count',
    '  out[count++] = i',
    `  while (i < length && ${holds}) i++`,
    '  out[count++] = i',
    '}',
  ].join('\n')
  const scan = new Function('left', 'right', 'length', 'out', text) as Scan
  scans.set(holds, scan)
  return scan
}
