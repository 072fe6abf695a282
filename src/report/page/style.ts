/** Colours by role, as CSS, on light paper. */
export const LIGHT_COLOURS: string = `color-scheme: light; --paper: #ffffff; --ink: #1a2029; --soft: #5c6673; --line: #dfe3e8; --grid: #eceff2; --panel: #f6f7f9;
  --strategy: #1f5fa8; --benchmark: #9a7b4f; --gain: #1f7a74; --loss: #bb4a2c; --third: #7a5195; --fourth: #b8860b; --fifth: #4c7a34; --sixth: #a23b72;
  --zero: #f3f4f6; --warn: #fdf3dc; --warn-line: #c98a12; --loud: #8a4b00; --edge: #0003;`
const DARK = `color-scheme: dark; --paper: #12161c; --ink: #e4e8ee; --soft: #98a3b1; --line: #2d3540; --grid: #222932; --panel: #1a2028;
  --strategy: #6fabe8; --benchmark: #c9a877; --gain: #4fb3aa; --loss: #e58466; --third: #b795d6; --fourth: #e0b040; --fifth: #8fbf72; --sixth: #de86b4;
  --zero: #20262e; --warn: #2e2614; --warn-line: #b98a2c; --loud: #f0c069; --edge: #fff4;`

/** The style sheet of every page: its hash goes into the page's content security policy. */
export const PAGE_STYLE: string = `
:root { ${LIGHT_COLOURS} }
@media (prefers-color-scheme: dark) { :root:not([data-theme='light']) { ${DARK} } }
:root[data-theme='dark'] { ${DARK} }
* { box-sizing: border-box; }
[hidden] { display: none !important; }
html { scroll-behavior: smooth; scroll-padding-top: 56px; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif; }
main { max-width: 1168px; margin: 0 auto; padding: 28px 24px 48px; }
h1 { font-size: 1.75rem; line-height: 1.25; margin: 8px 0 4px; letter-spacing: -0.01em; overflow-wrap: anywhere; }
h2 { font-size: 1.2rem; margin: 0 0 14px; padding-bottom: 6px; border-bottom: 1px solid var(--line); letter-spacing: -0.005em; }
h3 { font-size: 0.95rem; margin: 22px 0 6px; overflow-wrap: anywhere; }
p { margin: 4px 0; max-width: 110ch; }
a { color: var(--strategy); }
section { margin-top: 44px; }
.soft, .note { color: var(--soft); overflow-wrap: anywhere; }
.note { font-size: 0.82rem; margin: 4px 0 0; max-width: 118ch; }
.rules { margin-top: 10px; }
button, select, input { font: inherit; font-size: 0.84rem; color: var(--ink); background: var(--paper); border: 1px solid var(--line); border-radius: 6px; padding: 3px 10px; }
button { cursor: pointer; }
button:hover:not(:disabled) { border-color: var(--soft); }
button:disabled { color: var(--soft); cursor: default; opacity: 0.6; }
button[aria-pressed='true'] { background: var(--panel); border-color: var(--soft); }
:focus-visible { outline: 2px solid var(--strategy); outline-offset: 1px; }
#theme { position: absolute; top: 14px; right: max(16px, calc(50vw - 560px)); z-index: 6; }
.labels { display: flex; flex-wrap: wrap; gap: 6px; margin-right: 80px; }
.label { border: 1px solid var(--line); border-radius: 4px; padding: 1px 8px; font-weight: 600; font-size: 0.76rem; letter-spacing: 0.03em; text-transform: uppercase; color: var(--soft); overflow-wrap: anywhere; }
.label.loud { background: var(--warn); border-color: var(--warn-line); color: var(--loud); }
.warnings { background: var(--warn); border-left: 3px solid var(--warn-line); border-radius: 0 4px 4px 0; padding: 10px 14px 10px 32px; margin: 18px 0; font-size: 0.9rem; overflow-wrap: anywhere; }
.warnings li + li { margin-top: 4px; }
.contents { position: sticky; top: 0; z-index: 5; display: flex; gap: 18px; overflow-x: auto; margin: 18px -24px 0; padding: 9px 24px; background: var(--paper); border-bottom: 1px solid var(--line); font-size: 0.86rem; scrollbar-width: none; }
.contents a { color: var(--soft); text-decoration: none; white-space: nowrap; }
.contents a:hover { color: var(--ink); text-decoration: underline; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(148px, 1fr)); gap: 1px; margin: 0; border: 1px solid var(--line); border-radius: 8px; overflow: hidden; }
.tiles > div { outline: 1px solid var(--line); padding: 11px 14px; }
.tiles dt { color: var(--soft); font-size: 0.78rem; }
.tiles dd { margin: 1px 0 0; font-size: 1.22rem; line-height: 1.35; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles dd small { display: block; font-size: 0.74rem; line-height: 1.35; font-weight: 400; color: var(--soft); }
.negative, .tiles dd.negative { color: var(--loss); }
figure { margin: 20px 0 0; min-width: 0; }
figcaption { display: flex; flex-wrap: wrap; align-items: baseline; gap: 2px 16px; font-size: 0.84rem; margin-bottom: 2px; min-height: 1.7em; }
figcaption strong { font-size: 0.92rem; }
figcaption .scale { margin-left: auto; padding: 0 8px; }
.readout { color: var(--soft); display: flex; flex-wrap: wrap; gap: 0 14px; font-variant-numeric: tabular-nums; white-space: pre-wrap; overflow-wrap: anywhere; }
.readout b { color: var(--ink); font-weight: 600; }
.readout i { display: inline-block; width: 12px; height: 3px; border-radius: 2px; vertical-align: middle; margin-right: 6px; }
.drawing { position: relative; width: 100%; min-height: 40px; }
.vega-chart .drawing { overflow-x: auto; }
.vega-chart svg { display: block; max-width: 100%; }
.u-select { background: var(--soft); opacity: 0.18; }
.u-cursor-x { border-right: 1px dashed var(--soft) !important; }
.chart-grid { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 8px 36px; }
.chart-grid.three { grid-template-columns: repeat(auto-fit, minmax(min(100%, 300px), 1fr)); }
.zoom-buttons { display: flex; flex-wrap: wrap; align-items: center; gap: 6px; font-size: 0.82rem; }
.zoom-buttons span { margin-right: auto; }
.choice { display: block; margin-top: 20px; font-size: 0.86rem; color: var(--soft); }
.choice select { max-width: 100%; }
.part-name { display: none; }
.tooltip { position: fixed; z-index: 10; max-width: min(360px, 90vw); pointer-events: none; background: var(--ink); color: var(--paper); border-radius: 5px; padding: 6px 10px; font-size: 0.8rem; line-height: 1.4; font-variant-numeric: tabular-nums; overflow-wrap: anywhere; box-shadow: 0 2px 10px #0003; }
.scroll { overflow-x: auto; background: linear-gradient(to right, var(--paper) 40%, transparent) 0 0 / 36px 100% no-repeat local, linear-gradient(to left, var(--paper) 40%, transparent) 100% 0 / 36px 100% no-repeat local, linear-gradient(to right, var(--edge), transparent) 0 0 / 12px 100% no-repeat scroll, linear-gradient(to left, var(--edge), transparent) 100% 0 / 12px 100% no-repeat scroll; }
table { border-collapse: collapse; width: 100%; font-size: 0.86rem; }
th, td { white-space: pre-wrap; text-align: left; padding: 4px 14px 4px 0; border-bottom: 1px solid var(--grid); vertical-align: top; }
th:last-child, td:last-child { padding-right: 0; }
th { color: var(--soft); font-weight: 500; border-bottom-color: var(--line); white-space: nowrap; }
th button { border: 0; padding: 0; background: none; color: inherit; font-weight: inherit; white-space: nowrap; }
th button:hover { color: var(--ink); }
th[aria-sort] button { color: var(--ink); }
th[aria-sort='ascending'] button::after { content: ' \\2191'; }
th[aria-sort='descending'] button::after { content: ' \\2193'; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
td small { color: var(--soft); }
td .date { white-space: nowrap; }
td.time { white-space: nowrap; font-variant-numeric: tabular-nums; }
.number + :not(.number) { padding-left: 14px; }
.records th, .records td { white-space: nowrap; padding-right: 10px; font-size: 0.8rem; }
button.copy { padding: 0 7px; font-size: 0.74rem; margin-right: 8px; }
.texts td:first-child { min-width: 11em; }
.rows figure { margin-top: 4px; }
.rows figcaption { min-height: 0; }
.rows .when { display: none; }
.pairs td, .texts td { overflow-wrap: anywhere; }
.pairs td:first-child { min-width: 6.5em; }
.figures { columns: 3 300px; column-gap: 40px; }
.figures .table { break-inside: avoid; }
.figures h3:first-child { margin-top: 0; }
.figures .table + .table { margin-top: 20px; }
.figures td:first-child { color: var(--soft); width: 56%; }
.figures thead { display: none; }
.figures .pairs td.number { white-space: pre-wrap; }
.side-by-side { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 420px), 1fr)); gap: 0 40px; }
.side-by-side > * { min-width: 0; }
.records .controls, .pages { display: flex; flex-wrap: wrap; gap: 8px; align-items: center; margin: 10px 0; font-size: 0.84rem; color: var(--soft); }
.records .csv { margin-left: auto; }
.records select { max-width: 220px; }
code { font: 0.82rem ui-monospace, 'SF Mono', Menlo, monospace; overflow-wrap: anywhere; }
pre { margin: 6px 0; padding: 10px 12px; background: var(--panel); border-radius: 6px; white-space: pre-wrap; overflow-wrap: anywhere; font: 0.82rem/1.5 ui-monospace, 'SF Mono', Menlo, monospace; }
details { margin-top: 16px; }
summary { cursor: pointer; font-weight: 600; font-size: 0.92rem; }
footer { margin-top: 56px; padding-top: 14px; border-top: 1px solid var(--line); color: var(--soft); font-size: 0.82rem; }
@media (max-width: 640px) {
  main { padding: 18px 14px 36px; }
  h1 { font-size: 1.4rem; }
  section { margin-top: 34px; }
  .contents { margin: 14px -14px 0; padding: 9px 14px; }
  .tiles { grid-template-columns: repeat(auto-fill, minmax(132px, 1fr)); }
  .tiles > div { padding: 9px 11px; }
  .zoom-buttons span { flex-basis: 100%; }
  .pairs td.number { white-space: pre-wrap; }
  .texts thead { display: none; }
  .texts tr { display: block; padding: 6px 0; border-bottom: 1px solid var(--grid); }
  .texts td { display: block; padding: 0; border: 0; }
}
@media print {
  @page { margin: 14mm 13mm; }
  body { font-size: 10.5pt; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  main { max-width: none; padding: 0; }
  #theme, .contents, .zoom-buttons, .controls, .pages button, .scale, .choice, .copied, .tooltip { display: none !important; }
  section { margin-top: 22pt; }
  h2, h3, figcaption { break-after: avoid; }
  figure, tr, .tiles, .warnings { break-inside: avoid; }
  .part-name { display: block; font-weight: 600; }
  .tiles { grid-template-columns: repeat(5, 1fr); }
  .chart-grid, .chart-grid.three { grid-template-columns: 1fr 1fr; gap: 6px 20px; }
  .figures { columns: 2; }
  table { font-size: 8.5pt; }
  .part-name { break-after: avoid; }
  .scroll { overflow: hidden; background: none; }
  .records th button { font-size: 6.4pt; white-space: normal; overflow-wrap: anywhere; text-align: inherit; }
  .records th, .records td { font-size: 6.4pt; padding: 2pt 4pt 2pt 0; white-space: normal; }
}
`
