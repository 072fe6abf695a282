import { expect, it, vi } from 'vitest'
import { ProgressTeller } from '../../src/cli/sweep-progress.js'
import type { Io } from '../../src/cli/io.js'

it('of a resumed sweep begins at what is stored, its rate and time left are of what is run now', () => {
  const clock = vi.spyOn(performance, 'now')
  const lines: string[] = []
  const io = { showsProgress: false, log: (text: string) => void lines.push(text) } as unknown as Io
  const at = (seconds: number): void => void clock.mockReturnValue(seconds * 1000)
  try {
    at(0)
    const teller = new ProgressTeller(io, 'sharpe', 1)
    // Reading what is stored took a minute.
    at(60)
    teller.tell({ trials: 192, of: 400, newTrials: 0, best: undefined })
    at(76)
    teller.tell({ trials: 224, of: 400, newTrials: 32, best: undefined })
  } finally {
    clock.mockRestore()
  }
  expect(lines).toEqual([
    '192 of 400 trials stored, none complete yet',
    '224 of 400 trials, 2/s, none complete yet, 1 min 28 s left',
  ])
})
