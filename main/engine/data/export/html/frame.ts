/** What every exported page begins and ends with. */
import { Markup, markup } from './markup.ts';
import { contentPolicy, style } from './style.ts';

export function pageStart(title: string): Markup {
  return markup`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${contentPolicy}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<title>${title}</title>
<style>${new Markup(style)}</style>
</head>
<body>
`;
}

export function pageEnd(): Markup {
  const { timeZone } = Intl.DateTimeFormat().resolvedOptions();
  return markup`<footer>Exported from Parley. Times are those of ${timeZone}.</footer>
</body>
</html>
`;
}
