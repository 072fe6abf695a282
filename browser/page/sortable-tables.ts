/** Lets a click on a heading sort the rows of a table whose cells carry their numbers in `data-value`. */
export function startSortableTables(): void {
  for (const table of document.querySelectorAll<HTMLTableElement>('table[data-sortable]')) {
    const body = table.tBodies[0]
    const headings = [...(table.tHead?.rows[0]?.cells ?? [])]
    if (body === undefined) continue
    headings.forEach((heading, column) => {
      const button = heading.querySelector('button')
      button?.addEventListener('click', () => {
        const descending = heading.getAttribute('aria-sort') === 'descending'
        for (const other of headings) other.removeAttribute('aria-sort')
        heading.setAttribute('aria-sort', descending ? 'ascending' : 'descending')
        const rows = [...body.rows].sort((a, b) => compareCells(a.cells[column], b.cells[column], descending))
        body.replaceChildren(...rows)
      })
    })
  }
}

function compareCells(a: HTMLElement | undefined, b: HTMLElement | undefined, ascending: boolean): number {
  const [left, right] = [
    a?.dataset['value'] ?? a?.textContent ?? '',
    b?.dataset['value'] ?? b?.textContent ?? '',
  ]
  return compare(numberOrText(left), numberOrText(right), ascending)
}

function numberOrText(text: string): number | string | null {
  if (text === '') return null
  const number = Number(text)
  return Number.isNaN(number) ? text : number
}

/** Orders values; what is absent comes last whichever way the others run. */
export function compare(a: number | string | null, b: number | string | null, ascending: boolean): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  const order =
    typeof a === 'number' && typeof b === 'number' ? a - b : String(a) < String(b) ? -1 : a === b ? 0 : 1
  return ascending ? order : -order
}
