/** UTC ms until which nothing may be asked: Retry-After in seconds or as a date (RFC 9110, 10.2.3). Undefined where there is none that can be read. */
export function retryAtMs(header: string | null, nowMs: number): number | undefined {
  if (header === null) return undefined
  const text = header.trim()
  if (/^\d{1,9}$/.test(text)) return nowMs + Number(text) * 1_000
  const date = / GMT$/.test(text) ? Date.parse(text) : NaN
  return Number.isFinite(date) ? date : undefined
}
