import type UPlot from 'uplot'

/** Charts over the same time: a range chosen in one is shown by all. */
export class ZoomGroup {
  private readonly plots = new Set<UPlot>()
  /** Undefined: everything. */
  private chosen: readonly [number, number] | undefined
  private lowest = Infinity
  private highest = -Infinity
  private isFollowing = false

  constructor(readonly name: string) {}

  /** That a chart has data from one time to another. */
  know(from: number, to: number): void {
    this.lowest = Math.min(this.lowest, from)
    this.highest = Math.max(this.highest, to)
  }

  add(plot: UPlot): void {
    this.plots.add(plot)
    for (const other of this.plots) if (this.chosen === undefined && other !== plot) this.apply(other)
  }

  remove(plot: UPlot): void {
    this.plots.delete(plot)
  }

  /** What is shown: the chosen range, or all data of the group, so that its charts stand under each other. */
  range(): [number, number] {
    if (this.chosen !== undefined) return [...this.chosen]
    return this.highest > this.lowest ? [this.lowest, this.highest] : [this.lowest - 1, this.lowest + 1]
  }

  /** The last days of the data; everything where undefined. */
  zoomToLast(days: number | undefined): void {
    this.choose(
      days === undefined
        ? undefined
        : [Math.max(this.lowest, this.highest - days * 86_400_000), this.highest],
    )
  }

  /** Called when a chart has changed its own range. */
  follow(plot: UPlot): void {
    const { min, max } = plot.scales['x'] ?? {}
    if (this.isFollowing || min === undefined || max === undefined || min === null || max === null) return
    const [from, to] = this.range()
    if (min === from && max === to) return
    this.choose([min, max])
  }

  choose(range: readonly [number, number] | undefined): void {
    this.chosen = range
    for (const plot of this.plots) this.apply(plot)
  }

  private apply(plot: UPlot): void {
    const [min, max] = this.range()
    this.isFollowing = true
    try {
      plot.batch(() => plot.setScale('x', { min, max }))
    } finally {
      this.isFollowing = false
    }
  }
}
