// What the engine in the browser loads and how well it answers: called by bench/search.py.
//
//   node bench/search/measure.mjs bytes SITE                       what a first query loads
//   node bench/search/measure.mjs quality CONTENT SITE BOOK SEED [PAGEFIND]
//
// Prints one JSON object.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { gzipSync } from 'node:zlib';
import { open } from '../../tests/browser/search.mjs';
import { chance, draw, slip } from './queries.mjs';

const here = dirname(fileURLToPath(import.meta.url));
const mean = (list) => list.reduce((sum, number) => sum + number, 0) / list.length;
const at = (list, part) => [...list].sort((a, b) => a - b)[Math.min(list.length - 1, Math.floor(list.length * part))];
const rounded = (number, digits) => Number(number.toFixed(digits));

/** The bytes of a script as a host would send it. */
const sent = (site, name) => {
  const file = readdirSync(join(site, 'theme'), { recursive: true }).find((path) => path.startsWith(name) && path.endsWith('.js'));
  return file ? gzipSync(readFileSync(join(site, 'theme', file)), { level: 9 }).length : 0;
};

async function bytes(site) {
  const random = chance(1);
  const titles = JSON.parse(readFileSync(join(site, 'index.json'), 'utf8')).map(({ title }) => title.match(/\p{L}{3,}/gu) ?? []);
  const scripts = { engine: sent(site, 'search/engine.'), dialog: sent(site, 'search.') };
  const result = { scripts };
  for (const count of [1, 2]) {
    const loads = [];
    while (loads.length < 300) {
      const words = titles[Math.floor(random() * titles.length)];
      if (words.length < count) continue;
      const from = Math.floor(random() * (words.length - count + 1));
      const query = words.slice(from, from + count).join(' ');
      const { search, sizes } = open(site);
      const started = performance.now();
      await search.query(`${query} `, { limit: 8 });
      const cold = performance.now() - started;
      const again = performance.now();
      await search.query(`${query} `, { limit: 8 });
      const warm = performance.now() - again;
      const index = sizes();
      loads.push({ index: index.reduce((sum, size) => sum + size, 0), requests: index.length + 1, cold, warm });
    }
    const of = (name) => loads.map((load) => load[name]);
    result[count] = {
      index: [at(of('index'), 0.5), at(of('index'), 0.95)],
      all: at(of('index'), 0.5) + scripts.engine,
      requests: at(of('requests'), 0.5),
      cold: [rounded(at(of('cold'), 0.5), 1), rounded(at(of('cold'), 0.95), 1)],
      warm: [rounded(at(of('warm'), 0.5), 1), rounded(at(of('warm'), 0.95), 1)],
    };
  }
  return result;
}

async function quality(content, site, book, seed, pagefindFolder) {
  const urls = new Set(JSON.parse(readFileSync(join(site, 'index.json'), 'utf8')).map(({ url }) => url));
  const urlOf = (path) => {
    const stem = path.replace(/\.md$/i, '');
    const names = [`${stem}.html`, `${stem.replace(/(^|\/)(readme|index|_index)$/i, '$1index')}.html`];
    return names.flatMap((name) => [name, encodeURI(name)]).find((name) => urls.has(name)) ?? names[0];
  };
  const { search } = open(site);
  const engines = { fieldbook: async (query, limit) => (await search.query(query, { limit })).hits.map(({ url }) => decodeURI(url)) };
  let other = null;
  if (pagefindFolder) {
    const { pagefind } = await import('./pagefind.mjs');
    other = await pagefind(pagefindFolder);
    engines.pagefind = async (query, limit) =>
      (await other.ask(query.trim(), limit)).map((url) => decodeURI(url).replace(/(^|\/)$/, '$1index.html'));
  }
  const judged = JSON.parse(readFileSync(join(here, 'judged.json'), 'utf8')).queries;
  const gain = (grades) => grades.reduce((sum, grade, rank) => sum + (2 ** grade - 1) / Math.log2(rank + 2), 0);
  const paths = readdirSync(content, { recursive: true }).filter((path) => path.endsWith('.md') && urls.has(urlOf(path))).sort();
  const drawn = draw(content, paths, 200, seed);
  const result = {};
  for (const [name, ask] of Object.entries(engines)) {
    const gains = { tuned: [], heldOut: [] };
    for (const [place, [of, query, answers]] of judged.entries()) {
      if (of !== book) continue;
      const grades = new Map(Object.entries(answers).map(([path, grade]) => [decodeURI(urlOf(path)), grade]));
      const found = gain((await ask(`${query} `, 10)).map((url) => grades.get(url) ?? 0));
      gains[place % 2 ? 'heldOut' : 'tuned'].push(found / gain([...grades.values()].sort((a, b) => b - a).slice(0, 10)));
    }
    const random = chance(seed + 7);
    const [ranks, slips, swaps] = [[], [], []];
    for (const { path, query } of drawn) {
      const wanted = decodeURI(urlOf(path));
      const rank = async (asked) => (await ask(asked, 8)).indexOf(wanted) + 1;
      const found = await rank(query);
      ranks.push(found ? 1 / found : 0);
      const [slipped, swapped] = [slip(query, random), slip(query, random, 1)];
      if (slipped) slips.push((await rank(slipped)) > 0);
      if (swapped) swaps.push((await rank(swapped)) > 0);
    }
    const share = (list) => rounded(mean(list.map(Number)), 3);
    result[name] = {
      judged: { tuned: gains.tuned, heldOut: gains.heldOut },
      mrr: share(ranks),
      recall: share(ranks.map((rank) => rank > 0)),
      slip: share(slips),
      swap: share(swaps),
    };
  }
  await other?.close();
  return { notes: paths.length, ...result };
}

const [what, ...given] = process.argv.slice(2);
const done = what === 'bytes' ? await bytes(...given) : await quality(given[0], given[1], given[2], Number(given[3]), given[4]);
console.log(JSON.stringify(done));
