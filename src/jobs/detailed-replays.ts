import type { Candles } from '../core/columns.js'
import type { BacktestResult, BarQuestion } from '../core/result.js'
import type { ReplayOptions } from '../engine/options.js'
import { replay } from '../engine/replay.js'
import { slotAt } from '../engine/timeline.js'
import type { DetailUse } from '../report/index.js'

/** Reads the finer candles inside the bars of one instrument that open at the given times (rising); undefined where none are stored of it. */
export type LoadFiner = (instrument: number, openTimes: readonly number[]) => Promise<Candles | undefined>

/**
 * Replays whose open questions are put to finer candles, which are read for those bars alone. What has been read serves every later replay of
 * the same instruments, in the same order.
 */
export class DetailedReplays {
  private readonly detailMs: number
  private readonly load: LoadFiner
  private readonly asked = new Map<number, Set<number>>()
  private readonly detail = new Map<number, Candles>()

  constructor(detailMs: number, load: LoadFiner) {
    this.detailMs = detailMs
    this.load = load
  }

  /**
   * Replays again until no open question is left that was not put to finer candles: their answers move later decisions, which may ask
   * anew. Each round asks about a bar that none before did, so that there are no more rounds than bars.
   */
  async play(options: ReplayOptions): Promise<BacktestResult> {
    for (;;) {
      const instruments = options.instruments.map((data, index) => {
        const detail = this.detail.get(index)
        return detail === undefined ? data : { ...data, detail }
      })
      const result = replay({ ...options, instruments })
      if (!(await this.learn(result.questions))) return result
    }
  }

  /** What finer candles told of a result that `play` answered. */
  useOf({ questions, timeframeMs }: BacktestResult): DetailUse {
    return {
      timeframeMs: this.detailMs,
      asked: questions.length,
      found: questions.filter((question) => this.hasCandles(question, timeframeMs)).length,
      decided: questions.filter(({ isAnswered }) => isAnswered).length,
    }
  }

  /** Reads the finer candles of bars that were not asked about before; whether there are any. */
  private async learn(questions: readonly BarQuestion[]): Promise<boolean> {
    const touched = new Set<number>()
    for (const { instrument, openTime } of questions) {
      const times = this.asked.get(instrument) ?? new Set()
      if (times.has(openTime)) continue
      this.asked.set(instrument, times.add(openTime))
      touched.add(instrument)
    }
    let hasMore = false
    for (const instrument of touched) {
      const openTimes = [...(this.asked.get(instrument) ?? [])].sort((one, other) => one - other)
      const candles = await this.load(instrument, openTimes)
      if (candles === undefined) continue
      if (candles.openTime.length > (this.detail.get(instrument)?.openTime.length ?? 0)) hasMore = true
      this.detail.set(instrument, candles)
    }
    return hasMore
  }

  private hasCandles({ instrument, openTime }: BarQuestion, timeframeMs: number): boolean {
    const times = this.detail.get(instrument)?.openTime
    const next = times?.[slotAt(times, openTime)]
    return next !== undefined && next < openTime + timeframeMs
  }
}
