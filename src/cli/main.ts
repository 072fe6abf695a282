#!/usr/bin/env node
import { EXIT_CODES } from '../core/errors.js'
import { runCommandLine } from './command-line.js'

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

process.exitCode = await runCommandLine(process.argv.slice(2))
