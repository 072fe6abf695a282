/** A number as a decimal without an exponent that reads back as the very same number: venues send texts. */
export function decimal(value: number): string {
  const text = String(value)
  const match = /^(-?)(\d)(?:\.(\d+))?e([+-]\d+)$/.exec(text)
  if (match === null) return text
  const [, sign = '', first = '', rest = '', exponent = '0'] = match
  const [digits, point] = [first + rest, 1 + Number(exponent)]
  if (point <= 0) return `${sign}0.${'0'.repeat(-point)}${digits}`
  return sign + digits.padEnd(point, '0')
}
