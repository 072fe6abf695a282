import type { CompiledStrategy, StrategyTiles } from '../strategy/compiled.js'
import { columnTiles } from '../strategy/column-tiles.js'
import type { Market, Simulation } from './simulation.js'
import type { Track } from './track.js'

/** Slots of a tile: its columns and the books of a few hundred trials fit the cache together. */
export const TILE_SLOTS = 16_384

/** Signals of one strategy on one instrument. */
export function strategyTiles(
  strategy: CompiledStrategy,
  { data: { candles, facts } }: Track,
): StrategyTiles {
  if (strategy.tiles !== undefined) return strategy.tiles({ candles, facts })
  return columnTiles([strategy.columns({ candles, facts })], candles.close.length)
}

/** Bars that an instrument has completed by the start of a slot, warm-up included. */
function barsBefore({ firstBar, endBar, shift, barOfRow }: Track, slot: number): number {
  if (barOfRow === undefined) return Math.min(Math.max(slot + shift, firstBar), endBar)
  return slot === 0 ? firstBar : Math.max(firstBar, (barOfRow[slot - 1] as number) + 1)
}

/**
 * Walks a market tile by tile: loads the signals of every instrument, then lets `visit` advance whatever trades on them over slots
 * `[from, to)`. Nobody trades on the tiles of the warm-up before the run.
 */
export function forEachTile(
  market: Market,
  signals: readonly StrategyTiles[],
  visit: (from: number, to: number) => void,
  tileSlots: number = TILE_SLOTS,
): void {
  const { tracks, timeline } = market
  const slots = timeline.openTime.length
  const loaded = tracks.map(() => 0)
  const load = (index: number, end: number): void => {
    let from = loaded[index] as number
    while (from < end) {
      const to = Math.min(from + tileSlots, end)
      ;(signals[index] as StrategyTiles).load(from, to)
      from = to
    }
    loaded[index] = from
  }
  tracks.forEach((track, index) => load(index, track.firstBar))
  for (let from = 0; from < slots; from += tileSlots) {
    const to = Math.min(from + tileSlots, slots)
    tracks.forEach((track, index) => load(index, barsBefore(track, to)))
    visit(from, to)
  }
}

/** Gives a trial what its strategy says of the tile that is loaded. */
export function loadLanes(simulation: Simulation, signals: readonly StrategyTiles[], trial: number): void {
  const { lanes, state } = simulation
  const decides = state.config.decide !== undefined
  for (let index = 0; index < lanes.length; index++) {
    const lane = lanes[index]
    const tiles = signals[index]
    if (lane === undefined || tiles === undefined) continue
    lane.load(tiles.tile(trial))
    if (decides) lane.features = tiles.features(trial)
  }
}
