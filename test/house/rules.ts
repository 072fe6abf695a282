import { readFileSync, readdirSync } from 'node:fs'
import { join } from 'node:path'
import ts from 'typescript'

const ENGINE_LAYERS = ['core', 'features', 'risk', 'strategy', 'portfolio', 'execution', 'trading', 'engine']
const PURE = [...ENGINE_LAYERS, 'market', 'metrics', 'research', 'report']

/** Folders of src/ without clock, randomness, environment, files or network: they get such things as arguments. */
export const PURE_FOLDERS: ReadonlySet<string> = new Set(PURE)

/** Which folders each folder of src/ may import, itself always included. Imports point towards core; nothing points back. */
export const ALLOWED_IMPORTS: Readonly<Record<string, readonly string[]>> = {
  core: [],
  features: ['core'],
  risk: ['core'],
  strategy: ['core', 'features', 'risk'],
  portfolio: ['core'],
  execution: ['core'],
  trading: ['core', 'risk', 'portfolio', 'strategy'],
  engine: ENGINE_LAYERS,
  market: ['core'],
  metrics: ['core'],
  research: ['core', 'strategy', 'engine', 'metrics', 'market'],
  report: ['core', 'metrics'],
  store: ['core'],
  jobs: [...PURE, 'store'],
  sources: ['core', 'store'],
  loopback: ['core', 'market', 'store'],
  runner: [...PURE, 'store', 'sources', 'jobs'],
  monitor: ['core', 'runner', 'metrics', 'report'],
  cli: [...PURE, 'store', 'jobs', 'sources', 'loopback', 'runner', 'monitor', 'index.ts', 'lab.ts'],
  'index.ts': ENGINE_LAYERS.concat('metrics', 'research'),
  'lab.ts': [...PURE, 'store', 'jobs', 'index.ts'],
}

/** Packages that reach the outside world or hold hidden randomness: not for pure folders. */
const IMPURE_PACKAGES = ['@duckdb/node-api', 'tsx', 'commander', 'cli-progress', 'cli-table3', 'picocolors']

/** Global names that are clock, randomness, environment, timers or network, wherever they are read. */
const IMPURE_GLOBALS = new Set([
  'performance', 'process', 'fetch', 'setTimeout', 'setInterval', 'setImmediate', 'queueMicrotask', 'require', 'crypto',
  'WebSocket', 'XMLHttpRequest', 'navigator', 'globalThis', 'global', 'console',
]) // prettier-ignore

export interface SourceFile {
  /** Relative to the repository, with forward slashes: `src/core/time.ts`. */
  readonly path: string
  readonly text: string
}

/** Every TypeScript file below `folder`. */
export function sourceFiles(root: string, folder: string): SourceFile[] {
  return readdirSync(join(root, folder), { withFileTypes: true, recursive: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.ts'))
    .map((entry) =>
      join(entry.parentPath, entry.name)
        .slice(root.length + 1)
        .replaceAll('\\', '/'),
    )
    .sort()
    .map((path) => ({ path, text: readFileSync(join(root, path), 'utf8') }))
}

/** `src/core/time.ts` → `core`; `src/index.ts` → `index.ts`. */
function folderOf(path: string): string {
  return path.split('/')[1] ?? ''
}

function parse(file: SourceFile): ts.SourceFile {
  return ts.createSourceFile(file.path, file.text, ts.ScriptTarget.ES2022, true)
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node)
  ts.forEachChild(node, (child) => visit(child, see))
}

/** Every module named by an import, a re-export, a type import or a dynamic import. */
export function importsOf(file: SourceFile): string[] {
  const found: string[] = []
  visit(parse(file), (node) => {
    if (
      (ts.isImportDeclaration(node) || ts.isExportDeclaration(node)) &&
      node.moduleSpecifier !== undefined
    ) {
      if (ts.isStringLiteral(node.moduleSpecifier)) found.push(node.moduleSpecifier.text)
    } else if (ts.isImportTypeNode(node) && ts.isLiteralTypeNode(node.argument)) {
      if (ts.isStringLiteral(node.argument.literal)) found.push(node.argument.literal.text)
    } else if (ts.isCallExpression(node) && node.expression.kind === ts.SyntaxKind.ImportKeyword) {
      const argument = node.arguments[0]
      found.push(argument !== undefined && ts.isStringLiteral(argument) ? argument.text : '(computed)')
    }
  })
  return found
}

function resolveRelative(path: string, specifier: string): string {
  const parts = path.split('/').slice(0, -1)
  for (const part of specifier.split('/')) {
    if (part === '..') parts.pop()
    else if (part !== '.') parts.push(part)
  }
  return parts.join('/').replace(/\.js$/, '.ts')
}

/** Imports of a file of src/ that the table does not allow. */
export function importFaults(file: SourceFile): string[] {
  const folder = folderOf(file.path)
  const allowed = ALLOWED_IMPORTS[folder]
  if (allowed === undefined) return [`${file.path}: the folder ${folder} is not in the table of layers`]
  const faults: string[] = []
  for (const specifier of importsOf(file)) {
    if (!specifier.startsWith('.')) {
      const impure =
        specifier.startsWith('node:') ||
        IMPURE_PACKAGES.some((name) => specifier.split('/')[0] === name || specifier.startsWith(name))
      if (PURE_FOLDERS.has(folder) && (impure || specifier === '(computed)')) {
        faults.push(`${file.path}: a pure folder imports ${specifier}`)
      }
      if (specifier === 'baleen' || specifier.startsWith('baleen/'))
        faults.push(`${file.path}: src imports itself by name`)
      continue
    }
    const target = folderOf(resolveRelative(file.path, specifier))
    if (target !== folder && !allowed.includes(target)) {
      faults.push(`${file.path}: ${folder} may not import ${target} (${specifier})`)
    }
  }
  return faults
}

/** Whether an identifier is the name of a property, parameter, variable or type member rather than a use of a global. */
function isOwnName(node: ts.Identifier): boolean {
  const parent = node.parent
  if (ts.isPropertyAccessExpression(parent)) return parent.name === node
  if (ts.isPropertyAssignment(parent) || ts.isPropertySignature(parent)) return parent.name === node
  if (ts.isMethodDeclaration(parent) || ts.isMethodSignature(parent) || ts.isPropertyDeclaration(parent))
    return true
  if (ts.isImportSpecifier(parent) || ts.isExportSpecifier(parent)) return true
  return (
    (ts.isParameter(parent) || ts.isVariableDeclaration(parent) || ts.isBindingElement(parent)) &&
    parent.name === node
  )
}

/** Uses of clock, randomness, environment, timers, network or files in a file of a pure folder. */
export function purityFaults(file: SourceFile): string[] {
  if (!PURE_FOLDERS.has(folderOf(file.path))) return []
  const faults: string[] = []
  const blame = (what: string): void => void faults.push(`${file.path}: ${what} in a pure folder`)
  visit(parse(file), (node) => {
    if (ts.isPropertyAccessExpression(node) || ts.isElementAccessExpression(node)) {
      const text = node.getText().replaceAll(/\s/g, '')
      if (/^Date(\.now|\[['"`]now['"`]\])$/.test(text)) blame('Date.now')
      if (/^Math(\.random|\[['"`]random['"`]\])$/.test(text)) blame('Math.random')
      if (text.startsWith('import.meta')) blame('import.meta')
    } else if (ts.isNewExpression(node) && node.expression.getText() === 'Date') {
      if ((node.arguments?.length ?? 0) === 0) blame('new Date() without an argument')
    } else if (ts.isCallExpression(node) && node.expression.getText() === 'Date') {
      blame('Date() as a function')
    } else if (ts.isIdentifier(node) && IMPURE_GLOBALS.has(node.text) && !isOwnName(node)) {
      blame(node.text)
    }
  })
  return faults
}

/** A test switched off, or one that switches off all others. `skipIf` with a reason is allowed. */
export function switchedOffTests(file: SourceFile): string[] {
  const faults: string[] = []
  visit(parse(file), (node) => {
    if (!ts.isPropertyAccessExpression(node)) return
    const name = node.name.text
    const owner = node.expression.getText().split('.')[0] ?? ''
    if (
      (name === 'only' || name === 'skip' || name === 'todo') &&
      ['it', 'test', 'describe', 'bench', 'suite'].includes(owner)
    ) {
      faults.push(`${file.path}: ${owner}.${name}`)
    }
  })
  return faults
}

/** A strategy imports the package's own name, as a user's would, and files beside it. */
export function strategyImportFaults(file: SourceFile): string[] {
  return importsOf(file)
    .filter((specifier) => specifier !== 'baleen')
    .map((specifier) => `${file.path}: a shipped strategy imports ${specifier}`)
}
