/**
 * Builds the package from src/ into dist/, or into the folder that is named: `npm run build`. The code in a few files, since to open
 * four hundred takes longer than most commands; beside it a declaration for each source, and the record by which the code names itself.
 * Declarations follow from each file alone (isolatedDeclarations); whether the types agree is told by `npm run check`.
 */
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { dirname, join, relative, resolve } from 'node:path'
import { fileURLToPath } from 'node:url'
import ts from 'typescript'
import { codeFiles } from '../src/jobs/code-hash.js'
import { bundle } from './bundle.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
const SOURCE = join(ROOT, 'src')
const OUTPUT = resolve(process.argv[2] ?? join(ROOT, 'dist'))

await bundle(SOURCE, OUTPUT)
writeDeclarations()

function writeDeclarations(): void {
  const { config } = ts.readConfigFile(join(ROOT, 'tsconfig.build.json'), (path) => ts.sys.readFile(path)) as { config: object } // prettier-ignore
  const { options } = ts.parseJsonConfigFileContent({ ...config, include: [], files: ['src/index.ts'] }, ts.sys, ROOT) // prettier-ignore
  const problems: ts.Diagnostic[] = []
  for (const name of codeFiles(SOURCE)) {
    const fileName = join(SOURCE, name)
    const told = ts.transpileDeclaration(readFileSync(fileName, 'utf8'), { fileName, compilerOptions: options, reportDiagnostics: true }) // prettier-ignore
    problems.push(...(told.diagnostics ?? []))
    const path = join(OUTPUT, name.replace(/\.ts$/, '.d.ts'))
    mkdirSync(dirname(path), { recursive: true })
    writeFileSync(path, told.outputText)
  }
  if (problems.length === 0) return
  const host = { getCanonicalFileName: (path: string) => path, getCurrentDirectory: () => ROOT, getNewLine: () => '\n' } // prettier-ignore
  process.stderr.write(ts.formatDiagnostics(problems, host))
  throw new Error(`${problems.length} declarations cannot be made: see above (${relative(process.cwd(), SOURCE)})`) // prettier-ignore
}
