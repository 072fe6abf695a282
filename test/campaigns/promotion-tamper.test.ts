import { expect, it } from 'vitest'
import { promotionTamper } from '../../campaigns/promotion-tamper.js'

it('no change of one bit in what was promoted goes unseen, and copies of it may run', async () => {
  expect(await promotionTamper({ size: 12, seed: 7 })).toBe(0)
})
