/**
 * Calls once for each element, when it comes near the window or is about to be printed: a page of many charts opens as fast as one of
 * few.
 */
export function whenVisible(elements: readonly HTMLElement[], draw: (element: HTMLElement) => void): void {
  const waiting = new Set(elements)
  const start = (element: HTMLElement): void => {
    if (!waiting.delete(element)) return
    watcher.unobserve(element)
    draw(element)
  }
  const watcher = new IntersectionObserver(
    (entries) => {
      for (const entry of entries) if (entry.isIntersecting) start(entry.target as HTMLElement)
    },
    { rootMargin: '300px' },
  )
  for (const element of elements) watcher.observe(element)
  addEventListener('beforeprint', () => {
    for (const element of [...waiting]) if (element.offsetParent !== null) start(element)
  })
}

/** The data block inside an element. */
export function dataOf<Data>(element: HTMLElement): Data {
  return JSON.parse(element.querySelector('script[type="application/json"]')?.textContent ?? 'null') as Data
}
