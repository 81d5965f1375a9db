// Search on both sides: the engine in JavaScript reads words and ranks notes as the program does.
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { build, fieldbook, root } from './book.mjs';
import { engine, open } from './search.mjs';

test('words are read as the program reads them', () => {
  const { tokens } = engine();
  const golden = JSON.parse(readFileSync(join(root, 'tests', 'golden', 'words.json'), 'utf8'));
  assert.ok(golden.length > 100);
  for (const [text, expected] of golden) {
    const found = tokens(text).map((token) => [token.text, token.form, token.position, token.start, token.end]);
    assert.deepEqual(found, expected, JSON.stringify(text));
  }
});

// What people type, by way of what the book says; and everything that the query language knows.
const queries = `refund|refund |refnd label|badge|"what surprised us"|"a refund" spain|flex -spain|kind:experiment badge
kind:experiment|-kind:note refund|team:checkout result:refuted|tag:market price|by:ana |by:ana tracker|year:2026 label
FLEX-112|flex112|ticket:FLEX-112|the|the of and|a|r|re|ref|refund label price market spain germany words|mermiad|diagrm
customer reads refunds|waiting longer than promised|erstattbar|Erstattung|zwrotny|xyzzyq|xyzzyq refund|status:accepted
"no such phrase here"|-refund kind:retro|front matter|frontmatter|front-matter|book.toml|base_url|baseUrl|kind:exp|tag:mar
what did we learn about labels in spain|why did people leave|who decided to drop the badge|postmortem|"|-|:|kind:|日本
c++|c#|draft visibility|links embeds|highlgiht|publishing to github pages|experiment review|team:nobody x|"refund" label`
  .split(/[|\n]/)
  .concat(['']);

test('notes are ranked as the program ranks them', async () => {
  const site = build(root);
  for (const query of queries) {
    const { search } = open(site);
    // The command's words are complete; so is a query with a blank at its end.
    const answer = await search.query(`${query} `, { limit: 50, facets: true });
    const printed = query.trim() ? search_(query) : { hits: [], total: 0, unknown: [] };
    const here = answer.hits.map(({ url, score }) => [url, score]);
    assert.deepEqual(here, printed.hits.map(({ url, score }) => [url, score]), query);
    assert.equal(answer.total, printed.total, query);
    assert.deepEqual([...answer.unknown], printed.unknown, query);
    assert.equal(answer.correctedTo?.trim(), printed.corrected_to, query);
  }
});

test('a brief is the one that the program prints', async () => {
  const site = build(root);
  for (const query of ['refund label', 'tag:market', 'flex spain', 'kind:retro', 'xyzzyq']) {
    const args = ['brief', '--format', 'json', '--root', root, '--', query];
    const printed = JSON.parse(execFileSync(fieldbook, args, { stdio: ['ignore', 'pipe', 'ignore'] }));
    const here = await engine().brief(open(site).search, query);
    const withoutPath = (key, value) => (key === 'path' || key === 'tone' ? undefined : value);
    assert.deepEqual(JSON.parse(JSON.stringify(here, withoutPath)), JSON.parse(JSON.stringify(printed, withoutPath)), query);
  }
});

function search_(query) {
  const args = ['search', '--format', 'json', '-n', '50', '--root', root, '--', query];
  return JSON.parse(execFileSync(fieldbook, args, { stdio: ['ignore', 'pipe', 'ignore'] }));
}
