/** Names that users of other systems type by habit; not shown in help. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  backtesting: ['backtest'],
  hyperopt: ['sweep'],
  'backtesting-show': ['runs', 'list'],
  'list-strategies': ['strategy', 'list'],
  'new-strategy': ['strategy', 'new'],
  'list-data': ['data', 'list'],
  'import-data': ['data', 'import'],
}

/** Options that may stand before the command and take the next word. */
const TAKES_A_WORD: ReadonlySet<string> = new Set(['--data', '--config'])

/** Replaces a habitual name by the command it means, where it stands as the first word that is no option nor an option's value; `help data import` becomes `data import --help`. */
export function expandAliases(words: readonly string[]): string[] {
  const [first, ...rest] = words
  if (first === 'help' && rest.length > 1) return [...rest, '--help']
  const at = words.findIndex(
    (word, index) => !word.startsWith('-') && !TAKES_A_WORD.has(words[index - 1] ?? ''),
  )
  const alias = at < 0 ? undefined : words[at]
  if (alias === undefined || !Object.hasOwn(ALIASES, alias)) return [...words]
  return [...words.slice(0, at), ...(ALIASES[alias] ?? []), ...words.slice(at + 1)]
}
