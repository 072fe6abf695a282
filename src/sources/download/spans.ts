/** Half-open spans of UTC ms. */
export type Span = readonly [startMs: number, endMs: number]

/** The spans joined where they touch or overlap, in order. */
export function joined(spans: readonly Span[]): Span[] {
  const result: [number, number][] = []
  for (const [start, end] of [...spans].sort((a, b) => a[0] - b[0])) {
    const last = result.at(-1)
    if (last !== undefined && start <= last[1]) last[1] = Math.max(last[1], end)
    else if (end > start) result.push([start, end])
  }
  return result
}

/** What of a span lies in none of the others, in order. */
export function without([startMs, endMs]: Span, spans: readonly Span[]): Span[] {
  const left: Span[] = []
  let at = startMs
  for (const [start, end] of joined(spans)) {
    if (start > at && at < endMs) left.push([at, Math.min(start, endMs)])
    at = Math.max(at, end)
  }
  if (at < endMs) left.push([at, endMs])
  return left
}
