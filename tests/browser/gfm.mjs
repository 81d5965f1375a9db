// What GitHub Flavored Markdown 0.29 adds to CommonMark, rule by rule. No registry has a package
// with its text, so these examples are our own: one or more for each rule of the four sections.
const sections = {
  'Tables (extension)': [
    ['| day | calls |\n| --- | --- |\n| Mon | 12 |\n| Tue | 9 |\n', table(['day', 'calls'], [['Mon', '12'], ['Tue', '9']])],
    // Colons in the delimiter row align; the pipes at the ends may be left out; widths mean nothing.
    ['a | b | c | d\n:-|:--:|-:|--\n1 | 2 | 3 | 4\n', table(['a', 'b', 'c', 'd'], [['1', '2', '3', '4']], ['left', 'center', 'right', ''])],
    // A pipe in a cell is escaped, in code, too; inline markup is read.
    ['| a |\n| - |\n| `x \\| y` and **z \\| w** |\n', table(['a'], [['<code>x | y</code> and <strong>z | w</strong>']])],
    // The table ends where another block begins…
    ['| a |\n| - |\n| 1 |\n> quote\n', table(['a'], [['1']]) + '<blockquote><p>quote</p></blockquote>'],
    ['| a |\n| - |\n| 1 |\n# Heading\n', table(['a'], [['1']]) + '<h1>Heading</h1>'],
    ['| a |\n| - |\n| 1 |\n- item\n', table(['a'], [['1']]) + '<ul><li>item</li></ul>'],
    ['| a |\n| - |\n| 1 |\n```\nx\n```\n', table(['a'], [['1']]) + '<pre><code>x\n</code></pre>'],
    // … or at a blank line; a line of text without pipes is a row.
    ['| a | b |\n| - | - |\n| 1 | 2 |\nrow\n\ntext\n', table(['a', 'b'], [['1', '2'], ['row', '']]) + '<p>text</p>'],
    // The head must have as many cells as the delimiter row.
    ['| a | b |\n| - |\n| 1 |\n', '<p>| a | b |\n| - |\n| 1 |</p>'],
    // Rows may be short, and then are filled up, or long, and then are cut.
    ['| a | b |\n| - | - |\n| 1 |\n| 1 | 2 | 3 |\n', table(['a', 'b'], [['1', ''], ['1', '2']])],
    // Without rows there is no body.
    ['| a | b |\n| - | - |\n', table(['a', 'b'], [])],
    // Blocks are not read in cells.
    ['| a |\n| - |\n| - b |\n| # c |\n', table(['a'], [['- b'], ['# c']])],
    // In a list and in a quote.
    ['> | a |\n> | - |\n> | 1 |\n', `<blockquote>${table(['a'], [['1']])}</blockquote>`],
    ['- | a |\n  | - |\n  | 1 |\n', `<ul><li>${table(['a'], [['1']])}</li></ul>`],
  ],
  'Task list items (extension)': [
    ['- [ ] open\n- [x] done\n- [X] done, too\n', `<ul><li>${box(false)} open</li><li>${box(true)} done</li><li>${box(true)} done, too</li></ul>`],
    // Nested, and in ordered lists.
    ['1. [x] a\n   - [ ] b\n2. c\n', `<ol><li>${box(true)} a<ul><li>${box(false)} b</li></ul></li><li>c</li></ol>`],
    // White space must follow the marker, and one character must stand in it.
    ['- [x]tight\n- []\n- [y] other\n', '<ul><li>[x]tight</li><li>[]</li><li>[y] other</li></ul>'],
    // Only at the start of an item's text.
    ['- a [x] b\n\n[x] text\n', '<ul><li>a [x] b</li></ul><p>[x] text</p>'],
    ['- [ ] **strong** and `code`\n', `<ul><li>${box(false)} <strong>strong</strong> and <code>code</code></li></ul>`],
  ],
  'Strikethrough (extension)': [
    ['~~gone~~ and ~one~ stay\n', '<p><del>gone</del> and <del>one</del> stay</p>'],
    // A new paragraph ends it.
    ['~~not\n\nclosed~~\n', '<p>~~not</p><p>closed~~</p>'],
    // Three tildes make none.
    ['a ~~~b~~~ c\n', '<p>a ~~~b~~~ c</p>'],
    ['**~~both~~** and ~~**both**~~\n', '<p><strong><del>both</del></strong> and <del><strong>both</strong></del></p>'],
    // White space inside the tildes, and escapes.
    ['~~ a ~~ and \\~\\~b\\~\\~\n', '<p>~~ a ~~ and ~~b~~</p>'],
  ],
  'Autolinks (extension)': [
    ['www.example.org\n', '<p><a href="http://www.example.org">www.example.org</a></p>'],
    ['See www.example.org/a/b?c=d#e for it.\n', '<p>See <a href="http://www.example.org/a/b?c=d#e">www.example.org/a/b?c=d#e</a> for it.</p>'],
    // Punctuation at the end is not part of it, within it is.
    ['www.example.org. www.example.org/a.b. www.example.org?! www.example.org:\n', `<p>${web('www.example.org')}. ${web('www.example.org/a.b')}. ${web('www.example.org')}?! ${web('www.example.org')}:</p>`],
    ['**www.example.org** _www.example.org_ ~~www.example.org~~\n', `<p><strong>${web('www.example.org')}</strong> <em>${web('www.example.org')}</em> <del>${web('www.example.org')}</del></p>`],
    // Parentheses count: what is open inside may close, what is not stays outside.
    ['www.example.org/a_(b) (www.example.org/a_(b)) www.example.org/a)))\n', `<p>${web('www.example.org/a_(b)')} (${web('www.example.org/a_(b)')}) ${web('www.example.org/a')})))</p>`],
    ['www.example.org/?q=(a)+b\n', `<p>${web('www.example.org/?q=(a)+b')}</p>`],
    // What looks like an entity at the end is none of it.
    ['www.example.org/?q=a&b=c www.example.org/?q=a&hl;\n', `<p>${web('www.example.org/?q=a&amp;b=c')} ${web('www.example.org/?q=a')}&amp;hl;</p>`],
    // `<` ends it at once.
    ['www.example.org/a<b\n', `<p>${web('www.example.org/a')}&lt;b</p>`],
    // With a scheme; the domain needs a dot, and no underscore in its last two parts.
    ['http://example.org https://example.org/a?b\n', '<p><a href="http://example.org">http://example.org</a> <a href="https://example.org/a?b">https://example.org/a?b</a></p>'],
    ['http://a_b.c www.a.b_c http://x_y.example.org\n', '<p>http://a_b.c www.a.b_c <a href="http://x_y.example.org">http://x_y.example.org</a></p>'],
    // Before it stands white space, the line’s start or one of * _ ~ (.
    ['xhttp://example.org "www.example.org"\n', '<p>xhttp://example.org &quot;www.example.org&quot;</p>'],
    // Mail addresses: a dot in the domain, and neither - nor _ at its end.
    ['ana.b-c_d+e@mail.example.org\n', mail('ana.b-c_d+e@mail.example.org', '')],
    ['ana@example.org. ana@example.org- ana@example.org_\n', mail('ana@example.org', '. ana@example.org- ana@example.org_')],
    ['ana@team and ana@-\n', '<p>ana@team and ana@-</p>'],
    // Nothing within code, and nothing within a link.
    ['`www.example.org` [www.example.org](https://example.com)\n', '<p><code>www.example.org</code> <a href="https://example.com">www.example.org</a></p>'],
  ],
};

function table(head, rows, align = []) {
  const row = (name, cells) => `<tr>${cells.map((c, i) => `<${name}${align[i] ? ` align="${align[i]}"` : ''}>${c}</${name}>`).join('')}</tr>`;
  const body = rows.length > 0 ? `<tbody>${rows.map((r) => row('td', r)).join('')}</tbody>` : '';
  return `<table><thead>${row('th', head)}</thead>${body}</table>`;
}

function box(checked) {
  return `<input type="checkbox" disabled=""${checked ? ' checked=""' : ''}>`;
}

function web(url) {
  return `<a href="http://${url}">${url}</a>`;
}

function mail(address, rest) {
  return `<p><a href="mailto:${address}">${address}</a>${rest}</p>`;
}

export const gfm = Object.entries(sections).flatMap(([section, examples], s) =>
  examples.map(([markdown, html], n) => ({ name: `gfm-${s + 1}-${n + 1}`, section, markdown, html })),
);
