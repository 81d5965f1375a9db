// CommonMark's own examples and GitHub's extensions, through the whole product: each example is a
// note of one book, and what stands in its page's <article> is what the specification says.
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import commonmark from 'commonmark-spec';
import { parseFragment } from 'parse5';
import { build } from './book.mjs';
import { gfm } from './gfm.mjs';

/** Where Fieldbook means something else by the same text: why, and what it makes of it. */
const deviations = new Map([
  ['commonmark-501', ['a link to a heading that is not there leads to its page', '<p><a href="note.html">link</a></p><p><a href="https://example.com#fragment">link</a></p><p><a href="https://example.com?foo=3#frag">link</a></p>']],
  ['commonmark-548', ['double brackets are a wikilink, here to another example’s file', '<p>[<a href="/commonmark-162/foo">foo</a>]</p><p>[<a href="/commonmark-162/foo">foo</a>]: /url</p>']],
  ['commonmark-559', ['double brackets are a wikilink, here to nothing', '<p>[[*foo* bar]]</p>']],
  ['commonmark-590', ['double brackets are a wikilink, here to another example’s file', '<p><a href="/commonmark-162/foo">foo</a></p><p><a href="/commonmark-162/foo">foo</a>: /url &quot;title&quot;</p>']],
  ['commonmark-606', ['a bare mail address is a link, as on GitHub', '<p>&lt;<a href="mailto:foo+@bar.example.com">foo+@bar.example.com</a>&gt;</p>']],
  ['commonmark-608', ['a bare URL is a link, as on GitHub', '<p>&lt; <a href="https://foo.bar">https://foo.bar</a> &gt;</p>']],
  ['commonmark-611', ['a bare URL is a link, as on GitHub', '<p><a href="https://example.com">https://example.com</a></p>']],
  ['commonmark-612', ['a bare mail address is a link, as on GitHub', '<p><a href="mailto:foo@bar.example.com">foo@bar.example.com</a></p>']],
]);

const examples = [
  ...commonmark.tests.map((e) => ({
    name: `commonmark-${e.number}`,
    section: e.section,
    markdown: e.markdown.replaceAll('→', '\t'),
    html: e.html.replaceAll('→', '\t'),
  })),
  ...gfm,
];

const origin = 'http://book';
let folder, site;

before(() => {
  folder = mkdtempSync(join(tmpdir(), 'fieldbook-conformance-'));
  const write = (path, text) => {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  };
  write('book.toml', '[markdown]\nraw_html = "allow"\nmath = false\n');
  for (const { name, markdown } of examples) {
    write(`content/${name}/note.md`, `---\ntitle: "The example ${name}"\n---\n${markdown}`);
  }
  // A broken link loses its address in our pages, so what the examples link to is there.
  const needed = new Set(examples.flatMap(({ name, html }) => targets(name, html)));
  for (const target of [...needed].sort((a, b) => b.length - a.length)) {
    if (!existsSync(join(folder, 'content', target))) write(join('content', target), '');
  }
  site = build(folder);
});

after(() => rmSync(folder, { recursive: true, force: true }));

/** Files, as paths below the content folder, to which the links and images of an example lead. */
function targets(name, html) {
  const found = [];
  walk(parseFragment(html), (node) => {
    for (const { name: key, value } of node.attrs ?? []) {
      if ((key !== 'href' && key !== 'src') || !URL.canParse(value, origin)) continue;
      const url = new URL(value, `${origin}/${name}/note.html`);
      if (url.origin !== origin) continue;
      const path = decode(url.pathname).slice(1);
      if (!path.endsWith('/') && !path.endsWith('.html')) found.push(path);
    }
  });
  return found;
}

function walk(node, visit) {
  visit(node);
  for (const child of node.childNodes ?? []) walk(child, visit);
}

function decode(path) {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

const attribute = (node, name) => node.attrs?.find((a) => a.name === name)?.value;
const hasClass = (node, name) => (attribute(node, 'class') ?? '').split(' ').includes(name);
const text = (node) => (node.nodeName === '#text' ? node.value : (node.childNodes ?? []).map(text).join(''));

const blocks = 'address blockquote dd details div dl dt figure h[1-6] hr li ol p pre section summary table tbody td th thead tr ul';
const aroundBlocks = new RegExp(` ?(</?(?:${blocks.replaceAll(' ', '|')})(?: [^>]*)?>) ?`, 'g');

/**
 * HTML as comparable text. In ours, what Fieldbook adds to CommonMark's HTML is undone, and only
 * that; in the specification's, headings get the levels that a page gives them.
 */
function canonical(name, html, ours) {
  const levels = [];
  const out = [];
  const emit = (node, inPre) => {
    if (node.nodeName === '#text') {
      out.push(inPre ? node.value : node.value.replace(/[ \t\n\r]+/g, ' '));
      return;
    }
    if (node.nodeName === '#comment') {
      out.push(`<!--${node.data}-->`);
      return;
    }
    let { tagName: tag, attrs = [] } = node;
    let children = node.childNodes ?? [];
    if (!tag) {
      for (const child of children) emit(child, inPre);
      return;
    }
    if (ours) {
      // The link beside a heading; the wrapper of a table.
      if (tag === 'a' && hasClass(node, 'anchor') && text(node) === '#') return;
      if (tag === 'div' && hasClass(node, 'scroll') && children.some((c) => c.tagName === 'table')) {
        for (const child of children) emit(child, inPre);
        return;
      }
      const added = {
        a: ['rel'],
        img: ['loading', 'decoding', 'width', 'height'],
        input: ['aria-label'],
        pre: ['tabindex', 'role', 'aria-label', 'data-lang'],
      }[tag];
      attrs = attrs.filter((a) => !added?.includes(a.name));
      if (/^h[1-6]$/.test(tag)) attrs = attrs.filter((a) => a.name !== 'id');
      if (tag === 'li') attrs = attrs.filter((a) => !(a.name === 'class' && a.value === 'task'));
      if (tag === 'td' || tag === 'th') attrs = attrs.map((a) => (a.name === 'class' ? { name: 'align', value: a.value } : a));
      // Highlighting and the lines of a code block.
      if (tag === 'code' && node.parentNode?.tagName === 'pre') children = [{ nodeName: '#text', value: text(node) }];
    } else if (/^h[1-6]$/.test(tag) && attrs.length === 0) {
      // A page's title is its first-level heading, and no level is left out.
      const level = Number(tag[1]);
      while (levels.length > 0 && levels.at(-1) >= level) levels.pop();
      levels.push(level);
      tag = `h${Math.min(levels.length + 1, 6)}`;
    }
    const written = attrs
      .map((a) => `${a.name}="${a.name === 'href' || a.name === 'src' ? address(name, a.value) : a.value}"`)
      .sort();
    out.push(`<${[tag, ...written].join(' ')}>`);
    for (const child of children) emit(child, inPre || tag === 'pre');
    out.push(`</${tag}>`);
  };
  emit(parseFragment(html), false);
  // White space between blocks has no meaning.
  return out
    .join('')
    .split(/(<pre[^]*?<\/pre>)/)
    .map((part) => (part.startsWith('<pre') ? part : part.replace(/ +/g, ' ').replace(aroundBlocks, '$1').replace(/<br> /g, '<br>')))
    .join('')
    .replace(/> (<pre)/g, '>$1')
    .replace(/(<\/pre>) /g, '$1')
    .trim();
}

/** An address, wherever it is seen from; a link to a note leads to its page. */
function address(name, value) {
  if (!URL.canParse(value, origin)) return value;
  const url = new URL(value, `${origin}/${name}/note.html`);
  if (url.origin !== origin) return decode(url.href);
  return decode(url.pathname.replace(/\.md$/, '.html') + url.search + url.hash);
}

function article(name) {
  const html = readFileSync(join(site, name, 'note.html'), 'utf8');
  const start = html.indexOf('<article class="prose">') + '<article class="prose">'.length;
  return html.slice(start, html.lastIndexOf('</article>'));
}

for (const [spec, prefix] of [['CommonMark 0.31.2', 'commonmark-'], ['GitHub Flavored Markdown', 'gfm-']]) {
  describe(spec, () => {
    for (const example of examples.filter((e) => e.name.startsWith(prefix))) {
      const [reason, html] = deviations.get(example.name) ?? [null, example.html];
      test(`${example.name}, ${example.section}${reason ? ` (differs: ${reason})` : ''}`, () => {
        assert.equal(canonical(example.name, article(example.name), true), canonical(example.name, html, false), example.markdown);
      });
    }
  });
}

test('all 652 examples are there', () => assert.equal(commonmark.tests.length, 652));
