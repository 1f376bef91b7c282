/** The page's style: light and dark by the reader's system or by the button, narrow screens, paper. */

const light = `
  --page: #fbfbfa; --card: #ffffff; --text: #1b1f24; --soft: #59636e; --line: #dfe3e8; --accent: #0062a3;
  --good: #00704f; --good-back: #e3f4ee; --bad: #a33c00; --bad-back: #fdeee5; --warn: #7a5600; --warn-back: #fdf5dd;
  --even-back: #f1f3f5;`;

const dark = `
  --page: #14171b; --card: #1c2026; --text: #e6e9ed; --soft: #a3adb8; --line: #343b44; --accent: #6bb8f0;
  --good: #5fd3aa; --good-back: #12352b; --bad: #ff9f6b; --bad-back: #3d2214; --warn: #f0cd72; --warn-back: #382e12;
  --even-back: #262c33;`;

export const style = `
:root { color-scheme: light; ${light} }
@media screen and (prefers-color-scheme: dark) { :root:not([data-theme="light"]) { color-scheme: dark; ${dark} } }
:root[data-theme="dark"] { color-scheme: dark; ${dark} }
* { box-sizing: border-box; }
html { scroll-padding-top: 4rem; -webkit-text-size-adjust: 100%; }
body { margin: 0; background: var(--page); color: var(--text); font: 15px/1.5 system-ui, -apple-system, "Segoe UI", sans-serif; }
header.top { position: sticky; top: 0; z-index: 5; background: color-mix(in srgb, var(--page) 92%, transparent); border-bottom: 1px solid var(--line); backdrop-filter: blur(6px); }
header.top > div { max-width: 1280px; margin: auto; padding: .45rem 1.2rem; display: flex; gap: 1rem; align-items: center; }
header.top strong { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; max-width: 16rem; }
nav { display: flex; gap: .9rem; overflow-x: auto; flex: 1; scrollbar-width: none; }
nav a { white-space: nowrap; text-decoration: none; padding: .15rem 0; }
main { max-width: 1280px; margin: auto; padding: 1.4rem 1.2rem 4rem; }
a { color: var(--accent); }
h1 { font-size: 1.05rem; font-weight: 600; color: var(--soft); margin: 0 0 .3rem; }
.verdicts { margin: 0 0 1rem; padding: 0; list-style: none; font-size: 1.3rem; line-height: 1.4; font-weight: 600; text-wrap: pretty; }
.verdicts li + li { margin-top: .4rem; }
.verdicts.many { font-size: 1.05rem; }
h2 { font-size: 1.35rem; margin: 2.6rem 0 .3rem; }
h3 { font-size: 1.05rem; margin: 1.8rem 0 .5rem; }
.doc { color: var(--soft); margin: 0 0 .8rem; max-width: 75ch; }
.banner { border-left: 4px solid var(--warn); background: var(--warn-back); padding: .5rem .8rem; border-radius: 0 6px 6px 0; margin: .5rem 0; }
.banner b { color: var(--warn); }
.banner.bad { border-color: var(--bad); background: var(--bad-back); }
.banner.bad b { color: var(--bad); }
.banner ul { margin: .3rem 0 0; padding-left: 1.2rem; }
.command { display: flex; gap: .5rem; align-items: start; margin: .8rem 0; }
.command pre { flex: 1; margin: 0; min-width: 0; }
pre, code { font: 13px/1.5 ui-monospace, "SF Mono", Menlo, Consolas, "DejaVu Sans Mono", monospace; }
pre { background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .5rem .7rem; overflow-x: auto; white-space: pre-wrap; overflow-wrap: anywhere; }
button, select, input { font: inherit; font-size: 13px; color: var(--text); background: var(--card); border: 1px solid var(--line); border-radius: 6px; padding: .22rem .6rem; }
button { cursor: pointer; }
button:hover { border-color: var(--soft); }
:focus-visible { outline: 2px solid var(--accent); outline-offset: 1px; }
[tabindex="-1"]:focus { outline: none; }
button[aria-pressed="true"] { background: var(--accent); border-color: var(--accent); color: var(--card); }
.scroll.more, nav.more { mask-image: linear-gradient(to right, #000 calc(100% - 4rem), rgb(0 0 0 / .2)); }
.scroll::-webkit-scrollbar { height: 10px; }
.scroll::-webkit-scrollbar-thumb { background: var(--line); border-radius: 5px; }
#published .scroll + .scroll { margin-top: 1rem; }
#published .scroll + .doc { margin-top: .4rem; }
.scroll { overflow-x: auto; background: var(--card); border: 1px solid var(--line); border-radius: 8px; }
table { border-collapse: collapse; width: 100%; font-size: 13.5px; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding: .5rem .7rem 0; color: var(--soft); font-size: 12.5px; }
th, td { padding: .38rem .42rem; text-align: left; border-bottom: 1px solid var(--line); white-space: nowrap; vertical-align: middle; }
tbody tr:last-child > * { border-bottom: 0; }
tbody th { font-weight: 600; position: sticky; left: 0; background: var(--card); z-index: 1; }
thead th { font-weight: 500; color: var(--soft); font-size: 12.5px; white-space: normal; vertical-align: bottom; }
thead th .sort { border: 0; background: none; padding: 0; color: inherit; font-size: inherit; text-align: inherit; }
thead th .sort::after { content: " ↕"; opacity: .35; }
thead th[aria-sort="ascending"] .sort::after { content: " ↑"; opacity: 1; }
thead th[aria-sort="descending"] .sort::after { content: " ↓"; opacity: 1; }
.number { text-align: right; }
td small { display: block; font-weight: 400; font-size: 11.5px; color: var(--soft); line-height: 1.25; }
td .n { font-weight: 400; font-size: 11px; color: var(--soft); opacity: .8; }
td.bad { color: var(--bad); font-weight: 600; white-space: normal; min-width: 5.5rem; }
td.value { font-weight: 600; }
td.better { color: var(--good); background: var(--good-back); }
td.worse { color: var(--bad); background: var(--bad-back); }
td.even { background: var(--even-back); }
td.unknown { color: var(--soft); }
.forest { position: relative; display: block; min-width: 84px; height: 18px; margin: 0 4px; border-bottom: 1px solid var(--line); }
.forest i { position: absolute; top: 5px; height: 8px; min-width: 1px; background: var(--accent); opacity: .4; border-radius: 2px; }
.forest b { position: absolute; top: 2px; width: 3px; height: 14px; margin-left: -1.5px; border-radius: 1px; background: var(--accent); }
.ink { vertical-align: -1px; margin-right: .45em; }
.tools { display: none; flex-wrap: wrap; gap: .35rem .5rem; align-items: center; margin: .5rem 0; font-size: 13px; color: var(--soft); }
.scripted .tools { display: flex; }
.scripted .unscripted { display: none; }
.tools .group { display: inline-flex; }
.tools .group button { border-radius: 0; margin-left: -1px; }
.tools .group button:first-child { border-radius: 6px 0 0 6px; margin-left: 0; }
.tools .group button:last-child { border-radius: 0 6px 6px 0; }
.tools .group button:only-child { border-radius: 6px; }
.bar { position: sticky; top: 2.6rem; z-index: 4; background: var(--page); padding: .5rem 0; border-bottom: 1px solid var(--line); gap: .5rem .9rem; }
.chips { max-height: 6.5rem; overflow-y: auto; }
figure details.values { margin: .3rem 0 0; font-size: 13px; }
figure details.values .scroll { max-height: 16rem; overflow-y: auto; margin-top: .4rem; }
.chips button { display: inline-flex; align-items: center; border-radius: 999px; padding: .15rem .6rem; }
.chips button[aria-pressed] { background: var(--card); color: var(--text); border-color: var(--line); }
.chips button[aria-pressed="false"] { opacity: .45; text-decoration: line-through; }
.charts { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 1rem; margin-top: .8rem; }
figure { margin: 0; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .6rem .9rem .9rem; min-width: 0; }
figure.wide { grid-column: 1 / -1; }
figure .tools { justify-content: space-between; }
figure select { max-width: 100%; min-width: 0; }
.place { min-height: 320px; overflow: hidden; }
.drawing { width: 100%; position: relative; }
.drawing + .drawing { position: absolute; visibility: hidden; }
.place { position: relative; }
.drawing .vega-embed { width: 100%; display: block; padding-right: 0; }
.drawing .vega-embed svg { max-width: 100%; height: auto; overflow: visible; }
.vega-embed .chart-wrapper { width: 100%; }
.vega-embed details summary { background: var(--card) !important; border-color: var(--line) !important; color: var(--soft) !important; }
.vega-embed .vega-actions { background: var(--card) !important; border-color: var(--line) !important; }
.vega-embed .vega-actions::before, .vega-embed .vega-actions::after { display: none; }
.vega-embed .vega-actions a { color: var(--text) !important; }
.vega-embed .vega-actions a:hover { background: var(--even-back) !important; }
#vg-tooltip-element { background: var(--card) !important; color: var(--text) !important; border: 1px solid var(--line) !important; font: 12.5px/1.4 system-ui, sans-serif !important; border-radius: 6px !important; }
#vg-tooltip-element table tr td.key { color: var(--soft) !important; }
.pictures { display: grid; grid-template-columns: repeat(auto-fill, minmax(min(100%, 340px), 1fr)); gap: 1rem; }
.pictures { margin-bottom: 1.2rem; }
.pictures img { width: 100%; height: auto; image-rendering: pixelated; display: block; border-radius: 3px; background: #000; }
.pictures figcaption { font-size: 13px; margin-bottom: .4rem; }
.pictures figcaption span { color: var(--soft); }
.widget { display: grid; grid-template-columns: minmax(210px, 1fr) 2fr minmax(200px, 1fr); gap: 1.5rem; background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: .3rem 1.2rem 1rem; }
.widget h3 { margin: .8rem 0 .6rem; font-size: .95rem; }
.widget .weights label { display: grid; grid-template-columns: 1fr 2.6rem; gap: .5rem; align-items: center; font-variant-numeric: tabular-nums; font-size: 13px; }
.widget input[type="range"] { width: 100%; padding: 0; accent-color: var(--accent); }
.widget .group { display: inline-flex; }
.widget .group button:first-child { border-radius: 6px 0 0 6px; }
.widget .group button:last-child { border-radius: 0 6px 6px 0; margin-left: -1px; }
.widget .said { color: var(--soft); font-size: 13px; }
.samples { display: grid; grid-template-columns: repeat(4, 1fr); gap: .9rem; }
.bars { display: flex; align-items: flex-end; gap: 3px; height: 84px; border-bottom: 1px solid var(--soft); }
.bars.mean { height: 190px; gap: 8px; }
.bars span { position: relative; flex: 1; height: 100%; display: flex; align-items: flex-end; }
.bars i { width: 100%; min-height: 1px; background: var(--accent); opacity: .45; border-radius: 2px 2px 0 0; }
.bars i.winner, .bars.mean i { opacity: 1; }
.widget .compared { grid-column: 1 / -1; }
.widget .compared h4 { white-space: nowrap; margin: 0 0 .4rem; font-size: 13px; font-weight: 400; color: var(--soft); }
.widget .columns { display: grid; grid-template-columns: repeat(5, 1fr); gap: 1.2rem; }
.widget .columns .bars { height: 62px; margin-bottom: .7rem; }
.bars b { position: absolute; left: -3px; right: -3px; height: 0; border-top: 2.5px solid #d55e00; }
html:not(.scripted) .live { display: none; }
@media (max-width: 820px) { .widget .columns { gap: .4rem; } .widget .columns .bars { gap: 1px; } .widget { grid-template-columns: minmax(0, 1fr); gap: .5rem; } }
details { margin: .5rem 0; }
summary { cursor: pointer; color: var(--soft); }
dl { display: grid; grid-template-columns: max-content minmax(0, 1fr); gap: .2rem 1rem; margin: .5rem 0; }
dt { color: var(--soft); }
dd { margin: 0; overflow-wrap: anywhere; }
footer { color: var(--soft); font-size: 13px; margin-top: 3rem; }
[hidden] { display: none !important; }
@media (max-width: 820px) { .charts { grid-template-columns: minmax(0, 1fr); } .bar { position: static; } }
@media (max-width: 520px) {
  body { font-size: 14px; }
  main { padding: 1rem .7rem 3rem; }
  header.top { position: static; }
  header.top > div { padding: .4rem .7rem; gap: .3rem .7rem; flex-wrap: wrap; justify-content: space-between; }
  nav { order: 1; flex: 1 0 100%; flex-wrap: wrap; gap: .1rem .9rem; }
  header.top strong { max-width: 7rem; }
  .verdicts { font-size: 1.1rem; }
  figure { padding: .4rem .5rem .6rem; }
  .command { flex-direction: column; }
  .command pre { width: 100%; }
  th, td { padding: .35rem .5rem; }
  dl { grid-template-columns: minmax(0, 1fr); }
  dd { margin-bottom: .4rem; }
}
@media print {
  :root, :root[data-theme="dark"], :root[data-theme="light"] { color-scheme: light; ${light} --page: #fff; }
  header.top, .scripted .tools, .live, button:not(.sort), .vega-embed details { display: none !important; }
  thead th .sort::after { content: ""; }
  .drawing svg { background: none !important; }
  .drawing svg text { fill: #1b1f24 !important; }
  .drawing svg .role-axis-grid line, .drawing svg .role-axis-domain line { stroke: #dfe3e8 !important; }
  td small, td .n { font-size: 8px; }
  main { max-width: none; padding: 0; }
  body { font-size: 11px; }
  table { font-size: 9px; }
  th, td { padding: .15rem .22rem; }
  thead th, thead th .sort, caption { font-size: 9px; }
  .scroll.more { mask-image: none; }
  .scroll { border-radius: 0; }
  .scroll { overflow: visible; }
  thead th, td, tbody th { white-space: normal; }
  figure, .scroll, .pictures figure { break-inside: avoid; }
  .forest { min-width: 40px; margin: 0; }
}
`;
