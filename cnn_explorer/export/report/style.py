"""The style sheet of a report: light or dark as the reader's system, and on paper."""

from __future__ import annotations

from cnn_explorer.export.report.markup import Markup

STYLE = Markup("""
:root { color-scheme: light dark; --paper: #f4f5f8; --card: #fff; --line: #d8dce4; --ink: #1b1f2a; --pale: #5f6878;
  --accent: #3b5bdb; --soft: #eceef3; --warn: #fdf0d9; --good: #1b7a43; }
@media (prefers-color-scheme: dark) { :root { --paper: #14161c; --card: #1d2029; --line: #363b49; --ink: #e7e9ef;
  --pale: #98a1b3; --accent: #7c9bff; --soft: #282c38; --warn: #3a2f1a; --good: #5fd08d; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--ink);
  font: 15px/1.5 system-ui, "Segoe UI", Roboto, "Helvetica Neue", sans-serif; }
main { max-width: 1040px; margin: 0 auto; padding: 24px 16px 48px; }
h1 { font-size: 28px; line-height: 1.2; margin: 0 0 4px; overflow-wrap: anywhere; }
h2 { font-size: 19px; margin: 32px 0 12px; }
h3 { font-size: 16px; margin: 0; overflow-wrap: anywhere; }
p { margin: 4px 0; }
a { color: var(--accent); text-decoration: none; }
a:hover { text-decoration: underline; }
section, .card { background: var(--card); border: 1px solid var(--line); border-radius: 8px; padding: 16px;
  margin: 0 0 12px; }
section > * + * { margin-top: 12px; }
.muted, figcaption, dt { color: var(--pale); }
.note { background: var(--warn); border-radius: 8px; padding: 8px 12px; margin: 0 0 8px; }
.wide { overflow-x: auto; }
.row { display: flex; flex-wrap: wrap; gap: 24px; align-items: flex-start; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 4px 16px; margin: 0; }
dd { margin: 0; overflow-wrap: anywhere; }
table { border-collapse: collapse; width: 100%; }
th { text-align: left; font-weight: 600; color: var(--pale); border-bottom: 1px solid var(--line); }
th, td { padding: 4px 12px 4px 0; vertical-align: top; }
td { border-bottom: 1px solid var(--soft); overflow-wrap: anywhere; }
.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.small { font-size: 13px; width: auto; }
figure { margin: 0; max-width: 100%; }
figcaption { font-size: 13px; margin-top: 4px; max-width: 960px; }
img { display: block; max-width: 100%; height: auto; image-rendering: pixelated; }
img.ramp { display: inline-block; height: 10px; vertical-align: baseline; border-radius: 2px; }
svg { display: block; max-width: 100%; height: auto; background: var(--soft); border-radius: 4px; }
.bars { fill: var(--accent); }
.zero { stroke: var(--ink); stroke-width: 1; stroke-dasharray: 3 3; }
.ends { display: flex; justify-content: space-between; font-size: 12px; font-variant-numeric: tabular-nums; }
.answer { flex: 1 1 320px; min-width: 260px; }
.answer .small { width: 100%; }
.answer td { border: none; padding: 2px 8px 2px 0; }
.answer td.bar { width: 60%; vertical-align: middle; padding-right: 0; }
.bar div { height: 10px; min-width: 1px; border-radius: 3px; background: var(--pale); }
.best { font-weight: 600; }
.best .bar div { background: var(--accent); }
footer { color: var(--pale); font-size: 13px; margin-top: 24px; }
@page { margin: 14mm; }
@media print {
  :root { color-scheme: light; --paper: #fff; --card: #fff; --line: #d8dce4; --ink: #000; --pale: #444;
    --accent: #3b5bdb; --soft: #eceef3; --warn: #fdf0d9; }
  body { font-size: 10pt; }
  main { max-width: none; padding: 0; }
  section { border: none; padding: 0; }
  figure, tr, .note { break-inside: avoid; }
  h2, h3 { break-after: avoid; }
  thead { display: table-header-group; }
  * { print-color-adjust: exact; -webkit-print-color-adjust: exact; }
}
""")
