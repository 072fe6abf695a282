import type * as Vega from 'vega'
import { ink, onThemeChange } from './theme.js'
import { hideTooltip, showTooltip } from './tooltip.js'
import { dataOf, whenVisible } from './visible.js'

declare const vega: typeof Vega
/** Evaluates expressions of charts without making code of them, which the page's policy forbids. */
declare const vegaInterpreter: unknown

/** Draws every Vega specification of the page; colours are named by role, as `var(--gain)`. */
export function startVegaCharts(): void {
  const charts = [...document.querySelectorAll<HTMLElement>('.vega-chart')]
  if (charts.length === 0) return
  const redraw = new Map<HTMLElement, () => void>()
  whenVisible(charts, (element) => {
    const spec = dataOf<unknown>(element)
    const target = element.querySelector<HTMLElement>('.drawing')
    if (target === null) return
    let view: Vega.View | undefined
    const draw = (): void => {
      view?.finalize()
      const runtime = vega.parse(coloured(spec) as Vega.Spec, undefined, { ast: true } as never)
      view = new vega.View(runtime, {
        renderer: 'svg',
        container: target,
        hover: true,
        logLevel: vega.Error,
        expr: vegaInterpreter,
      } as Vega.ViewOptions)
      view.tooltip((_handler, event, _item, value) => {
        if (value === null || value === undefined || value === '') hideTooltip()
        else showTooltip(linesOf(value), (event as MouseEvent).clientX, (event as MouseEvent).clientY)
      })
      void view.runAsync().then(() => (element.dataset['drawn'] = 'true'))
    }
    draw()
    redraw.set(element, draw)
    new ResizeObserver(() => void view?.resize().runAsync()).observe(target)
  })
  onThemeChange(() => {
    for (const draw of redraw.values()) draw()
  })
}

/** The specification with every `var(--role)` replaced by its colour. */
function coloured(value: unknown): unknown {
  if (typeof value === 'string')
    return value.replaceAll(/var\(--([a-z-]+)\)/g, (_, role: string) => ink(role))
  if (Array.isArray(value)) return value.map(coloured)
  if (typeof value !== 'object' || value === null) return value
  return Object.fromEntries(Object.entries(value).map(([name, member]) => [name, coloured(member)]))
}

function linesOf(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return [String(value)]
  return Object.entries(value).map(([name, member]) => `${name}: ${String(member)}`)
}
