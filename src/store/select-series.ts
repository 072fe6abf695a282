import { ConfigError, DataError } from '../core/errors.js'
import { parseKind } from './kinds.js'
import type { Manifest } from './manifest.js'

/** Which series of a store are meant. What is left out restricts nothing. */
export interface SeriesSelection {
  /** Ids, or parts of them: `funding/`, `BTCUSDT-PERP`. */
  readonly words?: readonly string[]
  readonly kinds?: readonly string[]
  /** `binance:BTCUSDT-PERP`: its candles, marks and funding. */
  readonly instruments?: readonly string[]
  /** `BTC`: everything about it. */
  readonly assets?: readonly string[]
}

/**
 * Ids of the chosen series, sorted. A word that is an id means that series alone. Throws ConfigError for an unknown kind, DataError
 * where a word, an instrument or an asset fits no series, naming what there is.
 */
export function selectSeries(manifest: Manifest, folder: string, selection: SeriesSelection): string[] {
  const { words = [], kinds = [], instruments = [], assets = [] } = selection
  const ids = Object.keys(manifest.series).sort()
  const isAsset = (id: string, asset: string): boolean => {
    const { subject, asset: own } = manifest.series[id]!
    return own === asset || subject === asset || subject.endsWith(`:${asset}`)
  }
  const fits = (name: string, wanted: readonly string[], does: (id: string, word: string) => boolean) => {
    for (const word of wanted) {
      if (word === '') throw new ConfigError('must not be empty', { field: name, value: word })
      if (!ids.some((id) => does(id, word)))
        throw new DataError(`no series fits; there are ${some(ids)}`, { file: folder, field: name, value: word }) // prettier-ignore
    }
    return (id: string): boolean => wanted.length === 0 || wanted.some((word) => does(id, word))
  }
  const conditions = [
    fits('SERIES', words, (id, word) => (ids.includes(word) ? id === word : id.includes(word))),
    fits('--kind', kinds.map(parseKind), (id, kind) => manifest.series[id]!.kind === kind),
    fits('--instrument', instruments, (id, subject) => manifest.series[id]!.subject === subject),
    fits('--asset', assets, isAsset),
  ]
  const chosen = ids.filter((id) => conditions.every((condition) => condition(id)))
  if (chosen.length === 0 && ids.length > 0)
    throw new DataError('no series fits all of what was asked for', { file: folder })
  return chosen
}

function some(ids: readonly string[]): string {
  const named = ids.slice(0, 12).join(', ')
  return ids.length === 0 ? 'none' : ids.length > 12 ? `${named}, …` : named
}
