/** Names that users of other systems type by habit; not shown in help. */
const ALIASES: Readonly<Record<string, readonly string[]>> = {
  backtesting: ['backtest'],
  'backtesting-show': ['runs', 'list'],
  'list-strategies': ['strategy', 'list'],
  'new-strategy': ['strategy', 'new'],
  'list-data': ['data', 'list'],
  'import-data': ['data', 'import'],
}

/** Replaces a habitual name by the command it means, where it stands as the first word that is no option. */
export function expandAliases(words: readonly string[]): string[] {
  const at = words.findIndex((word) => !word.startsWith('-'))
  const alias = at < 0 ? undefined : words[at]
  if (alias === undefined || !Object.hasOwn(ALIASES, alias)) return [...words]
  return [...words.slice(0, at), ...(ALIASES[alias] ?? []), ...words.slice(at + 1)]
}
