import type { Command } from 'commander'
import { expect, test } from 'vitest'
import { createProgram } from '../../src/cli/program.js'

const descriptionsOf = (command: Command): string[] => [
  ...command.options.map((option) => command.createHelp().optionDescription(option)),
  ...command.commands.flatMap(descriptionsOf),
]

test('the help of an option says its default once, and no empty list', () => {
  const all = descriptionsOf(createProgram([]))
  expect(all.filter((text) => text.split('default:').length > 2 || text.includes('default: []'))).toEqual([])
  expect(all).toContain('whole UTC days (default: 730)')
  expect(all).toContain('a parameter of the strategy (repeatable)')
})
