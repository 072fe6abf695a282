/** What the trials of a search are charged. */
export interface Charged {
  /** Some instrument has a fee above 0. */
  readonly fees: boolean
  /** Slippage or half a spread. */
  readonly slippage: boolean
  /** Undefined where no instrument has funding. */
  readonly funding: boolean | undefined
}

/** `with fees and slippage, without funding`. */
export function chargedWords(charged: Charged): string {
  const names = ['fees', 'slippage', 'funding'] as const
  const [paid, free] = [true, false].map((value) => names.filter((name) => charged[name] === value)) as [string[], string[]] // prettier-ignore
  return [
    ...(paid.length > 0 ? [`with ${listed(paid, 'and')}`] : []),
    ...(free.length > 0 ? [`without ${listed(free, 'or')}`] : []),
  ].join(', ')
}

/** Said where trading costs nothing, so that a return at twice the costs says nothing; undefined where it costs something. */
export function freeTradingWarning({ fees, slippage, funding }: Charged): string | undefined {
  if (fees || slippage) return undefined
  return `Trials pay ${listed(['no fees', 'no slippage', ...(funding === false ? ['no funding'] : [])], 'and')}: twice the costs are none either`
}

/** `a, b and c` */
function listed(words: readonly string[], last: 'and' | 'or'): string {
  return words.length < 2 ? words.join('') : `${words.slice(0, -1).join(', ')} ${last} ${words.at(-1) ?? ''}`
}
