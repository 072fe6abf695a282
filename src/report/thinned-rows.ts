/**
 * Rows of several columns over the same time to be drawn: all of them where there are no more than `most`, else of each stretch the rows of
 * every column's lowest and highest value, so that extremes survive; and the last row. A stretch in which something becomes unknown
 * keeps one such row, so that gaps are seen. Rising, O(rows · columns).
 */
export function thinnedRows(columns: readonly ArrayLike<number>[], count: number, most: number): number[] {
  if (count <= most) return Array.from({ length: count }, (_, row) => row)
  const size = Math.ceil((count * 3 * columns.length) / most)
  const rows = new Set<number>([0, count - 1])
  for (let start = 0; start < count; start += size) {
    const end = Math.min(start + size, count)
    for (const column of columns) {
      let [lowest, highest, unknown] = [-1, -1, -1]
      for (let row = start; row < end; row++) {
        const value = column[row]!
        if (value !== value) unknown = row
        else {
          if (lowest < 0 || value < column[lowest]!) lowest = row
          if (highest < 0 || value > column[highest]!) highest = row
        }
      }
      for (const row of [lowest, highest, unknown]) if (row >= 0) rows.add(row)
    }
  }
  return [...rows].sort((a, b) => a - b)
}
