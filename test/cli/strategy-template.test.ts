import { join } from 'node:path'
import { check, resolveConfig } from 'prettier'
import ts from 'typescript'
import { expect, it } from 'vitest'
import { strategyTemplate } from '../../src/cli/strategy-template.js'
import { ROOT } from './run-cli.js'

/** Where `baleen strategy new` writes in a clone: this file is then part of the project's own checks. */
const FILE = join(
  ROOT,
  'strategies/an-idea-with-a-name-so-long-that-a-line-could-have-to-be-broken-where-it-stands.ts',
)
const TEXT = strategyTemplate(
  'an-idea-with-a-name-so-long-that-a-line-could-have-to-be-broken-where-it-stands',
)

it('a new strategy file is formatted as the project is', async () => {
  const config = await resolveConfig(join(ROOT, 'strategies/sma-cross.ts'))
  expect(config).toMatchObject({ semi: false })
  const format = { ...config, filepath: FILE }
  expect(await check(TEXT, format)).toBe(true)
  expect(await check(TEXT.replace('  params', ' params'), format)).toBe(false)
})

it('a new strategy file has no type error', () => {
  expect(typeErrors(TEXT)).toEqual([])
  expect(typeErrors(TEXT.replace('p.slow', 'p.slew')).join()).toContain('slew')
})

/** What the compiler says of the file under the project's settings, as if it lay in strategies/. */
function typeErrors(text: string): string[] {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.json'), (path) => ts.sys.readFile(path)) as {
    config: { include: string[] }
  }
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: [FILE] }, ts.sys, ROOT)
  const host = ts.createCompilerHost(options)
  const program = ts.createProgram([FILE], options, {
    ...host,
    fileExists: (path) => path === FILE || host.fileExists(path),
    readFile: (path) => (path === FILE ? text : host.readFile(path)),
    getSourceFile: (path, language) =>
      path === FILE ? ts.createSourceFile(path, text, language) : host.getSourceFile(path, language),
  })
  const file = program.getSourceFile(FILE)
  if (file === undefined) throw new Error('the file is not part of the program')
  return ts.getPreEmitDiagnostics(program, file).map(({ messageText }) => ts.flattenDiagnosticMessageText(messageText, '\n')) // prettier-ignore
}
