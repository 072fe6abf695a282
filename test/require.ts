import { describe } from 'vitest'

/**
 * `describe` where a component outside npm (a browser, say) is present. Where it is not, the block is skipped with one clear
 * line; under BALEEN_REQUIRE_ALL=1 (set by .ci/run) its absence is a failure instead.
 */
export function requireComponent(name: string, present: boolean): (title: string, tests: () => void) => void {
  return (title, tests) => {
    if (present) {
      describe(title, tests)
      return
    }
    if (process.env.BALEEN_REQUIRE_ALL === '1')
      throw new Error(`${title}: ${name} is required here and was not found`)
    describe.skipIf(true)(`${title} (skipped: ${name} was not found)`, tests)
  }
}
