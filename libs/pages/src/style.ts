/** The one style sheet: system fonts, readable contrast in light and dark, large targets, visible focus, works from 320 px on. */
export const STYLE_SHEET = `
:root {
  --ground: #f5f5f7; --surface: #ffffff; --text: #17171c; --muted: #5c5c68; --line: #d9d9e0;
  --accent: #5b3df5; --accent-text: #ffffff; --good: #12703f; --bad: #b3261e; --focus: #0b57d0;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #121216; --surface: #1d1d23; --text: #f2f2f5; --muted: #a9a9b6; --line: #383842;
    --accent: #a594ff; --accent-text: #16122b; --good: #6fdb9f; --bad: #ffb4ab; --focus: #a8c7fa;
  }
}
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text); font: 1rem/1.5 system-ui, sans-serif; }
body.card main { max-width: 26rem; margin: 8vh auto; padding: 2rem; background: var(--surface); border: 1px solid var(--line); border-radius: 1rem; }
body.wide main { max-width: 72rem; margin: 0 auto; padding: 1.5rem; }
@media (max-width: 30rem) { body.card main { margin: 0; min-height: 100vh; border: 0; border-radius: 0; } }
h1 { margin: 0 0 1rem; font-size: 1.5rem; line-height: 1.25; }
h2 { margin: 1.5rem 0 .75rem; font-size: 1.15rem; }
p { margin: 0 0 1rem; }
.muted { color: var(--muted); font-size: .9rem; }
.good { color: var(--good); } .bad { color: var(--bad); }
a { color: var(--accent); }
form { display: grid; gap: 1rem; margin: 0 0 1rem; }
label { display: grid; gap: .35rem; font-weight: 600; }
input, select, textarea { width: 100%; padding: .65rem .75rem; font: inherit; color: inherit; background: var(--ground); border: 1px solid var(--line); border-radius: .5rem; }
textarea { min-height: 8rem; resize: vertical; }
input[type=checkbox], input[type=radio] { width: auto; }
button, .button { display: inline-block; min-height: 2.75rem; padding: .6rem 1.1rem; font: inherit; font-weight: 600; text-align: center; text-decoration: none; color: var(--accent-text); background: var(--accent); border: 1px solid transparent; border-radius: .5rem; cursor: pointer; }
button.quiet, .button.quiet { color: var(--text); background: transparent; border-color: var(--line); }
button:disabled { opacity: .55; cursor: not-allowed; }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; }
hr { border: 0; border-top: 1px solid var(--line); margin: 1.25rem 0; }
table { width: 100%; border-collapse: collapse; }
th, td { padding: .55rem .6rem; text-align: left; border-bottom: 1px solid var(--line); vertical-align: top; }
[role=alert] { padding: .75rem 1rem; border: 1px solid var(--bad); border-radius: .5rem; color: var(--bad); }
[role=status] { padding: .75rem 1rem; border: 1px solid var(--line); border-radius: .5rem; }
@media (prefers-reduced-motion: no-preference) { button, .button { transition: opacity .15s; } button:hover, .button:hover { opacity: .88; } }
`.trimStart();
