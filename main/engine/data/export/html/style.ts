/** The look of exported pages: one style sheet, in each page, light and dark. */
import { createHash } from 'node:crypto';

export const style = `
:root {
  color-scheme: light dark;
  --page: #f5f7f8; --card: #ffffff; --own: #dcefee; --text: #15191c; --quiet: #5a656d; --line: #dfe4e7; --accent: #0b6e6e;
}
@media (prefers-color-scheme: dark) {
  :root {
    --page: #14181b; --card: #1e2428; --own: #17393b; --text: #e8ecee; --quiet: #a0abb2; --line: #2e363b; --accent: #6fc7c4;
  }
}
* { box-sizing: border-box; }
body {
  margin: 0 auto; padding: 24px 16px 64px; max-width: 760px; background: var(--page); color: var(--text);
  font: 400 15px/22px system-ui, "Segoe UI", Roboto, "Helvetica Neue", Arial, sans-serif; overflow-wrap: anywhere;
}
a { color: var(--accent); }
a:focus-visible { outline: 2px solid var(--accent); outline-offset: 2px; border-radius: 4px; }
h1 { margin: 8px 0 4px; font-size: 22px; line-height: 28px; font-weight: 600; }
h2 { margin: 32px 0 12px; font-size: 13px; line-height: 18px; font-weight: 600; color: var(--quiet); text-align: center; }
.about, footer, nav { color: var(--quiet); font-size: 13px; line-height: 18px; }
.about { margin: 0 0 24px; }
nav { display: flex; justify-content: space-between; gap: 16px; margin: 16px 0; }
footer { margin-top: 48px; padding-top: 16px; border-top: 1px solid var(--line); }
article {
  margin: 8px 0; padding: 8px 12px 10px; max-width: 84%; width: fit-content; min-width: 160px;
  background: var(--card); border: 1px solid var(--line); border-radius: 4px 16px 16px 16px;
}
article.own { margin-left: auto; background: var(--own); border-color: transparent; border-radius: 16px 4px 16px 16px; }
article:target { outline: 2px solid var(--accent); }
article > header {
  display: flex; gap: 12px; justify-content: space-between; font-size: 12px; line-height: 18px; color: var(--quiet);
}
article > header b { font-weight: 600; color: var(--text); }
time, .size { font-variant-numeric: tabular-nums; white-space: nowrap; }
article p { margin: 2px 0 0; white-space: pre-wrap; }
.gone, .none { color: var(--quiet); font-style: italic; }
blockquote {
  display: block; margin: 4px 0 6px; padding: 2px 10px; border-inline-start: 3px solid var(--accent);
  color: var(--quiet); font-size: 13px; line-height: 18px; text-decoration: none;
}
blockquote b { display: block; font-weight: 600; }
blockquote a { color: inherit; text-decoration: none; }
blockquote a:hover { text-decoration: underline; }
figure { margin: 6px 0; }
figure img, figure video { display: block; max-width: 100%; max-height: 420px; width: auto; height: auto; border-radius: 10px; }
figure img.small { width: 160px; filter: blur(2px); opacity: 0.8; }
figure audio { display: block; width: 300px; max-width: 100%; }
figcaption { margin-top: 4px; font-size: 13px; line-height: 18px; color: var(--quiet); }
.marks { display: flex; flex-wrap: wrap; gap: 6px; margin-top: 6px; font-size: 13px; line-height: 18px; color: var(--quiet); }
.marks span { padding: 1px 8px; border: 1px solid var(--line); border-radius: 10px; background: var(--page); }
ul { list-style: none; margin: 0; padding: 0; background: var(--card); border: 1px solid var(--line); border-radius: 10px; }
li + li { border-top: 1px solid var(--line); }
li a { display: flex; gap: 16px; justify-content: space-between; padding: 12px 16px; color: inherit; text-decoration: none; }
li a:hover { background: var(--own); }
li:first-child a { border-radius: 10px 10px 0 0; }
li:last-child a { border-radius: 0 0 10px 10px; }
li:only-child a { border-radius: 10px; }
li span { color: var(--quiet); font-size: 13px; white-space: nowrap; }
@media print { body { background: none; max-width: none; } article { break-inside: avoid; } }
`;

/** Nothing but this style sheet and the export's own pictures and films: no scripts, no network. */
export const contentPolicy = [
  "default-src 'none'",
  `style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`,
  "img-src 'self' file: data:",
  "media-src 'self' file:",
  "base-uri 'none'",
  "form-action 'none'",
].join('; ');
