/** A list that shows one of several parts at a time: `<select data-shows="#group">` over `<div data-part="…">`. */
export function startChoices(): void {
  for (const select of document.querySelectorAll<HTMLSelectElement>('select[data-shows]')) {
    const parts = [
      ...document.querySelectorAll<HTMLElement>(`#${select.dataset['shows'] ?? ''} > [data-part]`),
    ]
    const show = (): void => {
      for (const part of parts) part.hidden = part.dataset['part'] !== select.value
    }
    select.addEventListener('change', show)
    show()
  }
}
