/** Calls when the colours of the page change. */
const listeners: (() => void)[] = []

/** The colour that the style sheet gives a role at this moment. */
export function ink(role: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${role}`).trim()
}

export function onThemeChange(listener: () => void): void {
  listeners.push(listener)
}

function tell(): void {
  for (const listener of listeners) listener()
}

/** The button that turns light into dark, and print, which is always light. */
export function startTheme(): void {
  const root = document.documentElement
  const dark = matchMedia('(prefers-color-scheme: dark)')
  const isDark = (): boolean => (root.dataset['theme'] ?? (dark.matches ? 'dark' : 'light')) === 'dark'
  const button = document.querySelector<HTMLButtonElement>('#theme')
  const label = (): void => {
    if (button === null) return
    button.hidden = false
    button.textContent = isDark() ? 'Light' : 'Dark'
  }
  const show = (theme: string | undefined): void => {
    if (theme === undefined) delete root.dataset['theme']
    else root.dataset['theme'] = theme
    label()
    tell()
  }
  button?.addEventListener('click', () => show(isDark() ? 'light' : 'dark'))
  dark.addEventListener('change', () => show(root.dataset['theme']))
  let before: string | undefined
  addEventListener('beforeprint', () => {
    before = root.dataset['theme']
    show('light')
  })
  addEventListener('afterprint', () => show(before))
  label()
}
