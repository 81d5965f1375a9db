// The search engine outside a browser: it reads the files of a site from disk and counts what it reads.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { root } from './book.mjs';

const scripts = join(root, 'themes', 'default', 'static', 'search');

/** What the engine's scripts define: open, parts, tokens, fold, brief, markdown. */
export function engine() {
  if (!globalThis.fieldbookSearch) {
    for (const name of ['engine.js', 'brief.js']) runInThisContext(readFileSync(join(scripts, name), 'utf8'), { filename: name });
  }
  return globalThis.fieldbookSearch;
}

/** A search over a built site, and the files that it has loaded so far, with their sizes after gzip. */
export function open(site) {
  const loaded = new Map();
  const load = async (name) => {
    const text = readFileSync(join(site, 'search', `${name}.js`), 'utf8');
    loaded.set(name, text);
    let values;
    globalThis.fbx = (own, ...all) => (values = own === name ? all : undefined);
    runInThisContext(text);
    if (!values) throw new Error(`${name} says that it is another file`);
    return values;
  };
  const search = engine().open({ root: '', load, page: async () => null });
  const sizes = () => [...loaded.values()].map((text) => gzipSync(text, { level: 9 }).length);
  return { search, loaded, sizes };
}
