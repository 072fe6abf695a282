import { safe, type Markup } from '../report/markup.js'
import type { Table } from '../report/table.js'
import { LIGHT_COLOURS } from '../report/page/style.js'

/** Everything in a cell is drawn on light paper, whatever the notebook's theme: a drawing's colours are fixed once it is made. Jupyter has its own mind on tables. */
const STYLE = `
.baleen-cell { ${LIGHT_COLOURS}
  background: var(--paper); color: var(--ink); font: 13px/1.45 system-ui, sans-serif; padding: 8px 10px; max-width: 780px; }
.baleen-cell p { margin: 2px 0; } .baleen-cell .soft { color: var(--soft); } .baleen-cell .note { color: var(--soft); font-size: 12px; margin: 0 0 8px; }
.baleen-cell h4 { font-size: 13px; font-weight: 600; margin: 10px 0 2px; } .baleen-cell .head { font-size: 15px; font-weight: 600; margin: 0 0 2px; }
.baleen-cell .label { border: 1px solid var(--warn-line); background: var(--warn); color: var(--loud); border-radius: 4px; padding: 0 6px; font-size: 11px; font-weight: 600; letter-spacing: .03em; }
.baleen-cell .tiles { display: flex; flex-wrap: wrap; gap: 4px 22px; margin: 8px 0; } .baleen-cell .tiles b { display: block; font-size: 16px; font-variant-numeric: tabular-nums; } .baleen-cell .tiles small { display: block; color: var(--soft); max-width: 150px; }
.baleen-cell ul { margin: 4px 0; padding: 4px 10px 4px 26px; background: var(--warn); border-left: 3px solid var(--warn-line); }
div.baleen-cell .scroll { overflow-x: auto; } div.baleen-cell table { border-collapse: collapse; margin: 4px 0; font-size: 12px; border: 0; }
div.baleen-cell table tbody tr { background: none !important; } div.baleen-cell table th, div.baleen-cell table td { text-align: left !important; padding: 2px 14px 2px 0; border: 0; border-bottom: 1px solid var(--line); background: none; color: var(--ink); vertical-align: top; white-space: pre-wrap; max-width: 430px; }
div.baleen-cell table th { color: var(--soft); font-weight: 500; } div.baleen-cell table .number { text-align: right !important; font-variant-numeric: tabular-nums; white-space: nowrap; }
.baleen-cell svg { display: block; max-width: 100%; height: auto; }
`

/** The HTML of a cell; needs nothing else, runs no script, and its style reaches nothing outside. */
export function cellHtml(parts: readonly Markup[]): string {
  return safe`<div class="baleen-cell"><style>${{ markup: STYLE }}</style>${parts}</div>`.markup
}

export function tableMarkup({ title, columns, rows }: Table): Markup {
  const attribute = (at: number): Markup => (columns[at]?.isNumber === true ? safe` class="number"` : safe``)
  return safe`${title === '' ? '' : safe`<h4>${title}</h4>`}<div class="scroll"><table>
<thead><tr>${columns.map(({ name }, at) => safe`<th${attribute(at)}>${name}</th>`)}</tr></thead>
<tbody>${rows.map((row) => safe`<tr>${row.map((text, at) => safe`<td${attribute(at)}>${text}</td>`)}</tr>`)}</tbody></table></div>`
}

/** First of all: what this is, whether it is invented, and in small what else must be known. */
export function headMarkup(title: string, isSynthetic: boolean, lines: readonly string[]): Markup {
  return safe`<p class="head">${title} ${isSynthetic ? safe`<span class="label">SYNTHETIC DATA</span>` : ''}</p>${lines.map((line) => safe`<p class="soft">${line}</p>`)}`
}

export function warningsMarkup(warnings: readonly string[]): Markup {
  return warnings.length === 0 ? safe`` : safe`<ul>${warnings.map((text) => safe`<li>${text}</li>`)}</ul>`
}

/** Figures side by side: label, value, and in small what is missing. */
export function tilesMarkup(
  tiles: readonly (readonly [label: string, value: string, reason?: string])[],
): Markup {
  return safe`<div class="tiles">${tiles.map(([label, value, reason]) => safe`<div><small>${label}</small><b>${value}</b>${reason === undefined ? '' : safe`<small>${reason}</small>`}</div>`)}</div>`
}
