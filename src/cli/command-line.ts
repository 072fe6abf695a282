import { expandAliases } from './aliases.js'
import { describeFailure } from './failure.js'
import { printJsonError } from './io.js'

/** Does what the words of a command line ask. Answers the exit code of a failure, whose text stands on stderr by then; undefined where there was none. */
export async function runCommandLine(given: readonly string[]): Promise<number | undefined> {
  const words = expandAliases([...given])
  try {
    // Loaded here, so that a part of the installation that does not load on this machine ends in a sentence.
    const { createProgram } = await import('./program.js')
    await createProgram(words).parseAsync(words, { from: 'user' })
    return undefined
  } catch (error) {
    const failure = describeFailure(error, words.includes('-v') || words.includes('--verbose'))
    if (failure.text !== '') process.stderr.write(`${failure.text}\n`)
    if (failure.json !== undefined && words.includes('--json')) printJsonError(failure.json)
    return failure.exitCode
  }
}
