import { BaleenError, ConfigError } from '../core/errors.js'

/** Frames of this file and of its callers say nothing about where the user's mistake is. */
const OUR_FRAMES = /[/\\]strategy[/\\](user-code|define)\.[jt]s/

/** `file:line:column` of the frame nearest to the error that is not ours, if the stack tells. */
function placeIn(stack: string | undefined): string | undefined {
  for (const line of (stack ?? '').split('\n').slice(1)) {
    const found = /(?:file:\/\/)?((?:[A-Za-z]:)?[/\\][^()]*\.[cm]?[jt]sx?:\d+:\d+)\)?$/.exec(line)?.[1]
    if (found !== undefined && !OUR_FRAMES.test(line)) return found
  }
  return undefined
}

/**
 * Runs a part of a strategy's definition. What goes wrong in it is the strategy's mistake, not a bug of this program: it ends as a
 * ConfigError that names strategy, part, file and line.
 */
export function callPart<T>(strategy: string, part: string, call: () => T): T {
  try {
    return call()
  } catch (error) {
    if (error instanceof BaleenError && error.place.file !== undefined) throw error
    const message = error instanceof Error ? error.message : String(error)
    const file = placeIn(error instanceof Error ? error.stack : undefined)
    throw new ConfigError(`${strategy}.${part} failed: ${message}`, file === undefined ? {} : { file })
  }
}

/** The same record, but asking it for a name that it does not hold is an error instead of `undefined`. */
export function strictNames<T extends object>(record: T, names: StrictNames): T {
  return new Proxy(record, names as ProxyHandler<T>)
}

/** What records hold; made once for thousands of them. */
export class StrictNames {
  constructor(private readonly what: string) {}

  get(target: object, key: string | symbol): unknown {
    if (typeof key === 'string' && !(key in target)) {
      throw new ConfigError(
        `there is no ${this.what} of this name; there are ${Object.keys(target).join(', ') || 'none'}`,
        { field: this.what, value: key },
      )
    }
    return target[key as keyof typeof target]
  }
}
