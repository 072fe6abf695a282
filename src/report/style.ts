/** The style sheet of a summary page: its hash goes into the page's content security policy. */
export const SUMMARY_STYLE = `
:root { color-scheme: light dark; --ink: #1b2330; --soft: #5b6675; --line: #d9dfe7; --paper: #ffffff; --panel: #f5f7fa;
  --accent: #1467b3; --loss: #b3402a; --warn: #fff4d6; --warn-line: #d9a514; }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6ebf2; --soft: #9aa7b8; --line: #2e3946; --paper: #11161d; --panel: #1a212b;
    --accent: #6cb4f5; --loss: #ef8b74; --warn: #33290f; --warn-line: #b98a10; }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink); font: 15px/1.5 system-ui, sans-serif; }
main { max-width: 1000px; margin: 0 auto; padding: 20px 16px 60px; }
h1 { font-size: 1.6rem; margin: 0 0 2px; overflow-wrap: anywhere; }
h2 { font-size: 1.1rem; margin: 34px 0 8px; }
p { margin: 4px 0; }
.soft { color: var(--soft); overflow-wrap: anywhere; }
.labels { margin: 10px 0; display: flex; flex-wrap: wrap; gap: 6px; }
.labels span { border: 1px solid var(--line); border-radius: 99px; padding: 1px 10px; font-weight: 600; font-size: 0.85rem; }
.labels .loud { background: var(--warn); border-color: var(--warn-line); }
.warnings { background: var(--warn); border-left: 4px solid var(--warn-line); border-radius: 4px; padding: 8px 12px 8px 30px; margin: 14px 0; }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(150px, 1fr)); gap: 10px; margin: 16px 0; }
.tiles div { background: var(--panel); border-radius: 8px; padding: 10px 12px; }
.tiles dt { color: var(--soft); font-size: 0.8rem; }
.tiles dd { margin: 0; font-size: 1.15rem; font-weight: 600; font-variant-numeric: tabular-nums; }
.tiles dd small { display: block; font-size: 0.75rem; font-weight: 400; color: var(--soft); }
figure { margin: 0; }
svg { width: 100%; height: 320px; display: block; }
svg path, svg line { vector-effect: non-scaling-stroke; }
svg .equity { fill: none; stroke: var(--accent); stroke-width: 1.6; stroke-linejoin: round; }
svg .start { stroke: var(--soft); stroke-dasharray: 4 4; }
svg .underwater { fill: var(--loss); fill-opacity: 0.35; stroke: var(--loss); stroke-width: 1; }
.axis { display: flex; justify-content: space-between; font-size: 0.85rem; }
figcaption { font-size: 0.85rem; }
.scroll { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-size: 0.9rem; }
th, td { white-space: pre-wrap; text-align: left; padding: 4px 10px 4px 0; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; }
th.number, td.number { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.pairs td, .texts td { overflow-wrap: anywhere; }
@media (max-width: 600px) {
  svg { height: 230px; }
  .pairs td.number { white-space: pre-wrap; }
  .texts thead { display: none; }
  .texts tr { display: block; padding: 6px 0; border-bottom: 1px solid var(--line); }
  .texts td { display: block; padding: 0; border: 0; }
}
code { font: 0.85rem ui-monospace, monospace; overflow-wrap: anywhere; }
summary { cursor: pointer; margin-top: 20px; font-weight: 600; }
`
