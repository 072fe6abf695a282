import { inspect } from 'node:util'
import { ConfigError } from '../../core/errors.js'

const REDACTED = '[secret]'

/** A text that no print, log, JSON or inspection shows; only who asks for it by name gets it. */
export class Secret {
  readonly #text: string

  /** Throws ConfigError, without saying the text, for one that cannot be sent in a header. */
  constructor(text: string) {
    if (!/^[\x21-\x7e]{1,512}$/.test(text))
      throw new ConfigError('a key is 1 to 512 printable letters without spaces', { field: 'key' })
    this.#text = text
  }

  /** The text itself, for the one header that it goes into. */
  reveal(): string {
    return this.#text
  }

  toString(): string {
    return REDACTED
  }

  toJSON(): string {
    return REDACTED
  }

  [Symbol.toPrimitive](): string {
    return REDACTED
  }

  static {
    Object.defineProperty(this.prototype, inspect.custom, { value: () => REDACTED })
  }
}
