/** What came of asking for a page. */
export type CandlePage =
  /** Rows as the venue sent them: open time, open, high, low, close, volume. Nothing about them is taken for granted. */
  | { readonly rows: readonly unknown[] }
  /** Nothing is known of the page; asking again may help, not before `retryAt` (UTC ms) where one is known. */
  | { readonly failure: 'limited' | 'unavailable'; readonly message: string; readonly retryAt?: number }
  /** Asking again will not help. */
  | { readonly failure: 'refused'; readonly message: string }

/** One venue's candles of one instrument and timeframe, page by page. */
export interface CandlePages {
  readonly timeframeMs: number
  /** Most rows of a page. */
  readonly pageSize: number
  /** By the venue's own clock, UTC ms; undefined where it does not answer. */
  serverTime(): Promise<number | undefined>
  /** So many candles that open from a time on, at most as many as a page holds. */
  page(fromMs: number, count: number): Promise<CandlePage>
}
