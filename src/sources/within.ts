import { SECOND_MS } from '../core/time.js'

/** What comes of a question within so many real ms, to the last byte of its answer. Throws where nothing does: ccxt's own timeout ends with an answer's headers, and a body may never end. */
export async function within<T>(timeoutMs: number, question: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined
  const late = new Promise<never>((_, reject) => {
    const fail = (): void => reject(new Error(`no whole answer came in ${timeoutMs / SECOND_MS} s`))
    timer = setTimeout(fail, timeoutMs)
  })
  try {
    return await Promise.race([question, late])
  } finally {
    clearTimeout(timer)
  }
}
