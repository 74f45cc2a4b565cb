/** The page's style: light or dark by the browser's setting, and one column on narrow screens. */
export const style = `
:root {
  --paper: #fbfbfa; --card: #fff; --ink: #1b1f24; --quiet: #59636e; --line: #d4d9df; --link: #0b57b0;
  --good: #116329; --good-bg: #dcf5e3; --warn: #7a4a00; --warn-bg: #fff0cf; --bad: #a01020; --bad-bg: #fde2e3;
  --plain: #48515b; --plain-bg: #e9edf1;
}
@media (prefers-color-scheme: dark) {
  :root {
    --paper: #0f1318; --card: #171d24; --ink: #e8ecf1; --quiet: #9ba7b4; --line: #323c47; --link: #7db7ff;
    --good: #6fdd8b; --good-bg: #10331c; --warn: #f3c361; --warn-bg: #3a2a06; --bad: #ff9a9f; --bad-bg: #47161b;
    --plain: #b9c3ce; --plain-bg: #29323c;
  }
}
* { box-sizing: border-box; }
body { margin: 0 auto; padding: 1.25rem; max-width: 76rem; background: var(--paper); color: var(--ink);
  font: 0.9375rem/1.5 system-ui, sans-serif; overflow-wrap: anywhere; }
h1 { font-size: 1.5rem; margin: 0; } h2 { font-size: 1.0625rem; margin: 0 0 0.5rem; }
h3 { font-size: 1rem; margin: 0; font-family: ui-monospace, monospace; }
h4 { font-size: 0.8125rem; margin: 0.75rem 0 0.25rem; color: var(--quiet); font-weight: 600; }
p { margin: 0.25rem 0; } a { color: var(--link); } code { font: 0.9em ui-monospace, monospace; }
small { color: var(--quiet); font-size: 0.8125rem; font-weight: 400; }
.quiet, footer { color: var(--quiet); font-size: 0.8125rem; }
:focus-visible { outline: 3px solid var(--link); outline-offset: 2px; } main:focus { outline: none; }
.skip { position: absolute; left: -99rem; background: var(--card); padding: 0.5rem; } .skip:focus { left: 1rem; top: 1rem; }
header { display: flex; flex-wrap: wrap; gap: 0.25rem 1rem; align-items: baseline; margin-bottom: 1rem; }
#live { margin: 0; padding: 0.125rem 0.625rem; border-radius: 1rem; background: var(--plain-bg); color: var(--plain);
  font-size: 0.8125rem; }
[data-live=on] #live { background: var(--good-bg); color: var(--good); }
[data-live=on] #live::before { content: "● "; content: "● " / ""; }
[data-live=lost] #live, [data-live=refused] #live { background: var(--bad-bg); color: var(--bad); font-weight: 600; }
[data-live=lost] main, [data-live=refused] main { border-left: 4px solid var(--bad); padding-left: 0.75rem; }
main { display: grid; gap: 1.5rem; }
@media (min-width: 60rem) {
  main { grid-template-columns: minmax(0, 1fr) 20rem; }
  #credentials { grid-column: 1 / -1; }
}
table { width: 100%; border-collapse: collapse; background: var(--card); border: 1px solid var(--line); }
th, td { text-align: left; vertical-align: top; padding: 0.5rem 0.625rem; border-top: 1px solid var(--line); }
thead th { color: var(--quiet); font-size: 0.8125rem; border: 0; }
tbody th { font: 600 0.875rem ui-monospace, monospace; } th, td:nth-child(2) { overflow-wrap: break-word; }
td:nth-child(2) { min-width: 10.5rem; } td:nth-child(2) b { margin-right: 0.25rem; }
.badge, .mark { display: inline-block; padding: 0 0.5rem; border-radius: 1rem; font-size: 0.8125rem; font-weight: 600;
  overflow-wrap: normal; white-space: nowrap; background: var(--plain-bg); color: var(--plain); }
.badge.good, .badge.on, .mark { background: var(--good-bg); color: var(--good); }
.badge.degraded, .badge.expired { background: var(--warn-bg); color: var(--warn); }
.badge.stopped, .badge.missing, .badge.invalid { background: var(--bad-bg); color: var(--bad); }
.badge::before { content: "○ "; content: "○ " / ""; } .badge.good::before, .badge.on::before { content: "✓ "; content: "✓ " / ""; }
.badge.degraded::before, .badge.expired::before { content: "▲ "; content: "▲ " / ""; }
.badge.stopped::before, .badge.missing::before, .badge.invalid::before { content: "✕ "; content: "✕ " / ""; }
ol, ul { margin: 0; padding: 0; list-style: none; }
.chain { counter-reset: order; }
.chain > li { position: relative; padding: 0.5rem 0.75rem 0.5rem 2.5rem; border: 1px solid var(--line);
  border-radius: 0.375rem; background: var(--card); margin-bottom: 1.375rem; }
.chain > li::before { counter-increment: order; content: counter(order); content: counter(order) / ""; position: absolute; left: 0.75rem;
  font-weight: 700; color: var(--quiet); }
.chain > li:not(:last-child)::after { content: "↓"; content: "↓" / ""; position: absolute; left: 50%; bottom: -1.5rem; color: var(--quiet); }
.chain > .off, .chain > .default { border-style: dashed; background: none; } .chain > .default { margin-bottom: 0; }
.chain > .default::before { content: "–"; content: "–" / ""; } .chain > .invalid { border-color: var(--bad); }
.references { font-size: 0.8125rem; }
#credentials { display: grid; gap: 1rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 26rem), 1fr)); }
#credentials h2 { grid-column: 1 / -1; margin: 0; }
article { padding: 0.75rem 1rem; border: 1px solid var(--line); border-left: 4px solid var(--plain);
  border-radius: 0.375rem; background: var(--card); min-width: 0; }
article.good { border-left-color: var(--good); } article:target { outline: 2px solid var(--link); }
article.degraded, article.expired { border-left-color: var(--warn); }
article.stopped, article.missing { border-left-color: var(--bad); }
.walk { counter-reset: order; }
.walk li { counter-increment: order; padding: 0.25rem 0.5rem 0.25rem 1.75rem; position: relative; }
.walk li::before { content: counter(order) "."; content: counter(order) "." / ""; position: absolute; left: 0.375rem; color: var(--quiet); }
.walk .used { background: var(--good-bg); border-radius: 0.25rem; }
.walk .used .quiet { color: inherit; } .walk .unasked, .walk .off { color: var(--quiet); }
.walk .used.expired { background: var(--warn-bg); } .used.expired .mark { background: none; color: var(--warn); }
.walk .stopped { background: var(--bad-bg); border-radius: 0.25rem; } .walk .stopped .quiet { color: inherit; }
.fields li { padding: 0.0625rem 0.5rem; } .needs li { padding: 0.0625rem 0 0.0625rem 0.5rem; } .needs .needs { padding-left: 0.75rem; }
.times { display: grid; gap: 0 1.5rem; grid-template-columns: repeat(auto-fit, minmax(12rem, 1fr));
  margin: 0.75rem 0 0; padding-top: 0.5rem; border-top: 1px solid var(--line); font-size: 0.875rem; }
dt { color: var(--quiet); font-size: 0.8125rem; } dd { margin: 0; }
time small { white-space: nowrap; }
footer { margin-top: 1.5rem; }
@media (max-width: 34rem) {
  body { padding: 0.75rem; }
  thead { position: absolute; clip-path: inset(50%); width: 1px; height: 1px; overflow: hidden; }
  table, tbody, tr, tbody th, td { display: block; border: 0; padding: 0; }
  tr { display: flex; flex-wrap: wrap; gap: 0.125rem 0.75rem; padding: 0.5rem 0; border-top: 1px solid var(--line); }
  td:nth-child(2) { min-width: 0; } td:nth-child(3) { flex-basis: 100%; } table { background: none; }
}
@media (forced-colors: active) { .badge, .mark { border: 1px solid; } }
`;
