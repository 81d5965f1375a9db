// The search engine outside a browser: it reads the files of a site from disk and counts what it reads.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { runInThisContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import { root } from './book.mjs';

const script = join(root, 'themes', 'default', 'static', 'search', 'engine.js');

/** What the engine's script defines: open, parts, tokens, fold. */
export function engine() {
  runInThisContext(readFileSync(script, 'utf8'), { filename: script });
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
