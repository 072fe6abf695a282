import { register } from 'node:module'
import { pathToFileURL } from 'node:url'
import { entryFile } from './code-entry.js'

let ready: Promise<void> | undefined

/**
 * Lets this process import TypeScript files from anywhere. Their `baleen` is this very package, wherever they lie: no copy
 * has to be installed beside them, and there are never two. A `.ts` file is a module whatever package.json is above it.
 */
async function prepare(): Promise<void> {
  const tsx = await import('tsx/esm/api')
  tsx.register({ tsconfig: false })
  const names = { baleen: entryUrl('index'), 'baleen/lab': entryUrl('lab') }
  // Hooks run in a thread of their own and get their source as text. The last one registered is asked first.
  const hook = `
const names = new Map(${JSON.stringify(Object.entries(names))})
export async function resolve(specifier, context, next) {
  const url = names.get(specifier)
  if (url !== undefined) return { url, shortCircuit: true, format: 'module' }
  const found = await next(specifier, context)
  return /\\.ts(\\?|$)/.test(found.url) ? { ...found, format: 'module' } : found
}`
  register(`data:text/javascript,${encodeURIComponent(hook)}`)
}

function entryUrl(name: string): string {
  return pathToFileURL(entryFile(name)).href
}

/** Imports a TypeScript or JavaScript module by its absolute path. */
export async function importModule(path: string): Promise<Readonly<Record<string, unknown>>> {
  await (ready ??= prepare())
  return (await import(pathToFileURL(path).href)) as Record<string, unknown>
}
