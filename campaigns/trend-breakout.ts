import { existsSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { baleen } from '../test/cli/run-cli.js'
import { referenceData } from '../test/reference-data.js'
import type { CampaignOptions } from './options.js'
import { watchedSweep, type WatchedSweep } from './sweeps/watched-sweep.js'

const ASSETS = ['BTC', 'ETH'] as const
const SAMPLERS = ['sobol', 'tpe'] as const
/** Both sweeps with all that is judged but random entries, on two cores, s. */
const LIMIT_SECONDS = 300
/** Trials a sampler that the limit is for. */
const TIMED_TRIALS = 10_000
/** Of random entries: an exact test at 5 %. */
const REPLICATES = 19

/**
 * The shipped trend-breakout on eight years of recorded hours of Bitcoin and Ether (needs the reference data): `size` trials by Sobol's sequence and as many by TPE, each walked forward and judged, in five minutes
 * together on two cores; then what random entries cost beside that.
 */
export async function trendBreakout({ size, seed }: CampaignOptions): Promise<number> {
  const root = mkdtempSync(join(tmpdir(), 'baleen-trend-breakout-'))
  try {
    await importCandles(root)
    const words = (sampler: (typeof SAMPLERS)[number], ...more: readonly string[]): readonly string[] =>
      ['trend-breakout', '--sampler', sampler, '--trials', String(size), '--seed', String(seed), ...more] // prettier-ignore
    let [failed, seconds] = [0, 0]
    for (const sampler of SAMPLERS) {
      console.log(`${size} trials by ${sampler}`)
      const sweep = await watchedSweep(root, words(sampler, '--random-entry', 'never'))
      seconds += sweep.seconds
      failed += told(sweep)
    }
    console.log(
      `both in ${seconds.toFixed(0)} s${size === TIMED_TRIALS ? `, at most ${LIMIT_SECONDS} are asked on two idle cores` : ''}`,
    )
    if (size === TIMED_TRIALS && seconds > LIMIT_SECONDS) failed++
    console.log(`the first again, with random entries, at most ${REPLICATES} times`)
    failed += told(await watchedSweep(root, words('sobol', '--random-entry', 'always', '--random-entry-replicates', String(REPLICATES), '--resume'))) // prettier-ignore
    const cases = SAMPLERS.length + 1 + (size === TIMED_TRIALS ? 1 : 0)
    console.log(`trend-breakout: ${cases - failed} passed, ${failed} failed`)
    return failed
  } finally {
    rmSync(root, { recursive: true, force: true })
  }
}

function told({ code, verdict, took, memory }: WatchedSweep): number {
  const peak = Math.max(...memory.map(({ megabytes }) => megabytes))
  console.log(`${took}; at most ${peak.toFixed(0)} MB`)
  if (verdict === undefined) {
    console.log(`no verdict: it ended with ${code}`)
    return 1
  }
  console.log([verdict.verdict, ...verdict.reasons].join('\n  '))
  return 0
}

async function importCandles(root: string): Promise<void> {
  writeFileSync(join(root, 'instruments.json'), JSON.stringify(ASSETS.map(spot)))
  for (const asset of ASSETS) {
    const file = referenceData(`data/candles/binance_spot_${asset}USDT_1h_2018_2025.parquet`)
    if (!existsSync(file)) throw new Error(`${file} is not there: set BALEEN_REFERENCE_DATA`)
    const done = await baleen(root, ['data', 'import', file, '--as', 'candles', '--instrument', `binance:${asset}USDT`, '--asset', asset, '--interval', '1h', '--map', 'time=ts']) // prettier-ignore
    if (done.code !== 0) throw new Error(done.stderr)
  }
}

function spot(asset: (typeof ASSETS)[number]): object {
  return { id: `binance:${asset}USDT`, kind: 'spot', base: asset, quote: 'USDT', tickSize: 0.01, lotSize: asset === 'BTC' ? 0.00001 : 0.0001, minNotional: 5, makerFee: 0.001, takerFee: 0.001 } // prettier-ignore
}
