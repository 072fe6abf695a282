import { formatUtc } from '../core/time.js'
import { formatStatistic, type formatValue } from '../metrics/format.js'
import type { Statistic } from '../metrics/statistic.js'
import { safe, type Markup } from '../report/markup.js'
import { pageTable } from '../report/page/index.js'
import { PAGE_STYLE } from '../report/page/style.js'
import type { Table } from '../report/table.js'
import { table } from '../report/table.js'
import { candleChart, lineChart, type ChartLevel, type ChartMark } from './svg-chart.js'
import { isLoopbackSession, isSyntheticSession } from '../runner/session-request.js'
import { figure } from './explain.js'
import { checkTable, fillTable, gateTable, heldTable, journalTable, limitsTable, orderTable, periodTable, signalTable, statusLines, strategyName, type SessionStatus } from './status-tables.js' // prettier-ignore

/** An alert as the page lists it. */
export interface ShownAlert {
  readonly time: number
  readonly severity: string
  readonly title: string
  readonly detail: string
}

/** A part of the page: replaced as a whole when it has changed. */
export interface PagePart {
  readonly id: string
  readonly html: string
}

/** What the page asks for again and again. */
export interface PageUpdate {
  readonly title: string
  readonly parts: readonly PagePart[]
}

/** Everything of a session, in the order in which it is looked for. All texts are escaped. */
export function pageUpdate(status: SessionStatus, alerts: readonly ShownAlert[]): PageUpdate {
  const { view, figures } = status
  const equity = formatStatistic(figures.equity, 'money')
  const parts: readonly (readonly [id: string, body: Markup])[] = [
    ['status', statusBar(status)],
    ['money', tiles(status)],
    ['charts', charts(status)],
    ['positions', safe`${listed(heldTable(status), 'Nothing is held.')}${listed(orderTable(status), 'No order is out.')}${listed(fillTable(status), 'Nothing was filled yet.')}`],
    ['signal', listed(signalTable(status), 'No decision was made yet.')],
    ['limits', safe`${pageTable(limitsTable(status))}${pageTable(checkTable(status))}`],
    ['gates', safe`${promotionNote(status)}${pageTable(gateTable(status))}`],
    ['alerts', safe`${listed(alertTable(alerts), 'No alert was sent while this page is served.')}<details><summary>Journal</summary>${pageTable(journalTable(status))}</details>`],
    ['trades', safe`${(['day', 'week', 'month'] as const).map((period) => listed(periodTable(status, period), 'No trade was closed yet.'))}`],
  ] // prettier-ignore
  return {
    title: `PAPER ${view.settings.strategy.name} ${equity}`,
    parts: parts.map(([id, { markup }]) => ({ id, html: markup })),
  }
}

function listed(rows: Table, otherwise: string): Markup {
  return rows.rows.length > 0 ? pageTable(rows) : safe`<h3>${rows.title}</h3><p class="note">${otherwise}</p>`
}

function statusBar(status: SessionStatus): Markup {
  const { view, liveness } = status
  const { settings, health, problems } = view
  const labels = [
    safe`<span class="label paper">Paper</span>`,
    safe`<span class="label ${liveness.state === 'live' ? 'good' : 'loud'}">${liveness.state}</span>`,
    ...(isSyntheticSession(settings) ? [safe`<span class="label loud">Synthetic data</span>`] : []),
    ...(isLoopbackSession(settings) ? [safe`<span class="label loud">Loopback world</span>`] : []),
    ...(settings.promotion === null ? [safe`<span class="label">Unpromoted</span>`] : []),
    ...(view.journal.mode === 'active' ? [] : [safe`<span class="label loud">${view.journal.mode}</span>`]),
    ...(view.journal.holds.length === 0 ? [] : [safe`<span class="label loud">on hold</span>`]),
    safe`<span class="label">feed ${health?.feed.state ?? 'unknown'}</span>`,
    safe`<span class="label">API ${health?.api.state ?? 'unknown'}</span>`,
  ]
  const warnings = [...problems, ...(view.killReason === undefined ? [] : [`The kill switch is thrown: ${view.killReason}`])]
  return safe`<div class="labels">${labels}</div><h1>${strategyName(view)}</h1>
<p class="soft">Session ${settings.id} · seen ${formatUtc(Math.floor(view.now / 1_000) * 1_000)} UTC</p>
${warnings.length === 0 ? '' : safe`<ul class="warnings">${warnings.map((text) => safe`<li>${text}</li>`)}</ul>`}
<dl class="facts">${statusLines(status).map(([label, value]) => safe`<div><dt>${label}</dt><dd>${value}</dd></div>`)}</dl>`
} // prettier-ignore

function tiles({ figures, risk }: SessionStatus): Markup {
  const all: readonly (readonly [string, Statistic, Parameters<typeof formatValue>[1]])[] = [
    ['Equity', figures.equity, 'money'],
    ["Today's profit", figures.dayProfit, 'money'],
    ['Today', figures.dayReturn, 'fraction'],
    ['Since the start', figures.totalReturn, 'fraction'],
    ['Drawdown', figures.drawdown, 'fraction'],
    ['Gross exposure', figures.grossExposure, 'fraction'],
    ['Net exposure', figures.netExposure, 'fraction'],
  ]
  const tile = ([label, statistic, unit]: (typeof all)[number]): Markup => {
    if (statistic.value === undefined) return safe`<div><dt>${label}</dt><dd>n/a<small>${statistic.reason}</small></dd></div>` // prettier-ignore
    return safe`<div><dt>${label}</dt><dd${statistic.value < 0 ? safe` class="negative"` : safe``}>${formatStatistic(statistic, unit)}</dd></div>` // prettier-ignore
  }
  return safe`<dl class="tiles">${all.map(tile)}<div><dt>Risk level</dt><dd>${risk}</dd></div></dl>`
}

const CANDLES_SHOWN = 120
const POINTS_SHOWN = 1_000

function charts({ view }: SessionStatus): Markup {
  const { journal, settings } = view
  const { account } = journal
  const marks = (instrument: number): ChartMark[] =>
    account.fills.slice(-400).flatMap(({ fill }) => {
      if (fill.instrument !== instrument) return []
      const shape = fill.role === 'entry' ? (fill.side > 0 ? 'up' : 'down') : 'cross'
      return [{ time: fill.time, price: fill.price, shape, label: `${formatUtc(fill.time)} ${fill.role}: ${fill.side > 0 ? 'bought' : 'sold'} ${figure(fill.quantity)} at ${figure(fill.price)}` } as const] // prettier-ignore
    })
  const levels = (instrument: number): ChartLevel[] =>
    account.held().flatMap((one): ChartLevel[] => {
      if (one.instrument !== instrument) return []
      const level = (kind: ChartLevel['kind'], price: number | undefined): ChartLevel[] => (price === undefined ? [] : [{ kind, price }]) // prettier-ignore
      return [...level('entry', one.entryPrice), ...level('stop', one.stopPrice), ...level('target', one.targetPrice)] // prettier-ignore
    })
  const prices = settings.instruments.map(
    ({ id }, instrument) =>
    candleChart(id, (journal.candles[instrument] ?? []).slice(-CANDLES_SHOWN), marks(instrument), levels(instrument)), // prettier-ignore
  )
  const every = Math.max(1, Math.ceil(journal.marks.length / POINTS_SHOWN))
  const points = journal.marks.filter((_, at) => at % every === 0 || at === journal.marks.length - 1)
  return safe`${lineChart('Equity', points.map(({ time, equity }) => ({ time, value: equity })))}${prices}<p class="note">Triangle up: long entry; down: short entry; cross: exit.</p>` // prettier-ignore
}

function promotionNote({ view }: SessionStatus): Markup {
  const { promotion } = view.settings
  if (promotion === null) return safe`<p class="note">It runs without a promotion: what it shows counts for nothing.</p>` // prettier-ignore
  return safe`<p class="note">At stage ${promotion.stage}, promoted by run ${promotion.runId} at ${promotion.at}.</p>` // prettier-ignore
}

function alertTable(alerts: readonly ShownAlert[]): Table {
  return table('Alerts', ['Time', 'Severity', 'Alert', 'Detail'], alerts.map(({ time, severity, title, detail }) => [formatUtc(time), severity, title, detail])) // prettier-ignore
}

const STYLE = `${PAGE_STYLE}
.label.paper { background: var(--strategy); border-color: var(--strategy); color: var(--paper); }
.label.good { border-color: var(--gain); color: var(--gain); }
#lost { position: sticky; top: 0; z-index: 6; background: var(--loss); color: var(--paper); padding: 8px 14px; border-radius: 0 0 6px 6px; font-weight: 600; }
.facts { display: grid; grid-template-columns: repeat(auto-fill, minmax(250px, 1fr)); gap: 4px 24px; margin: 12px 0 0; font-size: 0.86rem; }
.facts dt { color: var(--soft); display: inline; }
.facts dt::after { content: ': '; }
.facts dd { display: inline; margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
section { margin-top: 28px; }
.numbers td { white-space: nowrap; }
.svg-chart svg { display: block; width: 100%; height: auto; font: 11px system-ui, sans-serif; fill: var(--soft); }
.svg-chart .narrow { display: none; }
@media (max-width: 700px) { .svg-chart .wide { display: none; } .svg-chart .narrow { display: block; } }
.svg-chart .grid { stroke: var(--grid); }
.svg-chart .end { text-anchor: end; }
.svg-chart .line { fill: none; stroke: var(--strategy); stroke-width: 1.6; }
.svg-chart .rise line, .svg-chart .rise rect { stroke: var(--gain); fill: var(--gain); }
.svg-chart .fall line, .svg-chart .fall rect { stroke: var(--loss); fill: var(--loss); }
.svg-chart .mark { fill: var(--ink); stroke: var(--paper); }
.svg-chart .mark.cross { fill: none; stroke: var(--ink); stroke-width: 2; }
.svg-chart .level line { stroke-dasharray: 5 4; stroke: var(--soft); }
.svg-chart .level.stop line { stroke: var(--loss); }
.svg-chart .level.target line { stroke: var(--gain); }
`

const EVERY_MS = 2_000

/** The token comes in the part of the address that browsers send nowhere, and stays with this tab. */
const SCRIPT = `(() => {
  const KEY = 'baleen-token'
  const NEEDED = 'This page needs its token: open the address that baleen printed when it started. Where that ends in #token=, put your own token (BALEEN_TOKEN) after it.'
  const given = /^#token=(.+)$/.exec(location.hash)
  if (given !== null) {
    // What browsers write otherwise in an address, and nothing else: a token may hold a % of its own.
    sessionStorage.setItem(KEY, given[1].replace(/%(?:22|3C|3E|60)/g, decodeURIComponent))
    history.replaceState(null, '', location.pathname)
  }
  const token = sessionStorage.getItem(KEY)
  const page = document.getElementById('page')
  const lost = document.getElementById('lost')
  const shown = new Map()
  const say = (text) => {
    lost.textContent = text
    lost.hidden = text === ''
  }
  const show = ({ title, parts }) => {
    document.title = title
    for (const { id, html } of parts) {
      if (shown.get(id) === html) continue
      let part = document.getElementById(id)
      if (part === null) {
        part = document.createElement('section')
        part.id = id
        page.append(part)
      }
      const isOpen = part.querySelector('details')?.open ?? false
      part.innerHTML = html
      if (isOpen) part.querySelector('details').open = true
      shown.set(id, html)
    }
  }
  const look = async () => {
    try {
      const answer = await fetch('/page.json', { headers: { authorization: 'Bearer ' + token }, cache: 'no-store' })
      if (answer.status === 401) return say(NEEDED)
      if (!answer.ok) throw new Error('the answer was ' + answer.status)
      show(await answer.json())
      say('')
    } catch (error) {
      say('Out of date: nothing is answered (' + error.message + ')')
    }
    setTimeout(look, ${EVERY_MS})
  }
  // A token that is typed into the address loads nothing by itself.
  addEventListener('hashchange', () => location.reload())
  // No token has other letters, and no header takes them.
  if (token === null || !/^[\\x21-\\x7e]+$/.test(token)) say(NEEDED)
  else void look()
})()`

/** The page before it has asked for anything: it holds nothing of any session. */
export interface PageShell {
  readonly html: string
  /** Its content security policy, to be sent as a header. */
  readonly policy: string
}

/** @param sha256 of a text, base64 */
export function pageShell(sha256: (text: string) => string): PageShell {
  const policy = [
    `default-src 'none'`,
    `style-src 'sha256-${sha256(STYLE)}'`,
    `script-src 'sha256-${sha256(SCRIPT)}'`,
    `connect-src 'self'`,
    `base-uri 'none'`,
    `form-action 'none'`,
    `frame-ancestors 'none'`,
  ].join('; ')
  const html = safe`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<meta name="color-scheme" content="light dark">
<title>baleen</title>
<style>${{ markup: STYLE }}</style>
</head>
<body>
<main><div id="lost" role="alert" hidden></div><div id="page"></div></main>
<script>${{ markup: SCRIPT }}</script>
</body>
</html>
`
  return { html: html.markup, policy }
}
