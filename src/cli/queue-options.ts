import type { Command } from 'commander'
import { ConfigError } from '../core/errors.js'
import { parseDuration } from '../core/time.js'
import { parseQueueAddress, withoutPassword, type QueueAddress } from '../jobs/sweep/queue/queue-address.js'

/** What commander reads of a queue. */
export interface QueueFlags {
  readonly queue?: string
  readonly queueWait: string
}

/** A password here does not stand in the list of processes, as one in an address does. */
export const PASSWORD_VARIABLE = 'BALEEN_QUEUE_PASSWORD'

export function addQueueOptions(command: Command, whatFor: string): Command {
  return command
    .option(
      '--queue <address>',
      `${whatFor}: redis://host:port/database, rediss:// where it is encrypted; a password stands in ${PASSWORD_VARIABLE}, or before the host (redis://:password@host)`,
    )
    .option('--queue-wait <duration>', 'how long a Redis that is lost is waited for', '10m')
}

/** Throws ConfigError where there is no address, or none that can be read; never with the password. */
export function queueOf(
  { queue, queueWait }: QueueFlags,
  password: string | undefined = process.env[PASSWORD_VARIABLE],
): { readonly address: QueueAddress; readonly lostForMs: number } {
  if (queue === undefined)
    throw new ConfigError('the address of the queue is missing: --queue redis://host:port', { field: '--queue' }) // prettier-ignore
  return {
    address: parseQueueAddress(queue, password === '' ? undefined : password),
    lostForMs: parseDuration(queueWait, '--queue-wait'),
  }
}

/** The words of a command line as they may be stored and shown. */
export function wordsWithoutPassword(words: readonly string[]): readonly string[] {
  return words.map((word, at) =>
    word.startsWith('--queue=') || words[at - 1] === '--queue' ? withoutPassword(word) : word,
  )
}
