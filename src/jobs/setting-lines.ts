import { durationName } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import type { RunInputs } from './manifest.js'

/** Everything that was set for a run, as labels and values: money, costs, what decides inside a bar, policies, sources of the venue's figures. */
export function settingLines(inputs: RunInputs): [label: string, value: string][] {
  const { startingBalance, costs, detailMs, policies, instruments } = inputs
  const { slippageBps, halfSpreadBps = 0, participation, takerFee, makerFee } = costs
  const fee = (label: string, fraction: number | undefined): [string, string][] =>
    fraction === undefined
      ? []
      : [[`${label} of every instrument`, `${Number((fraction * 100).toFixed(6))} %`]]
  return [
    ['Starting balance', formatValue(startingBalance, 'money')],
    ['Slippage', `${slippageBps} bps`],
    ['Half spread', `${halfSpreadBps} bps`],
    [
      'Participation',
      participation === undefined
        ? 'no cap'
        : `${Number((participation * 100).toFixed(6))} % of the mean volume`,
    ],
    ...fee('Taker fee', takerFee),
    ...fee('Maker fee', makerFee),
    [
      'Inside a bar',
      detailMs === undefined ? 'by policy' : `${durationName(detailMs)} candles, else by policy`,
    ],
    ...Object.entries(policies),
    ...instruments.flatMap(({ id, sources = [] }) =>
      sources.map((source): [string, string] => [`Source, ${id}`, source]),
    ),
  ]
}
