/**
 * Types and style of every source, in one process: what the compiler has found out of the types serves the rules of style that read them.
 * Ends with 1 where either finds fault, as `tsc` and `eslint` would.
 */
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { ESLint } from 'eslint'
import ts from 'typescript'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const TYPED = ['tsconfig.json', 'browser/page/tsconfig.json', 'browser/tsconfig.json', 'wasm/tsconfig.json']
/** AssemblyScript is checked by its own compiler; here it is read for its style alone. */
const STYLED = ['wasm/assembly/tsconfig.json']

const host: ts.FormatDiagnosticsHost = { getCanonicalFileName: (path) => path, getCurrentDirectory: () => ROOT, getNewLine: () => '\n' } // prettier-ignore
const typed = TYPED.map(programOf)
const problems = typed.flatMap((program) => ts.getPreEmitDiagnostics(program))
process.stderr.write(ts.formatDiagnostics(problems, host))

const eslint = new ESLint({
  cwd: ROOT,
  overrideConfig: {
    languageOptions: {
      parserOptions: { projectService: false, programs: [...typed, ...STYLED.map(programOf)] },
    },
  },
})
const results = await eslint.lintFiles(['.'])
process.stdout.write(await (await eslint.loadFormatter('stylish')).format(results))
const isStyled = results.every(({ errorCount }) => errorCount === 0)
if (problems.length > 0 || !isStyled) process.exitCode = 1

function programOf(project: string): ts.Program {
  const parsed = ts.getParsedCommandLineOfConfigFile(join(ROOT, project), {}, { ...ts.sys, onUnRecoverableConfigFileDiagnostic: (diagnostic) => { throw new Error(ts.formatDiagnostic(diagnostic, host)) } }) // prettier-ignore
  if (parsed === undefined) throw new Error(`${project} cannot be read`)
  return ts.createProgram({ rootNames: parsed.fileNames, options: parsed.options, configFileParsingDiagnostics: parsed.errors }) // prettier-ignore
}
