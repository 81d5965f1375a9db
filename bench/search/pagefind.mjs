// Pagefind on the same pages, in Chromium, since its engine needs a browser.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { extname, join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { chromium } from 'playwright-core';

const types = { '.html': 'text/html', '.js': 'text/javascript', '.json': 'application/json', '.css': 'text/css' };

/** Serves a folder with its pagefind index and asks it there. Counts what is loaded, after gzip where a host would. */
export async function pagefind(folder) {
  const loaded = [];
  const server = createServer((request, response) => {
    const path = decodeURIComponent(new URL(request.url, 'http://x').pathname);
    const file = join(folder, path);
    if (path === '/empty') return response.writeHead(200, { 'content-type': 'text/html' }).end('<!DOCTYPE html>');
    if (!existsSync(file) || !statSync(file).isFile()) return response.writeHead(404).end();
    const bytes = readFileSync(file);
    const type = types[extname(file)];
    loaded.push(type ? gzipSync(bytes, { level: 9 }).length : bytes.length);
    response.writeHead(200, { 'content-type': type ?? 'application/octet-stream' }).end(bytes);
  });
  await new Promise((done) => server.listen(0, '127.0.0.1', done));
  const base = `http://127.0.0.1:${server.address().port}`;
  const browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--no-first-run'],
  });
  let page = null;
  /** A reader who has loaded nothing yet. */
  const fresh = async () => {
    await page?.context().close();
    page = await (await browser.newContext()).newPage();
    await page.goto(`${base}/empty`);
    loaded.length = 0;
  };
  await fresh();
  /** The addresses of the first notes that answer. */
  const ask = (query, limit) =>
    page.evaluate(
      async ([query, limit]) => {
        globalThis.engine ??= await import('/pagefind/pagefind.js');
        const { results } = await globalThis.engine.search(query);
        return (await Promise.all(results.slice(0, limit).map((result) => result.data()))).map(({ url }) => url.slice(1));
      },
      [query, limit],
    );
  const close = async () => {
    await browser.close();
    server.close();
  };
  return { ask, fresh, loaded, close };
}
