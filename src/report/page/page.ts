import { safe, type Markup } from '../markup.js'
import { PAGE_SCRIPT } from './script.js'
import { PAGE_STYLE } from './style.js'

/** What pages are made with, from outside: the texts of libraries and two functions. Loaded by `loadPageKit` in src/jobs/page-kit.ts. */
export interface PageKit {
  /** Scripts of Vega; they define `vega` and `vegaInterpreter`. */
  readonly vega: string
  /** Script of uPlot; it defines `uPlot`. */
  readonly uPlot: string
  readonly uPlotStyle: string
  /** SHA-256 of a text in UTF-8, base64. */
  readonly sha256: (text: string) => string
  /** Turns a Vega-Lite specification into one of Vega. */
  readonly compileVegaLite: (spec: object) => object
}

/** A part of a page under a heading, listed in the page's contents. */
export interface PageSection {
  /** Name of the anchor: letters, digits and hyphens. */
  readonly id: string
  readonly title: string
  readonly body: Markup
}

/** Everything that a page shows. */
export interface PageContents {
  /** Of the window, as plain text. */
  readonly title: string
  /** What stands above the sections: what this is, and what to doubt. `pageBanner` makes one. */
  readonly banner: Markup
  readonly sections: readonly PageSection[]
  readonly footer: Markup
}

/** Said at the foot of every page that shows results. */
export const RISK_NOTICE: Markup = safe`Past results, simulated or real, say little about future ones; trading can lose more than was put in. Nothing here is advice.`

/**
 * One HTML file that needs nothing else: libraries and data lie in it, nothing is requested, and its policy lets no script run but those it
 * was made with, by their hashes. Libraries come along only where a section holds a chart that needs them.
 *
 * A page is made of `safe` templates and the kit's components:
 *
 * ```ts
 * const kit = await loadPageKit()
 * const html = makePage(kit, {
 *   title: 'Two runs',
 *   banner: pageBanner({ title: 'Two runs', lines: ['…'], labels: [{ text: 'SYNTHETIC DATA', isLoud: true }], warnings: [] }),
 *   sections: [
 *     { id: 'returns', title: 'Returns', body: safe`${timeChart({ title: 'Equity', height: 240, data })}${vegaChart(kit, { … })}` },
 *     { id: 'figures', title: 'Figures', body: pageTable(table('', ['Figure', 'Value#'], rows)) },
 *   ],
 *   footer: RISK_NOTICE,
 * })
 * ```
 */
export function makePage(kit: PageKit, { title, banner, sections, footer }: PageContents): string {
  const body = safe`${banner}
    <nav class="contents" aria-label="Contents">
      ${sections.map(({ id, title: name }) => safe`<a href="#${id}">${name}</a>`)}
    </nav>
    ${sections.map(({ id, title: name, body: part }) => safe`<section id="${id}"><h2>${name}</h2>${part}</section>`)}
    <footer>${footer}</footer>`
  const hasVega = body.markup.includes('class="vega-chart"')
  const hasTime = body.markup.includes('class="time-chart"')
  const scripts = [...(hasVega ? [kit.vega] : []), ...(hasTime ? [kit.uPlot] : []), PAGE_SCRIPT]
  const style = hasTime ? `${kit.uPlotStyle}\n${PAGE_STYLE}` : PAGE_STYLE
  const hash = (text: string): string => `'sha256-${kit.sha256(text)}'`
  const policy = [
    `default-src 'none'`,
    `style-src ${hash(style)}`,
    `script-src ${scripts.map(hash).join(' ')}`,
    `base-uri 'none'`,
    `form-action 'none'`,
  ].join('; ')
  const page = safe`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>${title}</title>
<style>${{ markup: style }}</style>
</head>
<body>
<button id="theme" type="button" hidden aria-label="Change between light and dark">Dark</button>
<main>
${body}
</main>
${scripts.map((script) => ({ markup: `<script>${script}</script>` }))}
</body>
</html>
`
  return page.markup
}

/** What a page says first. */
export interface BannerContents {
  readonly title: string
  /** Under the title: ids, instruments, periods. */
  readonly lines: readonly string[]
  /** Short words in frames; loud ones must not be overlooked. */
  readonly labels: readonly {
    readonly text: string
    readonly isLoud?: boolean
    readonly explanation?: string
  }[]
  /** What to know before believing a figure, gravest first. */
  readonly warnings: readonly string[]
}

export function pageBanner({ title, lines, labels, warnings }: BannerContents): Markup {
  const label = ({ text, isLoud, explanation }: BannerContents['labels'][number]): Markup =>
    safe`<span class="${isLoud === true ? 'label loud' : 'label'}" title="${explanation ?? ''}">${text}</span>`
  return safe`<header>
    <div class="labels">${labels.map(label)}</div>
    <h1>${title}</h1>
    ${lines.map((line) => safe`<p class="soft">${line}</p>`)}
    ${warnings.length === 0 ? '' : safe`<ul class="warnings">${warnings.map((text) => safe`<li>${text}</li>`)}</ul>`}
  </header>`
}

/**
 * Data inside a page that no parser of HTML can mistake for markup: nothing in it looks like a tag. Keys stand in order, so that equal data
 * make equal pages, whether they come from a replay or from a stored run.
 */
export function dataBlock(data: unknown): Markup {
  const json = JSON.stringify(data, keysInOrder).replaceAll('<', '\\u003c').replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029') // prettier-ignore
  return { markup: `<script type="application/json">${json}</script>` }
}

function keysInOrder(_key: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
}
