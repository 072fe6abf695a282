import { createHash } from 'node:crypto'
import { safe, type Markup } from '../report/markup.js'
import { LIGHT_COLOURS } from '../report/page/style.js'
import { VEGA_CONFIG } from '../report/page/vega-config.js'
import type { VegaChartContents } from '../report/page/charts.js'
import { cellHtml } from './cell.js'
import { linesContents, type LinesOptions, type LineColumns } from './lines.js'

/** Pixels of a chart that takes the width it finds. */
const WIDTH = 740

/**
 * A Vega-Lite specification as HTML for a cell: `display.html(await chart({ title: 'Hours', spec: { data, mark: 'bar', encoding } }))`. Drawn to SVG right here,
 * without a browser. Colours may be roles of the pages' style, `var(--strategy)`, `var(--gain)`, `var(--loss)`. Throws what Vega-Lite throws for a
 * specification that it cannot read.
 */
export async function chart(contents: VegaChartContents): Promise<string> {
  return cellHtml([await chartMarkup(contents)])
}

/**
 * Columns over time as lines, as HTML for a cell: `display.html(await lines(candles.openTime, { close: candles.close }))`. Long columns are thinned so that their
 * extremes survive; a line is broken where values are missing. Throws DataError where a column has another length than the times.
 */
export async function lines(
  time: ArrayLike<number>,
  columns: LineColumns,
  options: LinesOptions = {},
): Promise<string> {
  return chart(linesContents(time, columns, options))
}

/** The same as a part of a cell. Vega is loaded when it is first needed. */
export async function chartMarkup({ title, spec, note, isVega }: VegaChartContents): Promise<Markup> {
  const [{ View, parse }, { compile }] = await Promise.all([import('vega'), import('vega-lite')])
  const given = withColours(spec) as { readonly width?: unknown }
  const sized = { config: withColours(VEGA_CONFIG), ...given, width: given.width ?? 'container' }
  const whole = sized.width === 'container' ? { ...sized, width: WIDTH } : sized
  const compiled = isVega === true ? given : compile(whole as Parameters<typeof compile>[0]).spec
  const view = new View(parse(compiled as Parameters<typeof parse>[0]), { renderer: 'none' })
  const svg = await view.toSVG().finally(() => view.finalize())
  return safe`${title === '' ? '' : safe`<h4>${title}</h4>`}${{ markup: withOwnIds(svg) }}${note === undefined ? '' : safe`<p class="note">${note}</p>`}`
}

const COLOURS = new Map([...LIGHT_COLOURS.matchAll(/--([a-z-]+):\s*([^;]+);/g)].map(([, name, value]) => [name, value])) // prettier-ignore

/** Roles as the colours that they are on light paper: what interpolates between two needs to know them. */
function withColours(spec: object): object {
  const text = JSON.stringify(spec).replaceAll(/var\(--([a-z-]+)\)/g, (role, name: string) => COLOURS.get(name) ?? role) // prettier-ignore
  return JSON.parse(text) as object
}

/**
 * Vega numbers what it refers to, over all drawings of a process; in a notebook many processes' drawings are one document. Equal drawings get equal ids, others
 * other ones.
 */
function withOwnIds(svg: string): string {
  const ids = [...svg.matchAll(/\bid="([^"]+)"/g)].map(([, id]) => id)
  const named = (prefix: string): string =>
    svg
      .replaceAll(/\bid="([^"]+)"/g, (_, id: string) => `id="${prefix}${ids.indexOf(id)}"`)
      .replaceAll(/url\(#([^)]+)\)/g, (_, id: string) => `url(#${prefix}${ids.indexOf(id)})`)
  return named(`d${createHash('sha256').update(named('')).digest('hex').slice(0, 8)}-`)
}
