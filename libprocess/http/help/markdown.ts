/**
 * The Markdown of help pages as HTML: headings, quotes, lists, code, links. Everything else is text;
 * no mark-up of whoever wrote it gets through, and links lead to this host or to http(s).
 */
export function renderMarkdown(markdown: string): string {
  const lines = markdown.split('\n');
  const references = referencesOf(lines);
  const html: string[] = [];
  for (let at = 0; at < lines.length;) {
    const line = lines[at] ?? '';
    const kind = kindOf(line);
    let end = at + 1;
    if (kind !== 'heading')
      while (end < lines.length && kindOf(lines[end] ?? '') === kind) end += 1;
    html.push(block(kind, lines.slice(at, end), references));
    at = end;
  }
  return html.filter((each) => each !== '').join('\n');
}

type Kind = 'heading' | 'quote' | 'item' | 'rule' | 'reference' | 'blank' | 'text';

function kindOf(line: string): Kind {
  if (line.trim() === '') return 'blank';
  if (/^#{1,6} /.test(line)) return 'heading';
  if (line.startsWith('>')) return 'quote';
  if (/^[*-] /.test(line)) return 'item';
  if (line === '---') return 'rule';
  return REFERENCE.test(line) ? 'reference' : 'text';
}

const REFERENCE = /^\[([^\]]{1,500})\]: (\S{1,2000})$/;

function referencesOf(lines: readonly string[]): ReadonlyMap<string, string> {
  const references = new Map<string, string>();
  for (const line of lines) {
    const [, name, target] = REFERENCE.exec(line) ?? [];
    if (name !== undefined && target !== undefined) references.set(name, target);
  }
  return references;
}

function block(
  kind: Kind,
  lines: readonly string[],
  references: ReadonlyMap<string, string>,
): string {
  const inline = (text: string): string => renderInline(text, references);
  const [first = ''] = lines;
  switch (kind) {
    case 'heading': {
      const depth = first.indexOf(' ');
      return `<h${depth}>${inline(
        first
          .slice(depth)
          .replace(/ #+ *$/, '')
          .trim(),
      )}</h${depth}>`;
    }
    case 'quote': {
      const quoted = lines.map((line) => line.slice(1));
      const asCode = quoted.every((line) => line.startsWith('     ') || line.trim() === '');
      return asCode
        ? `<blockquote><pre>${escapeHtml(quoted.map((line) => line.replace(/^ {1,8}/, '')).join('\n'))}</pre></blockquote>`
        : `<blockquote>${quoted.map((line) => inline(line.trim())).join('<br>')}</blockquote>`;
    }
    case 'item':
      return `<ul>${lines.map((line) => `<li>${inline(line.slice(2))}</li>`).join('')}</ul>`;
    case 'rule':
      return '<hr>';
    case 'text':
      return `<p>${lines.map(inline).join('<br>')}</p>`;
    default:
      return '';
  }
}

/** Code, then links; what is between them is text. */
const INLINE = /`([^`]{1,2000})`|\[([^\]]{1,500})\](?:\(([^)\s]{1,2000})\)|\[([^\]]{1,500})\])/g;

function renderInline(text: string, references: ReadonlyMap<string, string>): string {
  let html = '';
  let at = 0;
  for (const match of text.matchAll(INLINE)) {
    const [whole, code, label = '', target, reference = ''] = match;
    html += escapeHtml(text.slice(at, match.index));
    at = match.index + whole.length;
    const to = target ?? references.get(reference);
    if (code !== undefined) html += `<code>${escapeHtml(code)}</code>`;
    else if (to === undefined || !SAFE_TARGET.test(to)) html += escapeHtml(whole);
    else html += `<a href="${escapeHtml(to)}">${escapeHtml(label.replace(/^`|`$/g, ''))}</a>`;
  }
  return html + escapeHtml(text.slice(at));
}

/** A path of this host, or a page of the web: never `javascript:`, never `//another.host`. */
const SAFE_TARGET = /^(https?:\/\/|\/(?!\/)|#)/;

const ENTITIES: Readonly<Record<string, string>> = {
  '&': '&amp;',
  '<': '&lt;',
  '>': '&gt;',
  '"': '&quot;',
  "'": '&#39;',
};

export const escapeHtml = (text: string): string =>
  text.replace(/[&<>"']/g, (character) => ENTITIES[character] ?? '');
