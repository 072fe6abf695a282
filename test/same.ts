import { isDeepStrictEqual } from 'node:util'
import { expect } from 'vitest'

/** That two are equal to the last bit. Quick where they are, which is nearly always; what differs is told by the slower way. */
export function expectSame<T>(actual: T, expected: T, message?: string): void {
  if (!isDeepStrictEqual(actual, expected)) expect(actual, message).toEqual(expected)
}
