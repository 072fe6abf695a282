import { CheckError } from '../core/errors.js'
import { formatUtc } from '../core/time.js'

/** Names the strategy, the bar and what went wrong there: a strategy's fault never becomes a neutral score. */
export function failOnRow(
  strategy: string,
  closeTimeOf: (bar: number) => number,
): (bar: number, answer: unknown, thrown: boolean) => never {
  return (bar, answer, thrown) => {
    const where = `strategy ${strategy}, bar closing ${formatUtc(closeTimeOf(bar))} UTC`
    if (thrown) {
      const message = answer instanceof Error ? answer.message : String(answer)
      throw new CheckError(`${where}: the signal threw: ${message}`)
    }
    throw new CheckError(`${where}: a score is a number within 0 and 1, or NaN for unknown`, {
      field: 'score',
      value: answer,
    })
  }
}
