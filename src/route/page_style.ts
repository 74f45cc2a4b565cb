/** The page's style: light or dark by the browser's setting, and one column on narrow screens. */
export const style = `
:root {
  --paper: #fbfbfa; --card: #fff; --ink: #1b1f24; --quiet: #59636e; --line: #d4d9df; --link: #0b57b0;
  --good: #116329; --good-bg: #dcf5e3; --warn: #7a4a00; --warn-bg: #fff0cf; --bad: #a01020; --bad-bg: #fde2e3;
  --faint: #48515b; --faint-bg: #e9edf1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0f1318; --card: #171d24; --ink: #e8ecf1; --quiet: #9ba7b4; --line: #323c47; --link: #7db7ff;
    --good: #6fdd8b; --good-bg: #10331c; --warn: #f3c361; --warn-bg: #3a2a06; --bad: #ff9a9f; --bad-bg: #47161b;
    --faint: #b9c3ce; --faint-bg: #29323c;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, sans-serif; overflow-wrap: break-word; }
h1 { font-size: 1.5rem; margin: 0; min-width: 0; } h2 { font-size: 1.0625rem; margin: 0 0 0.5rem; }
h3 { display: inline; font-size: 0.9375rem; margin: 0; }
h4 { font-size: 0.8125rem; margin: 0.75rem 0 0.25rem; color: var(--quiet); font-weight: 600; }
p { margin: 0.25rem 0; } a { color: var(--link); } ol, ul, dl, dd { margin: 0; padding: 0; list-style: none; }
code { display: inline-block; max-width: 100%; font: 0.9em/1.4 ui-monospace, monospace; }
h3 code, th code { font-weight: 600; font-size: 0.875rem; } a code { text-decoration: inherit; }
small { color: var(--quiet); font-size: 0.8125rem; font-weight: 400; }
.quiet, footer, h4 + .quiet { color: var(--quiet); font-size: 0.8125rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; } main:focus { outline: none; }
.skip { position: absolute; left: -99rem; background: var(--card); padding: 0.5rem; } .skip:focus { left: 1rem; top: 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: baseline; margin-bottom: 1.25rem; }
#live { margin: 0; padding: 0.125rem 0.625rem; border-radius: 1rem; background: var(--faint-bg); color: var(--faint);
  font-size: 0.8125rem; }
[data-live=on] #live { background: var(--good-bg); color: var(--good); }
[data-live=on] #live::before { content: "● "; content: "● " / ""; }
[data-live=lost] #live, [data-live=refused] #live { background: var(--bad-bg); color: var(--bad); font-weight: 600; }
[data-live=lost] main, [data-live=refused] main { border-left: 4px solid var(--bad); padding-left: 0.75rem; }
#count { flex-basis: 100%; font-size: 1.0625rem; } #count a { display: inline-block; max-width: 100%; color: inherit; text-underline-offset: 0.2em; }
#count [aria-current=true] { background: var(--faint-bg); font-weight: 600; }
form { display: flex; flex-wrap: wrap; gap: 0.5rem 1rem; align-items: center; font-size: 0.8125rem; color: var(--quiet); }
input, select, button { font: inherit; color: var(--ink); background: var(--card); border: 1px solid var(--quiet);
  border-radius: 0.25rem; padding: 0.25rem 0.5rem; max-width: 100%; } button { cursor: pointer; }
main { display: grid; gap: 1.75rem; } main > * { min-width: 0; }
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); }
th, td { text-align: left; vertical-align: baseline; padding: 0.5rem 0.625rem; border-top: 1px solid var(--line); }
thead th { color: var(--quiet); font-size: 0.8125rem; border: 0; } tbody th { width: 36%; font-weight: 400; }
th span { display: inline-block; max-width: 100%; }
.badge { display: inline-block; padding: 0 0.5rem; border-radius: 1rem; font-size: 0.8125rem; font-weight: 600;
  white-space: nowrap; background: var(--faint-bg); color: var(--faint); }
.badge::before { content: "○ "; content: "○ " / ""; }
.badge.good { background: var(--good-bg); color: var(--good); } .badge.good::before { content: "✓ "; content: "✓ " / ""; }
.badge.warn { background: var(--warn-bg); color: var(--warn); } .badge.warn::before { content: "▲ "; content: "▲ " / ""; }
.badge.bad { background: var(--bad-bg); color: var(--bad); } .badge.bad::before { content: "✕ "; content: "✕ " / ""; }
.lines div, .ways li { display: grid; grid-template-columns: 5rem minmax(0, 1fr); gap: 0 0.5rem; }
.lines dt { color: var(--quiet); } .lines p { margin: 0; }
.chain > li { display: grid; grid-template-columns: 22rem minmax(0, 1fr); gap: 0 1.5rem; padding: 0.375rem 0.75rem;
  border: 1px solid var(--line); border-bottom: 0; background: var(--card); }
.chain > .default { border-bottom: 1px solid var(--line); }
.chain p { margin: 0; } summary { cursor: pointer; } summary b { font-size: 0.875rem; }
.chain summary, .chain li li { font-size: 0.8125rem; }
#credentials { display: grid; gap: 1rem; align-items: start;
  grid-template-columns: repeat(auto-fill, minmax(min(100%, 30rem), 1fr)); }
#credentials.folded { gap: 0; grid-template-columns: minmax(0, 1fr); } .folded h2 + article { margin-top: 0.5rem; }
#credentials h2, #credentials article:only-of-type { grid-column: 1 / -1; } #credentials h2 { margin: 0; }
article { padding: 0.5rem 0.75rem; border: 1px solid var(--line); border-left: 4px solid var(--faint);
  border-radius: 0.25rem; background: var(--card); min-width: 0; }
.folded article { padding: 0.25rem 0.75rem; border-radius: 0; } .folded article + article { border-top: 0; } .folded [open] { padding: 0.25rem 0; }
article.good { border-left-color: var(--good); } article.warn { border-left-color: var(--warn); }
article.bad { border-left-color: var(--bad); }
article:has(:target) { outline: 2px solid var(--link); } [id^=credential] { scroll-margin-top: 4rem; }
.walk { counter-reset: order; }
.walk li { counter-increment: order; padding: 0.125rem 0.5rem 0.125rem 1.75rem; position: relative; }
.walk li::before { content: counter(order) "."; content: counter(order) "." / ""; position: absolute; left: 0.375rem; color: var(--quiet); }
.walk .used { background: var(--good-bg); border-radius: 0.25rem; } .walk .stopped { background: var(--bad-bg); border-radius: 0.25rem; }
.walk .used .quiet, .walk .stopped .quiet { color: inherit; } .walk .unasked, .walk .off { color: var(--quiet); }
.fields { display: flex; flex-wrap: wrap; gap: 0 1.25rem; font-size: 0.875rem; } .needs .needs { padding-left: 0.75rem; }
.times { display: grid; gap: 0 1.5rem; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr));
  margin: 0.75rem 0 0; padding-top: 0.5rem; border-top: 1px solid var(--line); font-size: 0.875rem; }
.times dt { color: var(--quiet); font-size: 0.8125rem; } time small { white-space: nowrap; }
footer { margin-top: 1.5rem; }
@media (max-width: 40rem) {
  body { padding: 0.75rem; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody, tr, tbody th, td { display: block; border: 0; padding: 0; } table { background: none; }
  tr { display: flex; flex-wrap: wrap; gap: 0.125rem 0.75rem; padding: 0.5rem 0; border-top: 1px solid var(--line); }
  tbody th, td:last-child { flex-basis: 100%; } tbody th { width: auto; } td:empty { display: none; }
  tbody th { order: 1; } td:last-child { order: 2; } .lines div, .ways li { grid-template-columns: 3.75rem minmax(0, 1fr); }
  .chain > li { grid-template-columns: minmax(0, 1fr); }
}
@media (forced-colors: active) { .badge { border: 1px solid; } }
@media print { form, #live, .skip { display: none; } body { padding: 0; } article, tr { break-inside: avoid; } }
`;
