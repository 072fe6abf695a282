import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Results by number, a line of JSON each: what was computed is not computed again by a campaign that goes on, or by another process beside it. */
export class KeptResults<T extends object> {
  private readonly found = new Map<number, T>()

  /** @param file undefined: nothing is kept. */
  constructor(private readonly file: string | undefined) {
    if (file === undefined || !existsSync(file)) return
    for (const line of readFileSync(file, 'utf8').split('\n')) {
      // The last line may be half of one.
      if (!line.endsWith('}')) continue
      const { number, ...result } = JSON.parse(line) as T & { readonly number: number }
      this.found.set(number, result as unknown as T)
    }
  }

  get(number: number): T | undefined {
    return this.found.get(number)
  }

  add(number: number, result: T): void {
    this.found.set(number, result)
    if (this.file === undefined) return
    mkdirSync(dirname(this.file), { recursive: true })
    appendFileSync(this.file, `${JSON.stringify({ number, ...result })}\n`)
  }
}
