import { literal } from './duckdb.js'
import { ANSWERED_CONFIDENCES } from './kinds.js'

const CONFIDENCE = `upper(coalesce(confidence, ''))`
const IS_ANSWERED = `${CONFIDENCE} IN (${ANSWERED_CONFIDENCES.map(literal).join(', ')})`
const HAS_COMPOSITE = `("long" IS NOT NULL OR "short" IS NOT NULL)`

/** SQL: this row of confirmations is an answer that a leg may use. */
export const USABLE_CONFIRMATION: string = `${IS_ANSWERED} AND ${HAS_COMPOSITE}`

/** Why rows of confirmations are no answer: words for the import's report, and an SQL condition on the row. */
export const UNUSABLE_CONFIRMATIONS: readonly (readonly [words: string, condition: string])[] = [
  [
    `no answer: confidence is none of ${ANSWERED_CONFIDENCES.join(', ')}; kept, read as absent`,
    `NOT ${IS_ANSWERED}`,
  ],
  ['no answer: neither long nor short; kept, read as absent', `${IS_ANSWERED} AND NOT ${HAS_COMPOSITE}`],
]
