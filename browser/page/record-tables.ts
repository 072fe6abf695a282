import type { RecordColumn, RecordTableData } from '../../src/report/page/chart-data.js'
import { formatAs } from './format.js'
import { compare } from './sortable-tables.js'
import { dataOf } from './visible.js'

/** Tables of many records: sorted, filtered, paged and saved as CSV by the page. */
export function startRecordTables(): void {
  for (const element of document.querySelectorAll<HTMLElement>('.records')) {
    new RecordTable(element, dataOf<RecordTableData>(element)).start()
  }
}

class RecordTable {
  private readonly shown: readonly RecordColumn[]
  private readonly rowCount: number
  private readonly filters = new Map<RecordColumn, string>()
  private words: readonly string[] = []
  private sortedBy: { readonly column: RecordColumn; readonly ascending: boolean } | undefined
  private page = 0

  constructor(
    private readonly element: HTMLElement,
    private readonly data: RecordTableData,
  ) {
    this.shown = data.columns.filter(({ isHidden }) => isHidden !== true)
    this.rowCount = data.columns[0]?.values.length ?? 0
  }

  start(): void {
    this.element.append(this.controls(), this.frame())
    this.draw()
  }

  private controls(): HTMLElement {
    const bar = make('div', 'controls')
    const search = make('input')
    search.type = 'search'
    search.placeholder = 'Filter'
    search.setAttribute('aria-label', 'Filter rows by text')
    search.addEventListener('input', () => {
      this.words = search.value
        .toLowerCase()
        .split(/\s+/)
        .filter((word) => word !== '')
      this.restart()
    })
    bar.append(
      search,
      ...this.data.columns.filter(({ isChoice }) => isChoice).map((column) => this.choice(column)),
    )
    const { csvName } = this.data
    if (csvName !== undefined) {
      const button = make('button')
      button.type = 'button'
      button.className = 'csv'
      button.textContent = 'Save as CSV'
      button.addEventListener('click', () => save(this.csv(), csvName))
      bar.append(button)
    }
    return bar
  }

  private choice(column: RecordColumn): HTMLElement {
    const select = make('select')
    select.setAttribute('aria-label', column.name)
    const all = make('option')
    all.value = ''
    all.textContent = `${column.name}: all`
    const values = [...new Set(column.values.map(String))].sort()
    select.append(
      all,
      ...values.map((value) => {
        const option = make('option')
        option.value = `=${value}`
        option.textContent = value
        return option
      }),
    )
    select.addEventListener('change', () => {
      if (select.value === '') this.filters.delete(column)
      else this.filters.set(column, select.value.slice(1))
      this.restart()
    })
    return select
  }

  private frame(): HTMLElement {
    const scroll = make('div', 'scroll')
    scroll.tabIndex = 0
    const table = make('table')
    const head = table.createTHead().insertRow()
    for (const column of this.shown) {
      const heading = make('th')
      heading.scope = 'col'
      if (column.unit !== undefined && column.unit !== 'time') heading.className = 'number'
      if (column.isCopied === true) heading.className = 'copied'
      const button = make('button')
      button.type = 'button'
      button.textContent = column.name
      button.addEventListener('click', () => {
        const again = this.sortedBy?.column === column && !this.sortedBy.ascending
        this.sortedBy = { column, ascending: again }
        for (const other of head.cells) other.removeAttribute('aria-sort')
        heading.setAttribute('aria-sort', again ? 'ascending' : 'descending')
        this.restart()
      })
      heading.append(button)
      head.append(heading)
    }
    table.createTBody()
    scroll.append(table)
    const footer = make('div', 'pages')
    const all = make('div')
    all.append(scroll, footer)
    return all
  }

  private restart(): void {
    this.page = 0
    this.draw()
  }

  /** Rows that pass the filters, in order. */
  private rows(): number[] {
    const rows: number[] = []
    for (let row = 0; row < this.rowCount; row++) if (this.passes(row)) rows.push(row)
    if (this.sortedBy !== undefined) {
      const { column, ascending } = this.sortedBy
      rows.sort((a, b) => compare(column.values[a] ?? null, column.values[b] ?? null, ascending) || a - b)
    }
    return rows
  }

  private passes(row: number): boolean {
    for (const [column, wanted] of this.filters) if (String(column.values[row]) !== wanted) return false
    if (this.words.length === 0) return true
    const text = this.shown
      .map((column) => cellText(column, row))
      .join('\n')
      .toLowerCase()
    return this.words.every((word) => text.includes(word))
  }

  private draw(): void {
    const rows = this.rows()
    const { rowsPerPage } = this.data
    const pages = Math.max(1, Math.ceil(rows.length / rowsPerPage))
    this.page = Math.min(this.page, pages - 1)
    const first = this.page * rowsPerPage
    const body = this.element.querySelector('tbody')
    body?.replaceChildren(...rows.slice(first, first + rowsPerPage).map((row) => this.row(row)))
    const footer = this.element.querySelector('.pages')
    const shown = `${rows.length === 0 ? 0 : first + 1}–${Math.min(first + rowsPerPage, rows.length)} of ${rows.length.toLocaleString('en-GB')}`
    const count = make('span')
    count.textContent =
      rows.length === this.rowCount ? shown : `${shown} (${this.rowCount.toLocaleString('en-GB')} in all)`
    const turn = (text: string, page: number): HTMLButtonElement => {
      const button = make('button')
      button.type = 'button'
      button.textContent = text
      button.disabled = page < 0 || page >= pages
      button.addEventListener('click', () => {
        this.page = page
        this.draw()
      })
      return button
    }
    const buttons = pages === 1 ? [] : [turn('Previous', this.page - 1), turn('Next', this.page + 1)]
    footer?.replaceChildren(count, ...buttons)
  }

  private row(row: number): HTMLTableRowElement {
    const line = make('tr')
    for (const column of this.shown) {
      const cell = line.insertCell()
      const value = column.values[row]
      if (column.isCopied === true && typeof value === 'string') {
        cell.className = 'copied'
        cell.append(copyButton(value), code(value))
        continue
      }
      cell.textContent = cellText(column, row)
      if (column.unit === undefined) continue
      const isLoss = column.isSigned === true && typeof value === 'number' && value < 0
      cell.className = column.unit === 'time' ? 'time' : isLoss ? 'number negative' : 'number'
    }
    return line
  }

  /** All columns, hidden ones too, of the rows that pass the filters. */
  private csv(): string {
    const { columns } = this.data
    const lines = this.rows().map((row) => columns.map((column) => csvCell(column, row)).join(','))
    return [columns.map(({ name }) => quoted(name)).join(','), ...lines].join('\r\n') + '\r\n'
  }
}

function cellText(column: RecordColumn, row: number): string {
  const value = column.values[row] ?? null
  if (value === null) return '–'
  return typeof value === 'number' && column.unit !== undefined ? formatAs(value, column.unit) : String(value)
}

function csvCell(column: RecordColumn, row: number): string {
  const value = column.values[row] ?? null
  if (value === null) return ''
  if (typeof value === 'number') return column.unit === 'time' ? new Date(value).toISOString() : String(value)
  return quoted(value)
}

/** A text that a spreadsheet would take for a formula is marked as text. */
function quoted(text: string): string {
  const plain = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return `"${plain.replaceAll('"', '""')}"`
}

function save(text: string, name: string): void {
  const url = URL.createObjectURL(new Blob([text], { type: 'text/csv' }))
  const link = make('a')
  link.href = url
  link.download = name
  link.click()
  setTimeout(() => URL.revokeObjectURL(url), 10_000)
}

/** Copies a text; where the browser does not allow that, the text beside it is selected, ready to be copied by hand. */
function copyButton(text: string): HTMLButtonElement {
  const button = make('button', 'copy')
  button.type = 'button'
  button.textContent = 'Copy'
  const say = (word: string): void => {
    button.textContent = word
    setTimeout(() => (button.textContent = 'Copy'), 2000)
  }
  const select = (): void => {
    if (button.nextElementSibling !== null) getSelection()?.selectAllChildren(button.nextElementSibling)
    say('Selected')
  }
  button.addEventListener('click', () => {
    const { clipboard } = navigator as { clipboard?: Clipboard }
    if (clipboard === undefined) select()
    else void clipboard.writeText(text).then(() => say('Copied'), select)
  })
  return button
}

function code(text: string): HTMLElement {
  const element = make('code')
  element.textContent = text
  return element
}

function make<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  className?: string,
): HTMLElementTagNameMap[Name] {
  const element = document.createElement(name)
  if (className !== undefined) element.className = className
  return element
}
