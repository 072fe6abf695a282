#!/usr/bin/env node
import { EXIT_CODES } from '../core/errors.js'
import { describeFailure } from './failure.js'
import { expandAliases } from './aliases.js'
import { printJsonError } from './io.js'

/** Reading of our output may stop at any time (`baleen runs list | head`): that is no error. */
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(EXIT_CODES.ok)
    throw error
  })
}
// Files are written under temporary names and renamed, so that stopping at any point leaves old or new, never half.
process.on('SIGINT', () => process.exit(130))
process.on('SIGTERM', () => process.exit(143))

const words = expandAliases(process.argv.slice(2))
try {
  // Loaded here, so that a native module that does not load on this machine ends in a sentence.
  const { createProgram } = await import('./program.js')
  await createProgram(words).parseAsync(words, { from: 'user' })
} catch (error) {
  const failure = describeFailure(error, words.includes('-v') || words.includes('--verbose'))
  if (failure.text !== '') process.stderr.write(`${failure.text}\n`)
  if (failure.json !== undefined && words.includes('--json')) printJsonError(failure.json)
  process.exitCode = failure.exitCode
}
