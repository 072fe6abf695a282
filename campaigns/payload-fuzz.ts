import { FAMILIES, payloadProblem } from '../test/sources/payload-mutations.js'
import { type CampaignOptions, isInPart } from './options.js'

/** How many failures are shown whole. */
const SHOWN = 20

/** So many mutated payloads of each family of endpoints: none may throw, reach a prototype, lose a row or change one that nobody touched. */
export function payloadFuzz(options: CampaignOptions): Promise<number> {
  const { size, seed } = options
  let [passed, failed] = [0, 0]
  for (const family of FAMILIES) {
    const startedMs = performance.now()
    let broken = 0
    for (let number = 0; number < size; number++) {
      if (!isInPart(number, options)) continue
      const problem = payloadProblem(family, seed + number)
      if (problem === undefined) passed++
      else if (++broken && ++failed <= SHOWN) console.log(`${family}, seed ${seed + number}: ${problem}`)
    }
    console.log(`${family}: ${broken} failed, ${((performance.now() - startedMs) / 1_000).toFixed(1)} s`)
  }
  console.log(`payload-fuzz: ${passed} passed, ${failed} failed`)
  return Promise.resolve(failed)
}
