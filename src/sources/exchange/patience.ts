import { retryAtMs } from '../retry-after.js'
import type { CandlePages } from './candle-pages.js'

/** Until when a venue wants to be left alone: one for all that asks it, since it counts by address. */
export class Patience {
  private notBefore: number = -Infinity

  constructor(private readonly now: () => number) {}

  /** UTC ms before which nothing may be asked; undefined where it may. */
  get until(): number | undefined {
    return this.now() < this.notBefore ? this.notBefore : undefined
  }

  /** The venue said when to come again. */
  told(retryAt: number | undefined): void {
    if (retryAt !== undefined) this.notBefore = Math.max(this.notBefore, retryAt)
  }

  /** Retry-After of an answer's headers. */
  heard(headers: Readonly<Record<string, string>> | undefined): void {
    const found = Object.entries(headers ?? {}).find(([name]) => name.toLowerCase() === 'retry-after')
    if (found !== undefined) this.told(retryAtMs(found[1], this.now()))
  }
}

/** Pages that are not asked for while the venue wants to be left alone. */
export function politePages(pages: CandlePages, patience: Patience): CandlePages {
  return {
    timeframeMs: pages.timeframeMs,
    pageSize: pages.pageSize,
    serverTime: () => (patience.until === undefined ? pages.serverTime() : Promise.resolve(undefined)),
    page: async (fromMs, count) => {
      const retryAt = patience.until
      if (retryAt !== undefined) return { failure: 'limited', message: 'the venue wants to be left alone', retryAt }
      const page = await pages.page(fromMs, count)
      if ('failure' in page && page.failure === 'limited') patience.told(page.retryAt)
      return page
    },
  }
} // prettier-ignore
