/** By a name that the compiler does not follow: ccxt's declarations are larger than this whole project, and tripled the time of a type check. */
const PACKAGE: string = 'ccxt'

/** Loads ccxt, which takes a second, as what the caller uses of it. */
export async function loadCcxt<Used>(): Promise<Used> {
  const { default: ccxt } = (await import(PACKAGE)) as { readonly default: Used }
  return ccxt
}
