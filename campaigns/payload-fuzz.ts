import { EXCHANGE_FAMILIES, exchangeProblem } from '../test/sources/exchange-mutations.js'
import { FAMILIES, payloadProblem } from '../test/sources/payload-mutations.js'
import { type CampaignOptions, isInPart } from './options.js'

/** How many failures are shown whole. */
const SHOWN = 20

/** Families of endpoints, and what goes wrong in reading a mutated answer of each. */
const ALL: readonly (readonly [string, (seed: number) => string | undefined])[] = [
  ...FAMILIES.map((family) => [family, (seed: number) => payloadProblem(family, seed)] as const),
  ...EXCHANGE_FAMILIES.map((family) => [`exchange ${family}`, (seed: number) => exchangeProblem(family, seed)] as const),
] // prettier-ignore

/**
 * So many mutated payloads of each family of endpoints (100000 are reported), of the API through its mapper, of the exchange through the recorder's derivation. A second reading of our own says what
 * must become of each row: a bad one is put aside with a reason, every other one is read as what it says. None may throw or reach a prototype.
 */
export function payloadFuzz(options: CampaignOptions): Promise<number> {
  const { size, seed } = options
  let [passed, failed] = [0, 0]
  for (const [family, problemOf] of ALL) {
    const startedMs = performance.now()
    let broken = 0
    for (let number = 0; number < size; number++) {
      if (!isInPart(number, options)) continue
      const problem = problemOf(seed + number)
      if (problem === undefined) passed++
      else {
        broken++
        if (++failed <= SHOWN) console.log(`${family}, seed ${seed + number}: ${problem}`)
      }
    }
    console.log(`${family}: ${broken} failed, ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`)
  }
  console.log(`payload-fuzz: ${passed} passed, ${failed} failed`)
  return Promise.resolve(failed)
}
