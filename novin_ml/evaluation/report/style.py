"""The page's style sheet: one column, light and dark, no script and nothing from outside."""

from __future__ import annotations

import re

STYLE = """
:root { color-scheme: light dark; --paper: #ffffff; --card: #f5f6f8; --line: #d7dbe0;
  --b1: #1b1f24; --b2: #59636e; --b3: #d7dbe0; --b4: #ffffff; --bad: #b3261e; --good: #1a7f37;
  --a1: #0b61c4; --a2: #b3470b; --a3: #1a7f37; --a4: #8b3fc7; --a5: #a8214f; --a6: #4f6b00; }
@media (prefers-color-scheme: dark) { :root { --paper: #14171b; --card: #1d2127; --line: #3a414a;
  --b1: #e8ebee; --b2: #a3adb8; --b3: #3a414a; --b4: #14171b; --bad: #ff8a80; --good: #6fd08c;
  --a1: #6cb0ff; --a2: #ffa46b; --a3: #6fd08c; --a4: #cfa2ff; --a5: #ff8fb1; --a6: #c3dc6a; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--paper); color: var(--b1); overflow-wrap: anywhere;
  font: 16px/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
main { max-width: 860px; margin: 0 auto; padding: 20px 16px 60px; }
h1 { font-size: 1.6rem; line-height: 1.25; margin: 0 0 4px; }
h2 { font-size: 1.2rem; margin: 40px 0 6px; padding-top: 14px; border-top: 1px solid var(--line); }
h3 { font-size: 1rem; margin: 22px 0 4px; }
p { margin: 6px 0 10px; max-width: 66ch; }
.note, figcaption, .caption { color: var(--b2); font-size: .875rem; }
.absent { color: var(--b2); border-left: 3px solid var(--line); padding-left: 10px; }
.numbers { display: flex; flex-wrap: wrap; gap: 12px; margin: 18px 0 8px; padding: 0; }
.numbers div { flex: 1 1 150px; background: var(--card); border-radius: 10px; padding: 12px 14px; }
.numbers dt { color: var(--b2); font-size: .875rem; }
.numbers dd { margin: 0; font-size: 1.6rem; font-weight: 650; line-height: 1.25; }
small { display: block; font-size: .8125rem; font-weight: 400; color: var(--b2); }
.warning { color: var(--bad); border-left: 3px solid var(--bad); padding-left: 10px; }
.verdict { font-size: 1.05rem; font-weight: 600; }
.figures { display: flex; flex-wrap: wrap; gap: 8px 24px; }
figure { margin: 10px 0; flex: 1 1 320px; max-width: 100%; min-width: 0; }
svg { display: block; width: 100%; height: auto; }
.scroll:focus-visible { outline: 2px solid var(--a1); }
table { border-collapse: collapse; font-size: .875rem; font-variant-numeric: tabular-nums; }
.caption { margin: 16px 0 0; }
/* Shades tell where a table goes on: covers move with it, shades stay. */
.scroll { overflow-x: auto; margin: 2px 0 8px; background:
  linear-gradient(to right, var(--paper) 50%, transparent) 0 0 / 32px 100% no-repeat local,
  linear-gradient(to left, var(--paper) 50%, transparent) 100% 0 / 32px 100% no-repeat local,
  linear-gradient(to right, var(--line), transparent) 0 0 / 14px 100% no-repeat,
  linear-gradient(to left, var(--line), transparent) 100% 0 / 14px 100% no-repeat; }
th, td { padding: 4px 12px 4px 0; text-align: left; vertical-align: top;
  border-bottom: 1px solid var(--line); min-width: 3.2em; overflow-wrap: break-word; }
th { font-weight: 600; }
th.n, td.n { text-align: right; }
td.n, td.n small { white-space: nowrap; }
td.text { max-width: 26em; }
th small { max-width: 30em; }
ul { margin: 6px 0 10px; padding-left: 20px; max-width: 66ch; font-size: .875rem; }
li { margin: 6px 0; }
.advice { border: 2px solid var(--line); border-left-width: 8px; border-radius: 10px;
  background: var(--card); margin: 16px 0; padding: 6px 16px 10px; }
.advice h2 { border: 0; margin: 4px 0; padding: 4px 0 0; font-size: 1.5rem; }
.advice.yes { border-left-color: var(--good); } .advice.yes h2 { color: var(--good); }
.advice.no { border-left-color: var(--bad); } .advice.no h2 { color: var(--bad); }
.advice ul { font-size: 1rem; }
nav h2 { border: 0; padding: 0; margin: 24px 0 0; font-size: 1rem; }
nav ul { columns: 2 16em; max-width: none; }
a { color: var(--a1); }
details > summary h2 { display: inline; border: 0; padding: 0; margin: 0; color: var(--b1); }
main > details { border-top: 1px solid var(--line); margin-top: 14px; padding-top: 8px; }
details > div[id] { scroll-margin-top: 3.5rem; }
tr.few td, tr.few th { color: var(--b2); font-style: italic; font-weight: 400; }
summary { color: var(--b2); font-size: .875rem; cursor: pointer; padding: 4px 0; }
meter { width: 84px; height: 10px; vertical-align: middle; }
@media (max-width: 480px) { th, td { padding-right: 8px; } }
code { font-size: .8125rem; word-break: break-all; }
"""


def palettes() -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    """Return the names and values of the colours of figures, of the light and the dark page."""
    light, dark = STYLE.split("@media (prefers-color-scheme: dark)")[:2]
    found = [re.findall(r"--([ab]\d|paper): (#[0-9a-f]{6})", part) for part in (light, dark)]
    return found[0], found[1]
