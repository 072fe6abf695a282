/** A table of texts: what the command line prints and the page shows. Number columns are aligned to the right. */
export interface Table {
  readonly title: string
  readonly columns: readonly { readonly name: string; readonly isNumber: boolean }[]
  readonly rows: readonly (readonly string[])[]
}

/** Names of columns; one that ends in `#` holds numbers. */
export function table(
  title: string,
  columns: readonly string[],
  rows: readonly (readonly string[])[],
): Table {
  return {
    title,
    columns: columns.map((name) => ({ name: name.replace(/#$/, ''), isNumber: name.endsWith('#') })),
    rows,
  }
}
