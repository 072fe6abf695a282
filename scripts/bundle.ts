import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { build } from 'esbuild'
import { BUILD_RECORD, buildRecord } from '../src/jobs/code-hash.js'

const ROOT = fileURLToPath(new URL('..', import.meta.url))
/** What is started or imported from outside by its path. They share all code: two copies of a class would be two classes. */
const ENTRIES = ['index', 'lab', 'cli/main', 'jobs/trial-worker']
/**
 * Packages laid into the bundle with their licence comments: every command loads them, and together they are three hundred small files, a quarter of the time that a command takes to start. All others
 * are loaded where they are installed.
 */
const LAID_IN = [
  '@stdlib/stats-base-dists-normal-cdf',
  '@stdlib/stats-base-dists-normal-quantile',
  'pure-rand',
  'zod',
]

/** Builds the code of one folder into another, emptied before: a few files, and the record by which the code names itself. */
export async function bundle(source: string, output: string): Promise<void> {
  const { dependencies, devDependencies } = JSON.parse(
    readFileSync(join(ROOT, 'package.json'), 'utf8'),
  ) as Record<'dependencies' | 'devDependencies', object>
  const loaded = Object.keys({ ...dependencies, ...devDependencies }).filter(
    (name) => !LAID_IN.includes(name),
  )
  rmSync(output, { recursive: true, force: true })
  await build({
    entryPoints: ENTRIES.map((name) => join(source, `${name}.ts`)),
    outbase: source,
    outdir: output,
    // As deep as the other entries' folders: see CODE_ROOT.
    chunkNames: 'chunks/[name]-[hash]',
    bundle: true,
    // To read less text makes a command start about a tenth sooner.
    minifyWhitespace: true,
    // Node shows the whole line above an error that nobody catches.
    lineLimit: 160,
    splitting: true,
    external: loaded.flatMap((name) => [name, `${name}/*`]),
    format: 'esm',
    platform: 'node',
    // Sources may lie elsewhere: a copy of them is built where it is asked whether a changed one may run.
    nodePaths: [join(ROOT, 'node_modules')],
    target: 'node20',
    tsconfig: join(ROOT, 'tsconfig.build.json'),
    logLevel: 'warning',
  })
  writeFileSync(join(output, BUILD_RECORD), `${JSON.stringify(buildRecord(source, output), undefined, 1)}\n`)
}
