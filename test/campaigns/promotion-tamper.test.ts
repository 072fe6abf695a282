import { expect, it } from 'vitest'
import { promotionTamper } from '../../campaigns/promotion-tamper.js'

it('no change of one byte in what was promoted, or in what it stands on, goes unseen; the same code built elsewhere may run', async () => {
  expect(await promotionTamper({ size: 12, seed: 7 })).toBe(0)
})
