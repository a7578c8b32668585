import { createHash } from 'node:crypto';
import type { Response } from '../http.ts';
import { text } from '../responses.ts';
import { escapeHtml, renderMarkdown } from './markdown.ts';

const STYLE = `
:root { color-scheme: light dark; }
body { font: 15px/1.6 system-ui, Helvetica, Arial, sans-serif; max-width: 60rem; margin: 2rem auto; padding: 0 1.5rem; }
h1 { font-size: 1.4rem; } h2 { font-size: 1.3rem; } h3 { font-size: 1rem; letter-spacing: .04em; margin: 1.6rem 0 .4rem; }
blockquote { margin: .4rem 0; padding: .2rem 1rem; border-left: 4px solid #8886; }
pre, code { font: 13px/1.5 ui-monospace, Menlo, Consolas, monospace; }
pre { margin: 0; overflow-x: auto; } code { background: #8882; border-radius: 3px; padding: .1em .3em; }
a { color: #0b6bb5; text-decoration: none; } a:hover { text-decoration: underline; }
@media (prefers-color-scheme: dark) { a { color: #6cb8f0; } }
`;

const STYLE_HASH = createHash('sha256').update(STYLE).digest('base64');

/** A link to the page of all, for a page of a part. */
const BACK = '<nav><a href="/help">← Help on all endpoints</a></nav>\n';

/** What a page for people shows. */
export interface HelpPage {
  readonly title: string;
  readonly markdown: string;
  /** Whether it shows a part of all there is. */
  readonly part: boolean;
}

/** A page for people, of Markdown. It loads nothing, runs nothing and stands in no frame. */
export function helpPage({ title, markdown, part }: HelpPage): Response {
  const html =
    `<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><title>${escapeHtml(title)}</title>` +
    `<meta name="viewport" content="width=device-width, initial-scale=1">` +
    `<style>${STYLE}</style></head>\n<body>\n${part ? BACK : ''}${renderMarkdown(markdown)}\n</body></html>\n`;
  return text(200, html, {
    'content-type': 'text/html; charset=utf-8',
    'content-security-policy': `default-src 'none'; style-src 'sha256-${STYLE_HASH}'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'`,
    'x-content-type-options': 'nosniff',
    'referrer-policy': 'same-origin',
  });
}
