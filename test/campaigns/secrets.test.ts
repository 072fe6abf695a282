import { expect, it } from 'vitest'
import { secrets } from '../../campaigns/secrets.js'

it('no key is in what is said or written, whatever a server does with it', async () => {
  // The campaign starts the program besides, which takes seconds.
  expect(await secrets({ size: 3, seed: 3 }, null)).toBe(0)
})
