export type ScoreSignal = 'STRONG_BUY' | 'BUY' | 'NEUTRAL' | 'SELL' | 'STRONG_SELL'

export interface ScoreBand {
  readonly signal: ScoreSignal
  /** Lowest score of the band. */
  readonly from: number
  readonly strength: number
}

/** What a score in [0, 1] means, strongest first. */
export const SCORE_BANDS: readonly ScoreBand[] = [
  { signal: 'STRONG_BUY', from: 0.8, strength: 1 },
  { signal: 'BUY', from: 0.65, strength: 0.75 },
  { signal: 'NEUTRAL', from: 0.35, strength: 0.5 },
  { signal: 'SELL', from: 0.2, strength: 0.25 },
  { signal: 'STRONG_SELL', from: 0, strength: 0 },
]

/** The band of a score; undefined for NaN, and below 0. */
export function scoreSignal(score: number): ScoreBand | undefined {
  return SCORE_BANDS.find(({ from }) => score >= from)
}
