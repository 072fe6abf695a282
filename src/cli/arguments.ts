import { existsSync } from 'node:fs'
import { delimiter, join } from 'node:path'
import { InvalidArgumentError } from 'commander'
import { ConfigError } from '../core/errors.js'
import { POLICY_VALUES, type Policies } from '../core/policies.js'

/** Collects a repeatable option. */
export function collect(value: string, before: readonly string[] = []): string[] {
  return [...before, value]
}

/** A number option. Throws commander's own error, which names the option. */
export function number(text: string): number {
  const value = Number(text)
  if (text.trim() === '' || !Number.isFinite(value)) throw new InvalidArgumentError('Not a number.')
  return value
}

/** A whole number option. */
export function wholeNumber(text: string): number {
  const value = number(text)
  if (!Number.isSafeInteger(value)) throw new InvalidArgumentError('Not a whole number.')
  return value
}

/** `key=value` words as pairs, the last of a key wins. Throws ConfigError naming the option. */
export function keyValues(option: string, words: readonly string[]): Record<string, string> {
  const pairs = words.map((word) => {
    const at = word.indexOf('=')
    if (at < 1) throw new ConfigError('must be key=value', { field: option, value: word })
    return [word.slice(0, at), word.slice(at + 1)] as const
  })
  return Object.fromEntries(pairs)
}

/** `-S key=value` words as policies. Throws ConfigError listing what there is. */
export function parsePolicies(words: readonly string[]): Partial<Policies> {
  const allowed = POLICY_VALUES as Readonly<Record<string, readonly string[]>>
  const policies = keyValues('-S', words)
  for (const [name, value] of Object.entries(policies)) {
    const values = Object.hasOwn(allowed, name) ? allowed[name] : undefined
    if (values === undefined) {
      throw new ConfigError(`unknown policy; there are ${Object.keys(allowed).join(', ')}`, {
        field: '-S',
        value: name,
      })
    }
    if (!values.includes(value))
      throw new ConfigError(`must be one of ${values.join(', ')}`, { field: `-S ${name}`, value })
  }
  return policies as Partial<Policies>
}

/** A word as a POSIX shell reads it. */
export function shellQuote(word: string): string {
  return /^[A-Za-z0-9_@%+=:,./-]+$/.test(word) ? word : `'${word.replaceAll("'", `'\\''`)}'`
}

/**
 * How this program is started from a shell: `baleen` where it is installed for all folders, else `npx baleen`. The folders that npm puts in
 * front of the PATH of its scripts do not count.
 */
export function programName(path: string = process.env['PATH'] ?? ''): string {
  const folders = path.split(delimiter).filter((folder) => !/node_modules[/\\]\.bin$/.test(folder))
  const isInstalled = folders.some((folder) => folder !== '' && existsSync(join(folder, 'baleen')))
  return isInstalled ? 'baleen' : 'npx baleen'
}

/** The command line as it can be typed again. */
export function commandLine(words: readonly string[]): string {
  return ['baleen', ...words].map(shellQuote).join(' ')
}
