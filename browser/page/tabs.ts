/** Lists that show one of several parts at a time: `<select data-shows="group">` over `<div id="group"><div data-part="…">`. */
export function startChoices(): void {
  const selects = [...document.querySelectorAll<HTMLSelectElement>('select[data-shows]')]
  for (const select of selects) {
    select.addEventListener('change', () => {
      for (const other of selects) {
        if (other.dataset['link'] !== select.dataset['link']) continue
        other.value = select.value
        showChosen(other)
      }
    })
    showChosen(select)
  }
}

function showChosen(select: HTMLSelectElement): void {
  for (const part of document.querySelectorAll<HTMLElement>(
    `#${select.dataset['shows'] ?? ''} > [data-part]`,
  ))
    part.hidden = part.dataset['part'] !== select.value
}
