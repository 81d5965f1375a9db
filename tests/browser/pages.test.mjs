// Every type of page in Chromium: opened from a folder on disk and over HTTP below a path.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { gzipSync } from 'node:zlib';
import { build, root, types } from './book.mjs';
import { barriers, launch, open as openIn, serve } from './reader.mjs';

let site, browser, host, base;

before(async () => {
  site = build(root);
  browser = await launch();
  host = await serve(site);
  base = host.base;
});

after(async () => {
  await browser?.close();
  host?.close();
});

const open = (url, options) => openIn(browser, url, options);

describe('each type of page', () => {
  for (const [type, path] of Object.entries(types)) {
    test(`${type}: quiet from disk and below a path, in both themes and on a phone`, async () => {
      const ways = [
        [pathToFileURL(join(site, path)).href, {}],
        [base + path, { colorScheme: 'dark' }],
        [base + path, { viewport: { width: 390, height: 844 } }],
      ];
      for (const [url, options] of ways) {
        const { page, seen, close } = await open(url, options);
        assert.deepEqual(seen.messages, [], `${url}: console, CSP and failed requests`);
        const origin = url.startsWith('file:') ? 'file://' : new URL(url).origin;
        assert.deepEqual(seen.requests.filter((r) => !r.startsWith(origin) && !r.startsWith('data:')), [], 'no third party');
        assert.equal(await page.locator('h1').count(), 1, 'one first-level heading');
        // The sheet came through: an unstyled page has Chromium's 8 px margin.
        assert.equal(await page.evaluate(() => getComputedStyle(document.body).margin), '0px');
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no sideways scroll');
        assert.deepEqual(await barriers(page), [], `axe on ${url}`);
        await close();
      }
    });
  }
});

test('everything is readable without script', async () => {
  for (const path of Object.values(types)) {
    const { page, close } = await open(base + path, { javaScriptEnabled: false });
    const text = await page.locator('main').innerText();
    assert.ok(text.trim().length > 20, path);
    await close();
  }
});

test('the first view of a note is small', async () => {
  const { seen, close } = await open(base + types.learning);
  await close();
  const files = [...new Set(seen.requests)].map((url) => join(site, decodeURIComponent(new URL(url).pathname).replace('/hand/book', '')));
  const bytes = files.reduce((sum, file) => sum + gzipSync(readFileSync(file)).length, 0);
  assert.ok(files.length <= 6, `${files.length} requests`);
  assert.ok(bytes <= 20 * 1024, `${bytes} bytes`);
});

test('a diagram is drawn, and only its page loads the script', async () => {
  const plain = await open(base + types.learning);
  assert.ok(!plain.seen.requests.some((url) => url.includes('mermaid')));
  await plain.close();
  const { page, seen, close } = await open(base + 'manual/diagrams.html');
  await page.locator('figure.diagram img').first().waitFor({ timeout: 30_000 });
  assert.deepEqual(seen.messages, []);
  const drawn = await page.locator('figure.diagram img').first().evaluate((image) => image.decode().then(() => image.naturalWidth));
  assert.ok(drawn > 50, `the picture is ${drawn} px wide`);
  await close();
});

test('links, images and anchors of the handbook lead somewhere', async () => {
  const queue = ['index.html'];
  const seen = new Set(queue);
  const { page, close } = await open(base);
  const broken = [];
  while (queue.length > 0) {
    const path = queue.pop();
    await page.setContent('');
    const html = readFileSync(join(site, path), 'utf8');
    const links = await page.evaluate(
      ([html, url]) => {
        const doc = new DOMParser().parseFromString(html, 'text/html');
        const of = (name) => [...doc.querySelectorAll(`[${name}]`)].map((e) => e.getAttribute(name));
        return [...of('href'), ...of('src')].map((link) => new URL(link, url).href);
      },
      [html, base + path],
    );
    for (const link of links.filter((l) => l.startsWith(base))) {
      const url = new URL(link);
      const target = decodeURIComponent(url.pathname).replace('/hand/book/', '');
      const file = join(site, target);
      if (!existsSync(file) || !statSync(file).isFile()) {
        broken.push(`${path} -> ${target}`);
        continue;
      }
      if (url.hash && target.endsWith('.html')) {
        const id = decodeURIComponent(url.hash.slice(1));
        if (!readFileSync(file, 'utf8').includes(`id="${id.replaceAll('&', '&amp;')}"`)) broken.push(`${path} -> ${target}#${id}`);
      }
      if (target.endsWith('.html') && !seen.has(target)) {
        seen.add(target);
        queue.push(target);
      }
    }
  }
  await close();
  assert.ok(seen.size > 100, `${seen.size} pages were reached`);
  assert.deepEqual(broken.slice(0, 20), []);
});
