/**
 * JSON with sorted keys, so that equal values have equal text and equal hashes. Undefined fields are left out; a NaN, an
 * infinity or anything that JSON cannot say is an error, never null.
 *
 * @param indent spaces per level; 0 (compact) is the form to hash
 */
export function canonicalJson(value: unknown, indent: number = 0): string {
  return JSON.stringify(sorted(value, '$'), undefined, indent)
}

function sorted(value: unknown, path: string): unknown {
  if (value === null || typeof value === 'string' || typeof value === 'boolean') return value
  if (typeof value === 'number') {
    if (!Number.isFinite(value)) throw new TypeError(`${path}: JSON cannot hold ${value}`)
    return value
  }
  if (Array.isArray(value)) return value.map((item, index) => sorted(item, `${path}[${index}]`))
  if (typeof value === 'object') {
    const record = value as Record<string, unknown>
    const copy: [string, unknown][] = []
    for (const key of Object.keys(record).sort()) {
      if (record[key] !== undefined) copy.push([key, sorted(record[key], `${path}.${key}`)])
    }
    return Object.fromEntries(copy)
  }
  throw new TypeError(`${path}: JSON cannot hold a ${typeof value}`)
}
