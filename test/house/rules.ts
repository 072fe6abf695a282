import ts from 'typescript'
import { ALLOWED_PACKAGES, PURE } from './purity.js'
import { folderOf, parse, type SourceFile, visit } from './source-files.js'

const ENGINE_LAYERS = ['core', 'features', 'risk', 'strategy', 'portfolio', 'execution', 'trading', 'engine']
const PURE_FOLDERS = [...ENGINE_LAYERS, 'market', 'metrics', 'research', 'report']

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
  report: ['core', 'metrics', 'research'],
  store: ['core'],
  jobs: [...PURE_FOLDERS, 'store'],
  notebook: [...PURE_FOLDERS, 'store', 'jobs'],
  sources: ['core', 'store'],
  loopback: ['core', 'market', 'store'],
  runner: [...PURE_FOLDERS, 'store', 'sources', 'jobs'],
  // Money is counted by the ledger's own positions; rows of a journal are of the engine's and the strategy's types; JSON is written as jobs writes it.
  monitor: ['core', 'risk', 'portfolio', 'engine', 'metrics', 'research', 'report', 'jobs', 'runner'],
  cli: [
    ...PURE_FOLDERS,
    'store',
    'jobs',
    'notebook',
    'sources',
    'loopback',
    'runner',
    'monitor',
    'index.ts',
    'lab.ts',
  ],
  'index.ts': ENGINE_LAYERS.concat('metrics', 'research'),
  'lab.ts': [...PURE_FOLDERS, 'store', 'jobs', 'notebook', 'index.ts'],
}

/** Every module named by an import of any form, a re-export, a type import or a dynamic import. */
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
    } else if (ts.isExternalModuleReference(node)) {
      found.push(ts.isStringLiteral(node.expression) ? node.expression.text : '(computed)')
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
      if (specifier === 'baleen' || specifier.startsWith('baleen/')) {
        faults.push(`${file.path}: src imports itself by name`)
      } else if (PURE.includes(folder) && ALLOWED_PACKAGES[folder]?.includes(specifier) !== true) {
        faults.push(`${file.path}: a pure folder imports ${specifier}`)
      }
      continue
    }
    const target = folderOf(resolveRelative(file.path, specifier))
    if (target !== folder && !allowed.includes(target)) {
      faults.push(`${file.path}: ${folder} may not import ${target} (${specifier})`)
    }
  }
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
