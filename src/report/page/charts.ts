import { safe, type Markup } from '../markup.js'
import type { TimeChartData } from './chart-data.js'
import { dataBlock, type PageKit } from './page.js'
import { packColumn, packTimes } from './packed-columns.js'
import { VEGA_CONFIG } from './vega-config.js'

export interface TimeChartContents {
  readonly title: string
  /** Pixels. */
  readonly height: number
  readonly data: TimeChartData
  /** What the chart shows, where its title does not say. */
  readonly note?: string
}

/**
 * A chart over time. Dragging chooses a range, for all charts of its group; a double click shows everything again. Values at the pointer
 * stand above it.
 */
export function timeChart({ title, height, data, note }: TimeChartContents): Markup {
  const scale = data.hasLogarithmic === true ? safe`<button type="button" class="scale" aria-pressed="false">Logarithmic</button>` : safe`` // prettier-ignore
  return safe`<figure class="time-chart" data-height="${height}" data-group="${data.group}">
<figcaption>${title === '' ? '' : safe`<strong>${title}</strong>`}<span class="readout"></span>${scale}</figcaption>
<div class="drawing" role="img" aria-label="${title === '' ? data.series.map(({ label }) => label).join(', ') : title}"></div>
${noteMarkup(note)}${dataBlock(packed(data))}
</figure>`
}

/** As the page's script unpacks it: pages of many charts over the same regular times stay small. */
function packed(data: TimeChartData): object {
  const series = data.series.map((one) => ({ ...one, values: packColumn(one.values) }))
  return { ...data, time: packTimes(data.time), series }
}

/** Buttons that show the last month, year, … of all charts of a group. */
export function zoomButtons(group: string): Markup {
  const choices: readonly (readonly [string, number])[] = [['1 month', 30], ['3 months', 91], ['6 months', 182], ['1 year', 365]] // prettier-ignore
  return safe`<div class="zoom-buttons" data-group="${group}" role="group" aria-label="Range of time">
<span class="soft">Drag over a chart to zoom all of them; double click for everything.</span>
${choices.map(([name, days]) => safe`<button type="button" data-days="${days}">${name}</button>`)}
<button type="button">All</button>
</div>`
}

export interface VegaChartContents {
  readonly title: string
  /** A Vega-Lite specification without a title. Colours are roles of the style: `var(--gain)`. Width: `container`, or pixels. */
  readonly spec: object
  /** The specification is one of Vega itself. */
  readonly isVega?: boolean
  /** What the chart shows, where its title does not say. */
  readonly note?: string
}

/** A chart by a Vega-Lite specification; tooltips are shown as the page's own. */
export function vegaChart(kit: PageKit, { title, spec, note, isVega }: VegaChartContents): Markup {
  const compiled = isVega === true ? spec : kit.compileVegaLite({ config: VEGA_CONFIG, ...spec })
  return safe`<figure class="vega-chart">
<figcaption><strong>${title}</strong></figcaption>
<div class="drawing" role="img" aria-label="${title}"></div>
${noteMarkup(note)}${dataBlock(compiled)}
</figure>`
}

function noteMarkup(note: string | undefined): Markup {
  return note === undefined ? safe`` : safe`<p class="note">${note}</p>`
}

/** Charts side by side, two where there is room for them. */
export function chartGrid(...charts: readonly Markup[]): Markup {
  return safe`<div class="chart-grid">${charts}</div>`
}

/** The same for small charts: three. */
export function chartRow(...charts: readonly Markup[]): Markup {
  return safe`<div class="chart-grid three">${charts}</div>`
}

/**
 * A list of names above parts of which one is shown at a time; all are printed, each under its name. One part is shown as it is.
 * @param id letters, digits and hyphens, once a page
 * @param link choices of one link change together; default: the id
 */
export function choice(
  id: string,
  label: string,
  parts: readonly (readonly [name: string, body: Markup])[],
  link: string = id,
): Markup {
  if (parts.length === 1) return parts[0]?.[1] ?? safe``
  const options = parts.map(([name], index) => safe`<option value="${index}">${name}</option>`)
  return safe`<label class="choice">${label} <select data-shows="${id}" data-link="${link}">${options}</select></label>
<div id="${id}">${parts.map(([name, body], index) => safe`<div data-part="${index}"><p class="part-name">${name}</p>${body}</div>`)}</div>`
}
