import { createHash } from 'node:crypto'
import { join } from 'node:path'
import { formatUtcDay } from '../../core/time.js'
import { appendLine, readLinesOf } from '../line-file.js'

/** One answer as it came, before anybody made anything of it. */
export interface StoredAnswer {
  /** UTC ms: when the last of it had come. From then on it is known. */
  readonly fetchedAt: number
  /** Without secrets: a key is never in it. */
  readonly url: string
  readonly params: Readonly<Record<string, string>>
  /** Null where no answer came. */
  readonly status: number | null
  readonly headers: Readonly<Record<string, string>>
  /** The body, letter by letter; of bytes that are no UTF-8, in base64. */
  readonly body: string
  readonly encoding: 'utf8' | 'base64'
  /** Of the body's bytes, in hex. */
  readonly sha256: string
  /** Why no answer came. */
  readonly failure?: string
  /** It held the key that it was asked with, which was taken out: of the rest nothing was changed. */
  readonly redacted?: true
}

/** Where answers are kept. */
export interface AnswerLog {
  /** Resolves once the answer is durable. */
  add(answer: StoredAnswer): Promise<void>
}

/** Bytes as they are stored. */
export function storedBody(bytes: Buffer): Pick<StoredAnswer, 'body' | 'encoding' | 'sha256'> {
  const text = bytes.toString('utf8')
  const isText = Buffer.from(text, 'utf8').equals(bytes)
  const sha256 = createHash('sha256').update(bytes).digest('hex')
  return isText
    ? { body: text, encoding: 'utf8', sha256 }
    : { body: bytes.toString('base64'), encoding: 'base64', sha256 }
}

/** Lines of JSON, one file a UTC day of fetching: `FOLDER/2024-01-31.ndjson`. Throws DataError naming the file where it cannot be written. */
export function answerLog(folder: string): AnswerLog {
  let queue: Promise<unknown> = Promise.resolve()
  const append = (answer: StoredAnswer): Promise<void> =>
    appendLine(join(folder, `${formatUtcDay(answer.fetchedAt)}.ndjson`), answer)
  return {
    add: (answer) => {
      const done = queue.then(() => append(answer))
      queue = done.catch(() => undefined)
      return done
    },
  }
}

/**
 * The answers of one file, in their order. A last line without its end was never acknowledged, and is left out. Throws DataError naming file and row for a line that
 * is not as it was written, and where acknowledged lines are missing at the end.
 */
export async function readAnswers(path: string): Promise<StoredAnswer[]> {
  const answers: StoredAnswer[] = []
  for await (const line of readLinesOf(path)) answers.push(line as StoredAnswer)
  return answers
}
