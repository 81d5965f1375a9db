// Every page that the two books make is valid HTML.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileSystemConfigLoader, HtmlValidate } from 'html-validate';
import { build, pages, root } from './book.mjs';

const validator = new HtmlValidate(
  new FileSystemConfigLoader({
    root: true,
    extends: ['html-validate:recommended'],
    rules: {
      // Both forms are valid HTML; the program writes them without the slash.
      'void-style': ['error', { style: 'omit' }],
      // Ids follow GitHub's rule and may begin with a digit, as HTML allows.
      'valid-id': ['error', { relaxed: true }],
      // A note's headings and lists come from its author.
      'long-title': 'off',
      // Trailing white space in a code block is the author's.
      'no-trailing-whitespace': 'off',
    },
  }),
);

for (const [name, folder] of [['the handbook', '.'], ['a book with everything', 'tests/books/everything']]) {
  test(`${name} is valid HTML, page by page`, async () => {
    const site = build(join(root, folder));
    const names = pages(site);
    assert.ok(names.length > 10, 'the book has pages');
    const report = await validator.validateMultipleFiles(names.map((page) => join(site, page)));
    const wrong = report.results.flatMap((result) =>
      result.messages.map((m) => `${result.filePath.slice(site.length + 1)}:${m.line}:${m.column} ${m.ruleId}: ${m.message}`),
    );
    assert.deepEqual(wrong.slice(0, 40), []);
  });
}
