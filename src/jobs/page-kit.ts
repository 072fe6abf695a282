import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import type { PageKit } from '../report/page/index.js'

/** Reads the libraries that pages are drawn with from where they are installed. */
export async function loadPageKit(): Promise<PageKit> {
  const [vega, interpreter, uPlot, uPlotStyle, { compile }] = await Promise.all([
    libraryText('vega', 'vega.min.js'),
    libraryText('vega-interpreter', 'vega-interpreter.js'),
    libraryText('uplot', 'uPlot.iife.min.js'),
    libraryText('uplot', 'uPlot.min.css'),
    import('vega-lite'),
  ])
  return {
    vega: scriptText('vega', `${vega}\n${interpreterScript(interpreter)}`),
    uPlot: scriptText('uplot', uPlot),
    uPlotStyle,
    sha256: (text) => createHash('sha256').update(text).digest('base64'),
    compileVegaLite: (spec) => compile(spec as Parameters<typeof compile>[0]).spec,
  }
}

/** A file beside the one that a package is imported by, or beside its folder for CommonJS. */
async function libraryText(name: string, file: string): Promise<string> {
  const entry = fileURLToPath(import.meta.resolve(name))
  return readFile(join(dirname(entry), file), 'utf8')
}

const IMPORT = /^import \{([^}]*)\} from 'vega-util';$/m
const EXPORT = /^export \{ expression as expressionInterpreter \};$/m

/** The interpreter comes as a module only: as a script it takes from `vega` what it would import. */
function interpreterScript(module: string): string {
  if (!IMPORT.test(module) || !EXPORT.test(module)) throw new Error('vega-interpreter is not the module that was expected') // prettier-ignore
  const body = module.replace(IMPORT, 'const {$1} = vega;').replace(EXPORT, 'return expression;').replace(/^\/\/# .*$/m, '') // prettier-ignore
  return `const vegaInterpreter = (() => {\n${body}\n})();`
}

/** A script that a page can hold between its tags. */
function scriptText(name: string, text: string): string {
  if (/<\/script|<!--/i.test(text)) throw new Error(`${name} cannot be put into a page: it holds the end of a script`) // prettier-ignore
  return text.replace(/^\/\/# sourceMappingURL=.*$/gm, '')
}
