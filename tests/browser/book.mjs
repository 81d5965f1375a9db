// Builds books for the browser tests, and knows one page of every type.
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { fileURLToPath } from 'node:url';

export const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
export const fieldbook = process.env.FIELDBOOK ?? join(root, 'target', 'release', 'fieldbook');

/** Builds the book in `folder` and gives the folder of its site, which is removed when the process ends. */
export function build(folder, ...flags) {
  const site = join(mkdtempSync(join(tmpdir(), 'fieldbook-browser-')), 'site');
  execFileSync(fieldbook, ['build', folder, '--output', site, ...flags], { stdio: ['ignore', 'ignore', 'inherit'] });
  process.on('exit', () => rmSync(dirname(site), { recursive: true, force: true }));
  return site;
}

/** Writes a book, given as its files' texts by path, and builds it. */
export function buildOf(files, ...flags) {
  const folder = mkdtempSync(join(tmpdir(), 'fieldbook-book-'));
  for (const [path, text] of Object.entries(files)) {
    const file = join(folder, path);
    mkdirSync(dirname(file), { recursive: true });
    writeFileSync(file, text);
  }
  const site = build(folder, ...flags);
  rmSync(folder, { recursive: true, force: true });
  return site;
}

/** Every HTML file of a site, as paths below it. */
export function pages(site) {
  return readdirSync(site, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile() && entry.name.endsWith('.html'))
    .map((entry) => relative(site, join(entry.parentPath ?? entry.path, entry.name)))
    .sort();
}

/** One page of every type, from the repository's own handbook. */
export const types = {
  home: 'index.html',
  learning: 'learnings/customers-read-refund-before-price.html',
  note: 'guides/how-we-read-a-result.html',
  manual: 'manual/markdown.html',
  section: 'guides/index.html',
  kind: 'experiments/index.html',
  tags: 'tags/index.html',
  tag: 'tags/market.html',
  people: 'people/index.html',
  person: 'people/ana-ruiz.html',
  teams: 'teams/index.html',
  team: 'teams/checkout.html',
  tickets: 'tickets/index.html',
  ticket: 'tickets/flex-112.html',
  browse: 'browse/index.html',
  result: 'browse/result/refuted.html',
  log: 'log/index.html',
  search: 'search/index.html',
  missing: '404.html',
};
