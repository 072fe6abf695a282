/** A piece of HTML that is safe to put into a page as it is. Made only by `safe`, which escapes whatever is not markup itself. */
export interface Markup {
  readonly markup: string
}

type Part = Markup | string | number | readonly Markup[]

/** Escapes a text for HTML content and for attribute values in quotes. */
export function escapeHtml(text: string): string {
  return text
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
    .replaceAll("'", '&#39;')
}

/** Template tag: `safe\`<b>${name}</b>\`` escapes the name; markup and lists of markup pass as they are. */
export function safe(texts: TemplateStringsArray, ...parts: readonly Part[]): Markup {
  const rendered = parts.map((part, index) => render(part) + (texts[index + 1] ?? ''))
  return { markup: (texts[0] ?? '') + rendered.join('') }
}

function render(part: Part): string {
  if (typeof part === 'string') return escapeHtml(part)
  if (typeof part === 'number') return String(part)
  if ('markup' in part) return part.markup
  return part.map((one) => one.markup).join('\n')
}
