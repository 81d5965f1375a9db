// `fieldbook serve` in Chromium: what an open page does while its book is being written.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after, afterEach, before, beforeEach, describe, test } from 'node:test';
import { chromium } from 'playwright-core';
import { fieldbook } from './book.mjs';

const axe = readFileSync(new URL('./node_modules/axe-core/axe.min.js', import.meta.url), 'utf8');
const paragraphs = (n) => Array.from({ length: n }, (_, i) => `Paragraph ${i} of a long note.`).join('\n\n');

let browser, book, server, base, page, seen;

before(async () => {
  browser = await chromium.launch({
    executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium',
    args: ['--no-sandbox', '--disable-gpu', '--disable-background-networking', '--disable-component-update', '--disable-sync', '--no-first-run'],
  });
});

after(() => browser?.close());

/** Starts the server and waits until it says where it is. */
async function serve(port = 0) {
  server = spawn(fieldbook, ['serve', book, '--port', String(port)], { stdio: ['ignore', 'ignore', 'pipe'] });
  let said = '';
  for await (const chunk of server.stderr) {
    said += chunk;
    base = said.match(/http:\/\/127\.0\.0\.1:\d+\//)?.[0];
    if (base) break;
  }
  assert.ok(base, `it says where it is: ${said}`);
  server.stderr.resume();
}

/** Ends the server, and gives its exit code. */
async function stop() {
  const ended = once(server, 'exit');
  server.kill('SIGINT');
  return (await ended)[0];
}

/** Writes a file in one step, as most editors do: half of a file is never what a test is about. */
function write(path, text) {
  const [whole, part] = [join(book, path), join(book, '.part')];
  mkdirSync(dirname(whole), { recursive: true });
  writeFileSync(part, text);
  renameSync(part, whole);
}

const remove = (path) => rmSync(join(book, path));

beforeEach(async () => {
  book = mkdtempSync(join(tmpdir(), 'fieldbook-serve-'));
  write('content/README.md', '# Our handbook\n');
  write('content/start.md', `# Start\n\n${paragraphs(200)}\n\nThe last words.\n`);
  write('content/next.md', '# Next\n\nThe next step.\n');
  await serve();
  const context = await browser.newContext({ viewport: { width: 1200, height: 800 } });
  page = await context.newPage();
  seen = watch(page);
});

afterEach(async () => {
  await page?.context().close();
  if (server && server.exitCode === null && server.signalCode === null) await stop();
  rmSync(book, { recursive: true, force: true });
});

/** Gathers what a reader should never meet. */
function watch(page) {
  const seen = [];
  page.on('console', (message) => seen.push(message.text()));
  page.on('pageerror', (error) => seen.push(String(error)));
  return seen;
}

/** Opens a page and waits until it listens. */
async function open(path, on = page) {
  const listens = on.waitForRequest((request) => request.url().includes('/.fieldbook/events'));
  await on.goto(base + path);
  await listens;
}

/** Marks the page: a page that was loaded again has no mark. */
const mark = () => page.evaluate(() => (window.mark = 'here'));
const isMarked = () => page.evaluate(() => window.mark === 'here');
const text = (wanted, on = page) => on.getByText(wanted).first().waitFor();
const problems = () => page.locator('fieldbook-problems');
const toggle = () => problems().getByRole('button');
const list = () => problems().getByRole('list', { name: 'Problems' });

describe('an open page', () => {
  test('shows an edit by itself and keeps its scroll', async () => {
    await open('start.html');
    await mark();
    await page.evaluate(() => scrollTo(0, 3000));
    write('content/start.md', `# Start\n\n${paragraphs(200)}\n\nOther last words.\n`);
    await text('Other last words.');
    assert.equal(await isMarked(), false);
    await page.waitForFunction(() => scrollY === 3000);
    // And again: it listens on.
    write('content/start.md', `# Start\n\n${paragraphs(200)}\n\nThe very last words.\n`);
    await text('The very last words.');
    await page.waitForFunction(() => scrollY === 3000);
    assert.deepEqual(seen, []);
  });

  test('stays as it is when another one changes', async () => {
    await open('start.html');
    await mark();
    const other = await page.context().newPage();
    await open('next.html', other);
    write('content/next.md', '# Next\n\nAnother next step.\n');
    await text('Another next step.', other);
    // The server told both at the same time; a problem, which it tells after that, is here.
    write('content/next.md', '# Next\n\nAnother next step, to [nowhere](nowhere.md).\n');
    await toggle().waitFor();
    assert.equal(await isMarked(), true);
  });

  test('takes a new style sheet without being loaded again', async () => {
    await open('start.html');
    await mark();
    const sheets = () => page.locator('link[rel=stylesheet]').count();
    const before = await sheets();
    for (const colour of ['rgb(1, 2, 3)', 'rgb(4, 5, 6)']) {
      write('themes/default/static/style.css', `body { background: ${colour} }`);
      await page.waitForFunction((colour) => getComputedStyle(document.body).backgroundColor === colour, colour);
    }
    await page.waitForFunction((before) => document.querySelectorAll('link[rel=stylesheet]').length === before, before);
    assert.equal(await isMarked(), true);
    assert.deepEqual(seen, []);
  });

  test('takes a new picture without being loaded again', async () => {
    const pixel = (colour) => `<svg xmlns="http://www.w3.org/2000/svg" width="10" height="10"><rect width="10" height="10" fill="${colour}"/></svg>`;
    write('content/picture.svg', pixel('red'));
    write('content/next.md', '# Next\n\n![A picture](picture.svg)\n');
    await open('next.html');
    const colour = () =>
      page.evaluate(async () => {
        const image = document.querySelector('main img');
        await image?.decode().catch(() => {});
        const canvas = document.createElement('canvas').getContext('2d');
        canvas.drawImage(image, 0, 0);
        return [...canvas.getImageData(5, 5, 1, 1).data].join();
      });
    const shows = async (wanted) => {
      while ((await colour()) !== wanted);
    };
    await page.locator('main img').waitFor();
    await shows('255,0,0,255');
    await mark();
    write('content/picture.svg', pixel('blue'));
    await shows('0,0,255,255');
    assert.equal(await isMarked(), true);
  });

  test('that went shows what is there instead, and comes back', async () => {
    await open('next.html');
    const note = readFileSync(join(book, 'content/next.md'));
    remove('content/next.md');
    await page.getByRole('heading', { name: 'Page not found' }).waitFor();
    write('content/next.md', note);
    await text('The next step.');
    // It moves, with an alias at the old address.
    remove('content/next.md');
    write('content/guides/later.md', '---\naliases: [/next]\n---\n# Later\n\nThe later step.\n');
    await text('The later step.');
    assert.equal(new URL(page.url()).pathname, '/guides/later.html');
  });

  test('keeps up after the server was started again', async () => {
    await open('start.html');
    await mark();
    const { port } = new URL(base);
    assert.equal(await stop(), 0, 'Ctrl-C ends it cleanly, with a page that listens');
    const back = page.waitForResponse((response) => response.url().includes('/.fieldbook/events') && response.status() === 200);
    await serve(port);
    await back;
    assert.equal(await isMarked(), true, 'nothing has changed');
    write('content/start.md', '# Start\n\nOther words.\n');
    await text('Other words.');
  });

  test('that nobody sees holds no connection, and has missed nothing when it is seen again', async () => {
    await open('next.html');
    await mark();
    const show = (visible) =>
      page.evaluate((visible) => {
        Object.defineProperty(document, 'hidden', { value: !visible, configurable: true });
        document.dispatchEvent(new Event('visibilitychange'));
      }, visible);
    await show(false);
    const other = await page.context().newPage();
    await open('start.html', other);
    write('content/next.md', '# Next\n\nAnother next step.\n');
    write('content/start.md', '# Start\n\nOther words.\n');
    await text('Other words.', other);
    assert.equal(await isMarked(), true);
    await show(true);
    await text('Another next step.');
  });
});

describe('the problems', () => {
  test('of a note are shown as text, with their place, and go when it is mended', async () => {
    await open('start.html');
    await mark();
    write('content/next.md', '---\ndate: 2026-02-30\n---\n# Next\n\n[`<img src=x onerror="window.hacked=1">`](strat.md)\n');
    await list().waitFor();
    assert.equal(await toggle().textContent(), '1 error, 1 warning');
    const items = await list().getByRole('listitem').allInnerTexts();
    assert.match(items[0], /error\[invalid-date\] there is no day `2026-02-30`/);
    assert.match(items[0], /content\/next\.md:2:7/);
    assert.match(items[1], /warning\[broken-link\]/);
    assert.match(items[1], /content\/next\.md:6:1/);
    assert.match(items[1], /hint: did you mean `start\.md`\?/);
    assert.match(items[1], /<img src=x onerror="window\.hacked=1">/);
    assert.equal(await problems().locator('img').count(), 0);
    assert.equal(await page.evaluate(() => window.hacked), undefined);
    write('content/next.md', '# Next\n\nThe next step.\n');
    await problems().waitFor({ state: 'detached' });
    assert.equal(await isMarked(), true);
    assert.deepEqual(seen, []);
  });

  test('are put away and asked for by keyboard, and hold nobody', async () => {
    write('content/next.md', '# Next\n\n[nowhere](nowhere.md)\n');
    await open('start.html');
    await toggle().waitFor();
    assert.equal(await toggle().getAttribute('aria-expanded'), 'false', 'a warning waits');
    await toggle().focus();
    await page.keyboard.press('Enter');
    await list().waitFor();
    await page.keyboard.press('Escape');
    await list().waitFor({ state: 'hidden' });
    const focused = () => page.evaluate(() => document.activeElement?.localName);
    assert.equal(await focused(), 'fieldbook-problems', 'the button has the focus again');
    await page.keyboard.press('Space');
    await list().waitFor();
    // One more step leads out of the page's end; back leads through the list to the page.
    await page.keyboard.press('Tab');
    assert.notEqual(await focused(), 'fieldbook-problems');
    await toggle().focus();
    for (let steps = 0; (await focused()) === 'fieldbook-problems'; steps += 1) {
      assert.ok(steps < 3, 'the focus gets out');
      await page.keyboard.press('Shift+Tab');
    }
  });

  test('that were put away stay away, until something else goes wrong', async () => {
    write('content/next.md', '---\ndate: 2026-02-30\n---\n# Next\n');
    await open('start.html');
    await list().waitFor();
    await toggle().click();
    await list().waitFor({ state: 'hidden' });
    await open('index.html');
    await toggle().waitFor();
    assert.equal(await list().isVisible(), false);
    write('content/README.md', '---\ndate: 2026-02-31\n---\n# Our handbook\n');
    await list().waitFor();
    assert.match((await list().getByRole('listitem').allInnerTexts())[0], /README\.md/, 'those of the page come first');
  });

  test('pass the accessibility checks in both themes', async () => {
    write('content/next.md', '---\ndate: 2026-02-30\n---\n# Next\n\n[nowhere](nowhere.md)\n');
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      await open('start.html');
      await list().waitFor();
      await page.evaluate(axe);
      const { violations } = await page.evaluate(() =>
        axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'] }),
      );
      assert.deepEqual(violations.map((v) => `${v.id}: ${v.nodes.map((n) => n.target.join(' ')).join(' | ')}`), []);
    }
  });

  test('of book.toml and of the theme leave the last good site, and go when they are mended', async () => {
    await open('start.html');
    await mark();
    for (const [path, broken, mended, code] of [
      ['book.toml', 'title = \n', '[book]\nlanguage = "en"\n', 'config-syntax'],
      ['themes/default/templates/note.html', '{% extends "default/note.html" %}{% block main %}', '{% extends "default/note.html" %}', 'theme-error'],
      ['themes/default/templates/note.html', '{% extends "default/note.html" %}{% block main %}{{ nothing.at.all }}{% endblock %}', '{% extends "default/note.html" %}', 'theme-error'],
    ]) {
      write(path, broken);
      await list().waitFor();
      assert.match((await list().innerText()), new RegExp(`error\\[${code}\\]`));
      const other = await page.context().newPage();
      await open('next.html', other);
      await text('The next step.', other);
      await other.close();
      write(path, mended);
      await problems().waitFor({ state: 'detached' });
      await text('Paragraph 0 of a long note.');
    }
    assert.equal(await isMarked(), true);
  });

  test('are shown where there is no site yet, which then appears', async () => {
    await stop();
    write('book.toml', 'title = \n');
    await serve();
    await page.goto(`${base}start.html`);
    await page.getByRole('heading', { name: 'There is no site to show yet' }).waitFor();
    await list().waitFor();
    assert.match(await list().innerText(), /config-syntax/);
    write('book.toml', '');
    await text('Paragraph 0 of a long note.');
    await problems().waitFor({ state: 'detached' });
  });
});
