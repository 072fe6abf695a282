import { expect, it } from 'vitest'
import { storeCorruption } from '../../campaigns/store-corruption.js'
import { baleenHere } from '../cli/run-cli.js'

it('no flipped bit and no cut in any stored file is read as if nothing had happened', async () => {
  // A sweep takes its time: the campaign has one besides.
  expect(await storeCorruption({ size: 40, seed: 11 }, baleenHere, false)).toBe(0)
})
