import { expect, it } from 'vitest'
import { closestWord, thereAre } from '../../src/core/closest-word.js'

it.each([
  ['fsat', 'fast'], // neighbours swapped
  ['slw', 'slow'], // a letter left out
  ['slowly', 'slow'], // two more
  ['FAST', 'fast'],
  ['x', undefined],
  ['period', undefined],
])('%s probably meant %s', (word, meant) => {
  expect(closestWord(word, ['fast', 'slow', 'stopAtr'])).toBe(meant)
})

it('says what there is, with what was probably meant', () => {
  expect(thereAre('fsat', ['fast', 'slow'])).toBe(', did you mean fast? There are fast, slow')
  expect(thereAre('period', ['fast', 'slow'])).toBe('; there are fast, slow')
  expect(thereAre('period', [])).toBe('; there are none')
})
