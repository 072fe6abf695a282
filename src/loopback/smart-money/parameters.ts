import { ApiRefusals, refuseWith } from './refusals.js'

export type Query = Readonly<Record<string, string>>

/** A whole number within bounds. Refuses with 400. */
export function wholeNumber(
  query: Query,
  name: string,
  fallback: number,
  lowest: number,
  highest: number,
): number {
  // prettier-ignore
  const text = query[name]
  if (text === undefined) return fallback
  const value = Number(text)
  if (!/^\d{1,15}$/.test(text) || value < lowest || value > highest)
    refuseWith(ApiRefusals.badParameter(`${name} must be a whole number from ${lowest} to ${highest}`))
  return value
}

/** One of some words. Refuses with 400. */
export function word(query: Query, name: string, words: readonly string[], fallback: string): string {
  const text = query[name] ?? fallback
  if (!words.includes(text))
    refuseWith(ApiRefusals.badParameter(`${name} must be one of ${words.join(', ')}`))
  return text
}

/** `BTC` of `BTC`, `btc` or `BTCUSDT`. Refuses with 400 what looks like no symbol. */
export function assetOf(symbol: string): string {
  const text = symbol.toUpperCase()
  if (!/^[A-Z0-9]{1,20}$/.test(text)) refuseWith(ApiRefusals.badParameter('symbol is not one', 'bad_symbol'))
  return text.replace(/(?<=.)USDT?$/, '')
}
