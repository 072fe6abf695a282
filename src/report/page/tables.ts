import { safe, type Markup } from '../markup.js'
import type { Table } from '../table.js'
import type { RecordTableData } from './chart-data.js'
import { dataBlock } from './page.js'

/** A table whose rows are sorted by a click on a heading. Numbers are read out of their texts: `1,234.50`, `12.3 %`, `3.5 d`. */
export function pageTable({ title, columns, rows }: Table): Markup {
  const number = (index: number): Markup =>
    columns[index]?.isNumber === true ? safe` class="number"` : safe``
  const cell = (text: string, index: number): Markup => {
    const value = columns[index]?.isNumber === true ? sortValue(text) : undefined
    const shown = cellMarkup(text)
    return value === undefined ? safe`<td${number(index)}>${shown}</td>` : safe`<td${number(index)} data-value="${value}">${shown}</td>` // prettier-ignore
  }
  const heading = title === '' ? safe`` : safe`<h3>${title}</h3>`
  const isSortable = rows.length > 1 && columns.length > 2
  const name = (text: string): Markup =>
    isSortable ? safe`<button type="button">${text}</button>` : safe`${text}`
  return safe`<div class="table">${heading}<div class="scroll" tabindex="0"><table class="${layout(columns)}"${isSortable ? safe` data-sortable` : safe``}>
<thead><tr>${columns.map((column, index) => safe`<th scope="col"${number(index)}>${name(column.name)}</th>`)}</tr></thead>
<tbody>${rows.map((row) => safe`<tr>${row.map(cell)}</tr>`)}</tbody>
</table></div></div>`
}

/** A figure never parts from its unit; the reason of an n/a is set small. */
function cellMarkup(text: string): Markup {
  const absent = /^n\/a \((.*)\)$/s.exec(text)
  if (absent !== null) return safe`n/a <small>(${absent[1] ?? ''})</small>`
  const whole = text.replace(/^(-?[\d,.]+) (%|d|h|min|bps)$/, '$1\u00a0$2')
  // Every other piece is a date, which never breaks at its hyphens.
  const pieces = whole.split(/(\d{4}-\d\d-\d\d)/)
  return pieces.reduce((all, piece, at) => (at % 2 === 0 ? safe`${all}${piece}` : safe`${all}<span class="date">${piece}</span>`), safe``) // prettier-ignore
}

/** The number that a formatted text stands for, durations in days; the empty text, which is sorted last, where it is none. */
function sortValue(text: string): string {
  const match = /^(-?[\d,]+(?:\.\d+)?)(?: (%|d|h|min|bps))?$/.exec(text)
  if (match === null) return /^\d{4}-\d\d-\d\d/.test(text) ? text : ''
  const value = Number((match[1] ?? '').replaceAll(',', ''))
  return String(match[2] === 'h' ? value / 24 : match[2] === 'min' ? value / 1440 : value)
}

/** How a table fits a narrow screen: values of pairs wrap, cells of texts go below each other, many numbers are scrolled. */
function layout(columns: Table['columns']): 'pairs' | 'texts' | 'numbers' {
  if (columns.length === 2) return 'pairs'
  return columns.some(({ isNumber }) => isNumber) ? 'numbers' : 'texts'
}

/** Many records: the page sorts them, filters them by text and by chosen columns, shows a page at a time and saves them as CSV. */
export function recordTable(data: RecordTableData): Markup {
  return safe`<div class="records">${dataBlock(data)}</div>`
}
