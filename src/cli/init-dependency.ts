import { existsSync, readFileSync } from 'node:fs'
import { basename, dirname, join, relative, resolve } from 'node:path'

/**
 * What a workspace's package.json says of `baleen`, so that `npm install` there gives the package that runs now: as the project it was
 * installed into asked for it (a tarball, a version, an address), the folder itself where that is not known, as with a clone.
 */
export function dependencyOnThis(workspace: string, packageRoot: string): string {
  const linked = fileSpec(workspace, packageRoot)
  if (basename(dirname(packageRoot)) !== 'node_modules') return linked
  const installedInto = dirname(dirname(packageRoot))
  const { dependencies, devDependencies } = packageFile(join(installedInto, 'package.json'))
  const asked = dependencies?.['baleen'] ?? devDependencies?.['baleen']
  if (asked === undefined) return linked
  if (asked.startsWith('file:')) {
    const source = resolve(installedInto, asked.slice('file:'.length))
    return existsSync(source) ? fileSpec(workspace, source) : linked
  }
  // An address stays as it is; of a range, what is installed now: a study is made again with what it was made with.
  return /[:/]/.test(asked) ? asked : (packageFile(join(packageRoot, 'package.json')).version ?? asked)
}

function fileSpec(workspace: string, path: string): string {
  return `file:${relative(workspace, path).replaceAll('\\', '/') || '.'}`
}

interface PackageFile {
  readonly version?: string
  readonly dependencies?: Readonly<Record<string, string>>
  readonly devDependencies?: Readonly<Record<string, string>>
}

function packageFile(path: string): PackageFile {
  return existsSync(path) ? (JSON.parse(readFileSync(path, 'utf8')) as PackageFile) : {}
}
