let box: HTMLElement | undefined

/** Shows lines of text beside a point of the window; texts are never read as markup. */
export function showTooltip(lines: readonly string[], x: number, y: number): void {
  if (box === undefined) {
    box = document.createElement('div')
    box.className = 'tooltip'
    box.setAttribute('role', 'status')
    document.body.append(box)
  }
  box.replaceChildren(
    ...lines.map((line) => {
      const row = document.createElement('div')
      row.textContent = line
      return row
    }),
  )
  box.hidden = false
  const { width, height } = box.getBoundingClientRect()
  const left = x + 14 + width > innerWidth ? Math.max(4, x - 14 - width) : x + 14
  const top = y + 14 + height > innerHeight ? Math.max(4, y - 14 - height) : y + 14
  box.style.left = `${left}px`
  box.style.top = `${top}px`
}

export function hideTooltip(): void {
  if (box !== undefined) box.hidden = true
}
