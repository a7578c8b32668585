import { expect, test } from '@jest/globals';
import fc from 'fast-check';
import { renderMarkdown } from './markdown.ts';

test.each([
  ['### TL;DR; ###', '<h3>TL;DR;</h3>'],
  ['>        /a/b\n>        /b', '<blockquote><pre>/a/b\n/b</pre></blockquote>'],
  ['> one\n> two', '<blockquote>one<br>two</blockquote>'],
  ['a `b < c` d', '<p>a <code>b &lt; c</code> d</p>'],
  ['* a\n* b', '<ul><li>a</li><li>b</li></ul>'],
  ['a\n\n---\n\nb', '<p>a</p>\n<hr>\n<p>b</p>'],
  ['[x](/y?z=1&a)', '<p><a href="/y?z=1&amp;a">x</a></p>'],
  ['[x][y]\n\n[y]: /z', '<p><a href="/z">x</a></p>'],
  ['<script>alert(1)</script>', '<p>&lt;script&gt;alert(1)&lt;/script&gt;</p>'],
  ['[x](javascript:alert(1))', '<p>[x](javascript:alert(1))</p>'],
  ['[x](//evil.example)', '<p>[x](//evil.example)</p>'],
  ['[x](/a"onclick="b)', '<p><a href="/a&quot;onclick=&quot;b">x</a></p>'],
  ['# <b>', '<h1>&lt;b&gt;</h1>'],
])('%j is %j', (markdown, html) => {
  expect(renderMarkdown(markdown)).toBe(html);
});

test('lets no mark-up through, whatever the text', () => {
  const pieces = fc.constantFrom(
    '<',
    '>',
    '"',
    "'",
    '&',
    '`',
    '[',
    ']',
    '(',
    ')',
    '\n',
    '# ',
    '> ',
    'a',
    ':',
    '/',
  );
  const made = /<\/?(h[1-6]|blockquote|pre|code|ul|li|hr|p|br|a)>|<a href="[^"<>]*">/g;
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 60 }), (parts) => {
      expect(renderMarkdown(parts.join('')).replace(made, '')).not.toMatch(/[<"']/);
    }),
    { numRuns: 1_000 },
  );
});
