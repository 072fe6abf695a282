import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkClaims } from '../../src/jobs/chunk-claims.js'

describe('chunks that threads take', () => {
  it('go out once each, in order, and none from the end on, wherever it is moved', () => {
    fc.assert(
      fc.property(
        fc.array(fc.oneof(fc.constant('take' as const), fc.integer({ min: 0, max: 12 }))),
        (events) => {
          const deliverer = new ChunkClaims()
          const threads = [new ChunkClaims(deliverer.memory), new ChunkClaims(deliverer.memory)]
          let next = 0
          let end = 0
          for (const [at, event] of events.entries()) {
            if (event === 'take')
              expect((threads[at % 2] as ChunkClaims).take()).toBe(next < end ? next++ : undefined)
            else deliverer.endAt((end = event))
            expect(deliverer.hasMore).toBe(next < end)
          }
        },
      ),
    )
  })
})
