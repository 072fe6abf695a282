import tseslint from 'typescript-eslint'
import ts from 'typescript'
import { folderOf, parse, type SourceFile, visit } from './source-files.js'

/** Folders and files of src/ without clock, randomness, environment, files or network: they get such things as arguments. */
export const PURE: readonly string[] = [
  'core', 'features', 'risk', 'strategy', 'portfolio', 'execution', 'trading', 'engine', 'market', 'metrics', 'research', 'report',
  'index.ts',
] // prettier-ignore

/** The only packages that pure folders import, each looked at: no clock, no hidden randomness, no reach outside. */
export const ALLOWED_PACKAGES: Readonly<Record<string, readonly string[]>> = {
  core: ['zod'],
  features: ['technicalindicators'],
  market: [
    'pure-rand/distribution/uniformFloat64',
    'pure-rand/generator/xoroshiro128plus',
    'pure-rand/types/RandomGenerator',
  ],
  metrics: ['@stdlib/stats-base-dists-normal-cdf', '@stdlib/stats-base-dists-normal-quantile'],
  research: [
    '@stdlib/stats-base-dists-normal-cdf',
    '@stdlib/stats-base-dists-normal-quantile',
    'pure-rand/generator/xoroshiro128plus',
  ],
}

/** Global values whose every use gives the same answer to the same question. All others are faults. */
const ALLOWED_GLOBALS: ReadonlySet<string> = new Set([
  'undefined', 'NaN', 'Infinity', 'Array', 'Boolean', 'JSON', 'Map', 'Number', 'Object', 'Proxy', 'Set', 'String',
  'Error', 'RangeError', 'TypeError', 'Float64Array', 'Int32Array', 'Uint8Array', 'SharedArrayBuffer',
]) // prettier-ignore

/** Of `Math`, `Date` and `Symbol` only these members, written out: `Math.max`, never `Math` itself under another name. */
const ALLOWED_MEMBERS: Readonly<Record<string, ReadonlySet<string>>> = {
  Math: new Set(['PI', 'abs', 'ceil', 'cos', 'exp', 'floor', 'imul', 'log', 'log1p', 'max', 'min', 'pow', 'round', 'sqrt', 'trunc']), // prettier-ignore
  Date: new Set(['UTC']),
  Symbol: new Set(['iterator']),
}

/** Members of any object that depend on the machine's language or time zone, or that lead to `Function`. */
const IMPURE_MEMBER =
  /^(toLocale\w*|localeCompare|toDateString|toTimeString|constructor|[gs]et(FullYear|Year|Month|Date|Day|Hours|Minutes|Seconds|Milliseconds)|getTimezoneOffset)$/

/** What single files may do for a reason that they give themselves. */
const EXCEPTIONS: Readonly<Record<string, readonly string[]>> = {
  // Loops whose text is their own, so that V8 optimises each for itself.
  'src/features/loop.ts': ['new Function', '.constructor'],
  'src/strategy/row-loop.ts': ['new Function'],
  'src/strategy/scan-plain.ts': ['new Function'],
  // Compiles modules that call nothing of ours or of the machine, synchronously.
  'src/core/web-assembly.ts': ['WebAssembly'],
  // Only texts that end in Z.
  'src/core/time.ts': ['Date.parse'],
}

/** Where a file reads names that nothing in it declares: values of the language or of Node. Types are none of our business. */
function globalReads(file: SourceFile): ReadonlySet<number> {
  interface Parsed {
    readonly scopeManager: {
      readonly globalScope: {
        readonly through: readonly {
          readonly isValueReference: boolean
          readonly identifier: { readonly range: readonly [number, number] }
        }[]
      }
    }
  }
  const options = { range: true, sourceType: 'module', lib: [] }
  const analyse: (text: string, options: object) => unknown = tseslint.parser.parseForESLint
  const { scopeManager } = analyse(file.text, options) as Parsed
  const reads = scopeManager.globalScope.through.filter(({ isValueReference }) => isValueReference)
  return new Set(reads.map(({ identifier }) => identifier.range[0]))
}

/** Uses of clock, randomness, environment, timers, network, files, locale or time zone in a file of a pure folder. */
export function purityFaults(file: SourceFile): string[] {
  if (!PURE.includes(folderOf(file.path))) return []
  const reads = globalReads(file)
  const faults: string[] = []
  const blame = (what: string): void => {
    if (EXCEPTIONS[file.path]?.includes(what) !== true) faults.push(`${file.path}: ${what} in a pure folder`)
  }
  visit(parse(file), (node) => {
    const member = memberName(node)
    if (member !== undefined && IMPURE_MEMBER.test(member)) blame(`.${member}`)
    for (const name of declaredGlobals(node)) blame(name)
    if (ts.isMetaProperty(node) && node.keywordToken === ts.SyntaxKind.ImportKeyword) blame('import.meta')
    if (ts.isIdentifier(node) && reads.has(node.getStart())) {
      const fault = globalFault(node)
      if (fault !== undefined) blame(fault)
    }
  })
  return faults
}

/** Names of this machine's globals to which a file gives a type of its own, which would hide their use from `globalReads`. */
function declaredGlobals(node: ts.Node): string[] {
  if (!ts.isVariableStatement(node)) return []
  if (node.modifiers?.some(({ kind }) => kind === ts.SyntaxKind.DeclareKeyword) !== true) return []
  const names = node.declarationList.declarations.map(({ name }) => name.getText())
  return names.filter((name) => name in globalThis && !ALLOWED_GLOBALS.has(name))
}

/** The member that a node takes out of an object: `x.name`, `x['name']`, `{ name } = x`, `{ name: y } = x`. */
function memberName(node: ts.Node): string | undefined {
  if (ts.isPropertyAccessExpression(node)) return node.name.text
  if (ts.isElementAccessExpression(node)) {
    return ts.isStringLiteralLike(node.argumentExpression) ? node.argumentExpression.text : undefined
  }
  if (!ts.isBindingElement(node) || !ts.isObjectBindingPattern(node.parent)) return undefined
  const name = node.propertyName ?? node.name
  return ts.isIdentifier(name) || ts.isStringLiteral(name) ? name.text : undefined
}

/** What is wrong with this use of a global, in words; undefined where nothing is. */
function globalFault(node: ts.Identifier): string | undefined {
  const { text, parent } = node
  const isCallee = (ts.isNewExpression(parent) || ts.isCallExpression(parent)) && parent.expression === node
  if (text === 'Function' && isCallee && ts.isNewExpression(parent)) return 'new Function'
  if (text === 'Date' && isCallee && ts.isNewExpression(parent)) return newDateFault(parent)
  const members = Object.hasOwn(ALLOWED_MEMBERS, text) ? ALLOWED_MEMBERS[text] : undefined
  if (members === undefined) return ALLOWED_GLOBALS.has(text) ? undefined : text
  if (!ts.isPropertyAccessExpression(parent) || parent.expression !== node) return `${text} as a value`
  return members.has(parent.name.text) ? undefined : `${text}.${parent.name.text}`
}

/** One argument is an instant; none is the clock; several, and a text without Z, are local time. */
function newDateFault({ arguments: given }: ts.NewExpression): string | undefined {
  const [only] = given ?? []
  const isOne = only !== undefined && given?.length === 1
  if (isOne && !ts.isSpreadElement(only) && !ts.isStringLiteralLike(only) && !ts.isTemplateExpression(only))
    return undefined
  return 'new Date of anything but one instant'
}
