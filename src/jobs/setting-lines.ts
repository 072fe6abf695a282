import { durationName } from '../core/time.js'
import { formatValue } from '../metrics/format.js'
import type { RunSummary } from '../report/index.js'
import { stableJson } from './json.js'
import type { RunInputs, RunManifest } from './manifest.js'

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
    ...Object.entries(policies).sort(),
    ...instruments.flatMap(({ id, sources = [] }) =>
      sources.map((source): [string, string] => [`Source, ${id}`, source]),
    ),
  ]
}

/** What a report says of the inputs of a run: settings, how to make it again, and all of them as JSON. */
export function inputLines(
  id: string,
  manifest: RunManifest,
): Pick<RunSummary, 'settings' | 'reproduce' | 'inputs'> {
  return {
    settings: settingLines(manifest.inputs),
    reproduce: reproduceLines(id, manifest),
    inputs: stableJson(manifest.inputs),
  }
}

function reproduceLines(id: string, { inputs, provenance }: RunManifest): [string, string][] {
  const { git } = provenance
  return [
    ['Command', provenance.command],
    ['Check', `baleen runs replay ${id}`],
    ['Data', inputs.data.hash],
    ['Decision code', inputs.code.decision],
    ['Other code', inputs.code.other],
    ['Dependencies', `${inputs.code.dependencies} (${inputs.code.dependenciesFrom})`],
    ['Commit', git === null ? 'unknown' : `${git.commit}${git.dirty ? ' with local changes' : ''}`],
    ['Seed', inputs.seed === null ? 'none: nothing in the result is random' : String(inputs.seed)],
    ['Versions', Object.entries(provenance.versions).sort().map(([name, version]) => `${name} ${version}`).join(', ')],
  ] // prettier-ignore
}
