import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { CampaignOptions } from '../options.js'

/**
 * Results by number, a line of JSON each: what was computed is not computed again by a campaign that goes on, or by another process beside it. The first line says
 * which campaign of which size and seed they are of: under another one a number means another study.
 */
export class KeptResults<T extends object> {
  private readonly found = new Map<number, T>()

  private readonly file: string | undefined

  /** Without a file nothing is kept. Throws where the file is of another campaign. */
  constructor(campaign: string, { keep: file, size, seed }: CampaignOptions) {
    this.file = file
    if (file === undefined) return
    const first = JSON.stringify({ campaign, size, seed })
    if (!existsSync(file)) {
      mkdirSync(dirname(file), { recursive: true })
      appendFileSync(file, `${first}\n`)
    }
    const [header, ...lines] = readFileSync(file, 'utf8').split('\n')
    if (header !== first) throw new Error(`${file} keeps results of ${header ?? 'nothing'}, not of ${first}`)
    for (const line of lines) {
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
    appendFileSync(this.file, `${JSON.stringify({ number, ...result })}\n`)
  }
}
