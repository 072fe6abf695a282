/** An axis over parts of a param, each one wide: their names in the middle of each, not more of them than a phone can show. */
export function partsAxis(title: string, labels: readonly string[]): object {
  const every = Math.ceil(labels.length / 10)
  const values = labels.flatMap((_, at) => (at % every === 0 ? [at + 0.5] : []))
  return { title, values, labelExpr: `${JSON.stringify(labels)}[floor(datum.value)]`, grid: false, labelLimit: 110, labelOverlap: true } // prettier-ignore
}
