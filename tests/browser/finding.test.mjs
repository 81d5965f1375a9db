// Search as a reader uses it, in Chromium: by keyboard alone, on a phone, on a slow network, over a
// deploy, from disk. What the engine finds is tested elsewhere.
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { build, buildOf, root } from './book.mjs';
import { barriers, launch, open, serve } from './reader.mjs';

const note = (front, text) => `---\n${front}\n---\n${text}`;
const hostile = '<img src=x onerror="window.broken = true">';

/** Eleven notes on refunds and a few others. */
const files = {
  'book.toml': '[book]\ntitle = "Small"\n[links]\n"FLEX-{n}" = ""\n',
  'content/learnings/labels.md': note(
    'date: 2026-03-01\nteam: Checkout\ntags: [refunds, wording]\ntickets: [FLEX-1]\nresult: refuted\nhypothesis: A label sells.\nsurprise: Nobody read it.',
    '# The refund label was not read\n\nPeople looked at the price.\n\n## What we measured\n\nThe refund label was open for five weeks.\n\n## What we would do again\n\nAsk before we print a label.\n',
  ),
  'content/learnings/hostile.md': note("date: 2026-03-02\ntags: [refunds]", `# \`${hostile}\`\n\nA refund with markup: \`${hostile}\`\n`),
  'content/experiments/badge.md': note('date: 2026-02-01\nteam: Search\ntags: [refunds]\nstatus: running', '# A refundable badge in the results\n\nWe show a refund badge.\n'),
  'content/experiments/price.md': note('date: 2026-02-02\nteam: Search\ntags: [pricing]\nstatus: ended\nresult: supported', '# The price comes first\n\nThe fare is shown before the conditions.\n'),
  'content/retros/sprint.md': note('date: 2026-01-30\nteam: Checkout', '# Sprint 7\n\nThe badge was late, and the label was early.\n'),
  ...Object.fromEntries(
    [...Array(9).keys()].map((n) => [
      `content/learnings/small-${n}.md`,
      note(`date: 2025-12-0${n + 1}\ntags: [small]`, `# Small learning ${n}\n\nA refund of ${n} euros is a refund.\n`),
    ]),
  ),
};

let browser, host, small;

before(async () => {
  small = buildOf(files);
  browser = await launch();
  host = await serve(small);
});

after(async () => {
  await browser?.close();
  host?.close();
});

const start = 'learnings/small-1.html';
const field = (page) => page.getByRole('combobox', { name: 'Search' });
const options = (page) => page.getByRole('listbox', { name: 'Results' }).getByRole('option');
const facet = (page, name) => page.locator('.facet > summary', { hasText: name });
const status = (page, text) => page.getByRole('status').filter({ hasText: text }).waitFor();
const active = (page) =>
  field(page).evaluate((input) => document.getElementById(input.getAttribute('aria-activedescendant'))?.innerText.replace(/\s+/g, ' '));

/** A page with its dialog open, as `/` opens it. */
async function reach(options = {}, path = start) {
  const opened = await open(browser, path.includes('://') ? path : host.base + path, options);
  await opened.page.keyboard.press('/');
  await field(opened.page).waitFor();
  return opened;
}

/** Asks and waits for the answer to just this. */
async function ask(page, text, expected) {
  await field(page).fill(text);
  await status(page, expected);
}

describe('reaching for search', () => {
  test('loads nothing of it before, and all of it from the site', async () => {
    const { page, seen, close } = await open(browser, host.base + start);
    const ofSearch = () => seen.requests.filter((url) => /\/search[/.]/.test(url));
    assert.deepEqual(ofSearch(), []);
    await page.keyboard.press('/');
    await options(page).first().waitFor();
    assert.ok(ofSearch().length >= 3, 'the engine, the dialog, the index');
    assert.ok(seen.requests.every((url) => url.startsWith(host.base)));
    assert.deepEqual(seen.messages, []);
    await close();
  });

  test('the link opens it too, and gets the focus back', async () => {
    const { page, close } = await open(browser, host.base + start);
    const link = page.getByRole('link', { name: 'Search', exact: true });
    await link.focus();
    await page.keyboard.press('Enter');
    await field(page).waitFor();
    assert.ok(await field(page).evaluate((input) => input === document.activeElement));
    await page.keyboard.press('Escape');
    assert.ok(await link.evaluate((element) => element === document.activeElement));
    // A slash in a text field is a slash; Ctrl K opens from anywhere.
    await page.keyboard.press('Control+k');
    await page.keyboard.type('a/b');
    assert.equal(await field(page).inputValue(), 'a/b');
    await close();
  });

  test('no key is lost while the scripts are on the way', async () => {
    const { page, close } = await open(browser, host.base + start);
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await page.route('**/theme/search*', async (route) => {
      await held;
      await route.continue();
    });
    await page.keyboard.press('/');
    await page.keyboard.type('badge');
    assert.equal(await page.locator('dialog input').inputValue(), 'badge');
    release();
    await options(page).filter({ hasText: 'A refundable badge' }).first().waitFor();
    await close();
  });

  test('without script the link leads to all notes', async () => {
    const { page, close } = await open(browser, host.base + start, { javaScriptEnabled: false });
    await page.getByRole('link', { name: 'Search', exact: true }).click();
    assert.equal(page.url(), `${host.base}browse/index.html`);
    await page.goto(`${host.base}search/index.html`);
    assert.match(await page.locator('main').innerText(), /Search needs JavaScript/);
    await close();
  });
});

describe('by keyboard alone', () => {
  test('from the first letter to the marked word on the page, and back', async () => {
    const { page, seen, close } = await reach();
    await page.keyboard.type('refund lab');
    await status(page, 'result');
    await options(page).first().waitFor();
    assert.match(await active(page), /The refund label was not read/);
    assert.equal(await field(page).getAttribute('aria-expanded'), 'true');
    // The note's best sections stand below it and are reached on the way down.
    await options(page).filter({ hasText: 'What we measured' }).waitFor();
    await page.keyboard.press('ArrowDown');
    assert.match(await active(page), /What we measured/);
    await page.keyboard.press('ArrowUp');
    await page.keyboard.press('ArrowUp');
    const last = await options(page).last().innerText();
    assert.equal(await active(page), last.replace(/\s+/g, ' '), 'the arrows go round');
    await page.keyboard.press('ArrowDown');
    await page.keyboard.press('ArrowDown');
    await Promise.all([page.waitForURL(/labels\.html/), page.keyboard.press('Enter')]);
    assert.equal(new URL(page.url()).hash, '#what-we-measured');
    await status(page, 'places marked');
    const marked = await page.evaluate(() => [...CSS.highlights.get('fb-found')].map(String));
    assert.ok(marked.includes('refund') && marked.includes('label'), marked.join());
    await page.keyboard.press('Escape');
    assert.equal(page.url(), `${host.base}learnings/labels.html#what-we-measured`);
    assert.equal(await page.evaluate(() => CSS.highlights.has('fb-found')), false);
    assert.deepEqual(seen.messages, []);
    await close();
  });

  test('Ctrl Enter opens a tab and leaves the search as it is', async () => {
    const { page, context, close } = await reach();
    await ask(page, 'badge', 'result');
    const [tab] = await Promise.all([context.waitForEvent('page'), page.keyboard.press('Control+Enter')]);
    await tab.waitForURL(/badge\.html\?mark=/);
    assert.equal(await field(page).inputValue(), 'badge');
    await close();
  });

  test('an operator is completed, narrows down, and is taken back', async () => {
    const { page, close } = await reach();
    await page.keyboard.type('refund kind:ex');
    await options(page).filter({ hasText: 'Experiment' }).first().waitFor();
    await page.keyboard.press('Enter');
    await page.waitForFunction(() => document.querySelector('dialog input').value.trim() === 'refund kind:experiment');
    const chip = page.getByRole('button', { name: 'Remove filter Kind: Experiment' });
    await chip.waitFor();
    await status(page, '1 result');
    assert.match(await active(page), /A refundable badge/);
    await chip.focus();
    await page.keyboard.press('Enter');
    await status(page, '12 results');
    assert.equal((await field(page).inputValue()).trim(), 'refund');
    assert.ok(await field(page).evaluate((input) => input === document.activeElement), 'the field has the focus again');
    await close();
  });

  test('a ticket’s id goes straight to its page', async () => {
    const { page, close } = await reach();
    await page.keyboard.type('FLEX-1');
    await page.waitForFunction(() => document.querySelector('[role=option][aria-selected=true]')?.href.includes('tickets/flex-1'));
    await Promise.all([page.waitForURL(`${host.base}tickets/flex-1.html`), page.keyboard.press('Enter')]);
    await close();
  });

  test('what was opened stands first in the empty field', async () => {
    const { page, close } = await reach();
    await ask(page, 'badge', 'result');
    await Promise.all([page.waitForURL(/badge\.html/), page.keyboard.press('Enter')]);
    await page.keyboard.press('/');
    const lately = page.getByRole('group', { name: 'Opened lately' });
    assert.match(await lately.getByRole('option').first().innerText(), /A refundable badge/);
    assert.equal(await page.getByRole('group', { name: 'Newest' }).getByRole('option').count(), 4, 'what was opened is not told twice');
    await page.keyboard.press('ArrowDown');
    assert.match(await active(page), /A refundable badge/);
    await close();
  });
});

describe('what is asked', () => {
  test('phrases, words that must not be there, slips of the fingers', async () => {
    const { page, close } = await reach();
    await ask(page, '"open for five weeks"', '1 result');
    await ask(page, 'refund -euros', '3 results');
    await ask(page, 'refnud label', 'Showing results for “refund label”');
    await close();
  });

  test('facets combine, with counts that come true', async () => {
    const { page, close } = await reach();
    await ask(page, 'refund', '12 results');
    await facet(page, 'Kind').click();
    const learning = page.getByRole('checkbox', { name: /^Learning/ });
    const experiment = page.getByRole('checkbox', { name: /^Experiment/ });
    await experiment.waitFor();
    const count = async (box) => Number((await box.locator('xpath=..').innerText()).match(/\d+/)[0]);
    const [ofLearning, ofExperiment] = [await count(learning), await count(experiment)];
    await experiment.check();
    await status(page, counted(ofExperiment));
    assert.equal(await count(learning), ofLearning, 'the counts of a facet leave its own choice out');
    await learning.check();
    await status(page, counted(ofLearning + ofExperiment));
    assert.ok(await learning.evaluate((box) => box === document.activeElement), 'the focus stays');
    // Another facet narrows down; a value that no result has can't be chosen.
    await page.keyboard.press('Escape');
    await facet(page, 'Team').click();
    const checkout = page.getByRole('checkbox', { name: /^Checkout/ });
    await checkout.waitFor();
    assert.ok(!/\d/.test(await checkout.locator('xpath=..').innerText()), 'a number beside a team would rank it');
    await checkout.check();
    await status(page, counted(1));
    await page.keyboard.press('Escape');
    await facet(page, 'Kind').click();
    await page.waitForFunction(() => [...document.querySelectorAll('.facet[open] input:disabled')].length > 0);
    assert.ok(await page.getByRole('checkbox', { name: /^Retro/ }).isDisabled());
    // Escape closes the list of values, then the dialog.
    await page.keyboard.press('Escape');
    assert.ok(await field(page).isVisible());
    await page.keyboard.press('Escape');
    await field(page).waitFor({ state: 'hidden' });
    await close();
  });

  test('nothing found: what is to blame, and what to do', async () => {
    const { page, close } = await reach();
    await ask(page, 'badge team:Checkout kind:experiment', 'Nothing on');
    const ways = page.locator('dialog .aftermath button');
    await ways.first().waitFor();
    await ways.first().click();
    await status(page, 'result');
    await ask(page, 'zzzyqx', 'Nothing on “zzzyqx”');
    assert.match(await page.locator('dialog .aftermath').innerText(), /fieldbook new learning "zzzyqx"/);
    await close();
  });

  test('what a note says is text', async () => {
    const { page, seen, close } = await reach();
    await ask(page, 'markup', '1 result');
    const option = options(page).first();
    await option.filter({ hasText: 'A refund with' }).waitFor();
    assert.match(await option.innerText(), /<img src=x onerror=/);
    assert.equal(await page.locator('dialog img').count(), 0);
    assert.equal(await page.evaluate(() => window.broken), undefined);
    assert.deepEqual(seen.messages, []);
    await close();
  });
});

const counted = (n) => new RegExp(`^${n} results?$`);

describe('the page /search/', () => {
  test('its address is what it shows', async () => {
    const { page, seen, close } = await open(browser, `${host.base}search/index.html?q=refund&sort=newest`);
    await status(page, '12 results');
    assert.equal(await field(page).inputValue(), 'refund');
    assert.match(await options(page).first().innerText(), /onerror/, 'the newest is first');
    await page.getByRole('combobox', { name: 'Order' }).selectOption('relevance');
    await page.waitForURL(`${host.base}search/index.html?q=refund`);
    assert.equal(await options(page).and(page.locator(':not(.part)')).count(), 8);
    await page.getByRole('button', { name: 'Show more' }).click();
    await page.waitForFunction(() => document.querySelectorAll('[role=option]:not(.part)').length === 12);
    await page.getByRole('checkbox', { name: /^Experiment/ }).check();
    await page.waitForURL(/q=refund\+kind%3Aexperiment/);
    await status(page, '1 result');
    await page.reload();
    await status(page, '1 result');
    assert.ok(await page.getByRole('checkbox', { name: /^Experiment/ }).isChecked());
    // On this page the key leads to its field.
    await page.getByRole('heading', { level: 1 }).click();
    await page.keyboard.press('/');
    assert.equal(await page.locator('dialog').count(), 0);
    assert.ok(await field(page).evaluate((input) => input === document.activeElement));
    assert.deepEqual(seen.messages, []);
    await close();
  });

  test('the dialog leads there for all results', async () => {
    const { page, close } = await reach();
    await ask(page, 'refund', '12 results');
    await page.getByRole('option', { name: 'All 12 results' }).click();
    await page.waitForURL(`${host.base}search/index.html?q=refund`);
    await close();
  });
});

describe('where things go wrong', () => {
  test('a slow network: the answer is that of the last key', async () => {
    const { page, close } = await reach();
    await options(page).first().waitFor();
    let release;
    const held = new Promise((resolve) => (release = resolve));
    await page.route('**/search/t/**', async (route) => {
      await held;
      await route.continue();
    });
    const asked = page.waitForRequest('**/search/t/**');
    await page.keyboard.type('badge');
    await field(page).fill('price');
    await asked;
    release();
    await options(page).filter({ hasText: 'The price comes first' }).first().waitFor();
    // An answer is shown before its first line is made the active one.
    await page.waitForFunction(
      (input) => document.getElementById(input.getAttribute('aria-activedescendant'))?.innerText.includes('The price comes first'),
      await field(page).elementHandle(),
    );
    await close();
  });

  test('a deploy in the middle of a session: the old page searches the new site', async () => {
    const { page, close } = await reach();
    await options(page).first().waitFor();
    const later = 'content/learnings/later.md';
    const next = { ...files, [later]: note('date: 2026-04-01', '# The badge went away\n\nNobody asked for the badge.\n') };
    delete next['content/experiments/price.md'];
    host.site = buildOf(next);
    try {
      await field(page).fill('badge away');
      await options(page).filter({ hasText: 'The badge went away' }).first().waitFor();
    } finally {
      host.site = small;
      await close();
    }
  });

  test('a deploy before search was reached for: the page /search/ takes over', async () => {
    const { page, close } = await open(browser, host.base + start);
    await page.route('**/theme/search*', (route) => route.fulfill({ status: 404, body: '' }));
    await page.keyboard.press('/');
    await page.waitForURL(`${host.base}search/index.html**`);
    await close();
  });

  test('without the index it says so, and shows the way to all notes', async () => {
    const { page, close } = await open(browser, host.base + start);
    await page.route('**/search/root.js*', (route) => route.abort());
    await page.keyboard.press('/');
    await status(page, "can't be loaded");
    assert.match(await page.getByRole('link', { name: 'Browse all notes' }).getAttribute('href'), /browse\/index\.html$/);
    await close();
  });

  test('from a folder on disk', async () => {
    const { page, seen, close } = await reach({}, pathToFileURL(join(small, start)).href);
    await ask(page, 'refund label', 'result');
    assert.match(await active(page), /The refund label was not read/);
    await Promise.all([page.waitForURL(/labels\.html\?mark=/), page.keyboard.press('Enter')]);
    await status(page, 'places marked');
    await page.keyboard.press('Escape');
    await page.waitForURL(/labels\.html$/);
    assert.deepEqual(seen.messages, []);
    await close();
  });
});

describe('for everyone', () => {
  let handbook;
  before(async () => (handbook = await serve(build(root))));
  after(() => handbook?.close());

  const ways = [1440, 390].flatMap((width) => ['light', 'dark'].map((colorScheme) => [width, colorScheme]));
  for (const [width, colorScheme] of ways) {
    test(`no barrier with the dialog open: ${colorScheme}, ${width} px`, async () => {
      const viewport = { width, height: 800 };
      const { page, seen, close } = await reach({ viewport, colorScheme }, handbook.base + 'guides/how-we-read-a-result.html');
      await options(page).first().waitFor();
      assert.deepEqual(await barriers(page), [], 'with the empty field');
      await ask(page, 'refund kind:learning', 'results');
      await page.locator('.hits mark').first().waitFor();
      assert.deepEqual(await barriers(page), [], 'with results');
      await facet(page, 'Team').click();
      await page.locator('.facet[open] input').first().waitFor();
      assert.deepEqual(await barriers(page), [], 'with a facet');
      await page.keyboard.press('Escape');
      await ask(page, 'zzzyqx', 'Nothing');
      assert.deepEqual(await barriers(page), [], 'with nothing found');
      await page.goto(`${handbook.base}search/index.html?q=refund`);
      await status(page, 'results');
      assert.deepEqual(await barriers(page), [], '/search/');
      assert.deepEqual(seen.messages, []);
      await close();
    });
  }

  test('on a phone it has the whole screen, and nothing is too small to touch or too large to see', async () => {
    const viewport = { width: 320, height: 640 };
    const { page, close } = await reach({ viewport, hasTouch: true, isMobile: true }, handbook.base + 'index.html');
    await ask(page, 'refund kind:learning tag:market/spain', 'results');
    const box = await page.locator('dialog').boundingBox();
    assert.deepEqual([box.x, box.y, box.width, box.height].map(Math.round), [0, 0, 320, 640]);
    assert.ok(await field(page).evaluate((input) => parseFloat(getComputedStyle(input).fontSize) >= 16), 'no zoom into the field');
    assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'no sideways scroll');
    const small = await page.locator('dialog :is(button, summary, select)').evaluateAll((all) =>
      all.filter((e) => e.checkVisibility() && e.getBoundingClientRect().height < 24).map((e) => e.outerHTML),
    );
    assert.deepEqual(small, []);
    await close();
  });

  test('in forced colours the chosen row has an edge', async () => {
    const { page, close } = await reach({ forcedColors: 'active' }, handbook.base + 'index.html');
    await ask(page, 'refund', 'results');
    assert.equal(await page.locator('[aria-selected=true]').evaluate((row) => getComputedStyle(row).outlineStyle), 'solid');
    await close();
  });
});

describe('the brief', () => {
  test('gathers what is known of the question in its address, and copies it as markdown', async () => {
    const { page, seen, context, close } = await open(browser, `${host.base}brief/index.html?q=refund`);
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    await page.getByRole('heading', { level: 1, name: 'What we know: refund' }).waitFor();
    await status(page, '12 notes');
    const refuted = page.locator('section', { has: page.getByRole('heading', { name: 'What did not hold' }) });
    assert.match(await refuted.innerText(), /REFUTED\s*The refund label was not read/i);
    await page.getByRole('button', { name: 'Copy as markdown' }).click();
    await page.getByRole('button', { name: 'Copied' }).waitFor();
    const copied = await page.evaluate(() => navigator.clipboard.readText());
    assert.match(copied, /^# What we know: refund\n/);
    assert.match(copied, /## What did not hold\n\n- \*\*The refund label was not read\*\* \(refuted, Checkout, 2026-03-01\)/);
    assert.ok(copied.includes(`${host.base}learnings/labels.html`), 'links are absolute');
    // Another question, by keyboard.
    await page.getByRole('textbox').fill('zzzyqx');
    await page.keyboard.press('Enter');
    await status(page, 'No note answers this');
    assert.equal(new URL(page.url()).search, '?q=zzzyqx');
    assert.equal(await page.locator('main img').count(), 0, 'what notes say is text');
    assert.deepEqual(await barriers(page), []);
    assert.deepEqual(seen.messages, []);
    await close();
  });

  test('works from disk, and prints without the field', async () => {
    const { page, seen, close } = await open(browser, `${pathToFileURL(join(small, 'brief/index.html')).href}?q=refund`);
    await page.getByRole('heading', { name: 'What is being found out' }).waitFor();
    await page.emulateMedia({ media: 'print' });
    assert.equal(await page.getByRole('textbox').isVisible(), false);
    assert.ok(await page.getByRole('heading', { name: 'Notes' }).isVisible());
    assert.deepEqual(seen.messages, []);
    await close();
  });
});
