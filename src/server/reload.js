// Keeps an open page up to date while the book is being written, and shows what is wrong with it.
// The server puts this script into the pages that it sends; no published site has it.
"use strict";

(() => {
  const script = document.currentScript;
  // What the page shows, as the server named it, and the key to its events.
  const { token, text, styles } = script.dataset;
  const own = { token, text, styles, assets: null };
  const folder = new URL(".", script.src);
  const root = new URL("..", folder).pathname;
  let stream = null;
  // Lives as long as the tab; a browser may refuse it.
  let memory = {};
  try {
    memory = sessionStorage;
  } catch {}

  // Browsers open six connections to a host at most: a page that nobody sees needs none. The first
  // message after it is seen again says all that it has missed.
  function listen() {
    if (stream || document.hidden) return;
    const query = new URLSearchParams({ token: own.token, text: own.text, page: location.pathname.slice(root.length - 1) });
    stream = new EventSource(new URL(`events?${query}`, folder));
    stream.onmessage = (event) => update(JSON.parse(event.data));
    stream.onerror = () => {
      // Otherwise the browser tries again by itself.
      if (stream?.readyState === EventSource.CLOSED) {
        hush();
        renew();
      }
    };
  }

  function hush() {
    stream?.close();
    stream = null;
  }

  // The page as it is sent now.
  async function fetchPage() {
    const answer = await fetch(location.href, { cache: "no-cache" });
    return new DOMParser().parseFromString(await answer.text(), "text/html");
  }

  // The server was started again and has another token. Whether the page has changed meanwhile is
  // told by the first message.
  async function renew() {
    try {
      const fresh = (await fetchPage()).querySelector("script[data-token]");
      if (!fresh || fresh.dataset.token === own.token) return;
      own.token = fresh.dataset.token;
      listen();
    } catch {
      setTimeout(renew, 1000);
    }
  }

  function update(now) {
    if (now.text !== own.text && reload(now.text)) return;
    if (now.styles !== own.styles) restyle(now.styles).catch(() => {});
    if (own.assets !== null && now.assets !== own.assets) refreshPictures(now.assets);
    own.assets = now.assets;
    show(now.problems);
  }

  // Browsers keep the scroll of a page that is loaded again. A page is asked for once: what does not
  // come then is held back by something on the way, and asking again would go on forever.
  const ASKED = "fieldbook-asked";

  function reload(wanted) {
    if (memory[ASKED] === wanted) return false;
    memory[ASKED] = wanted;
    hush();
    location.reload();
    return true;
  }

  const arrival = performance.getEntriesByType("navigation")[0]?.type;
  if (arrival !== "reload" || memory[ASKED] === own.text) delete memory[ASKED];

  const sheets = (page) => [...page.querySelectorAll("link[rel~=stylesheet]:not([data-leaving])")];

  // The old style sheet goes when the new one is there.
  async function restyle(wanted) {
    const fresh = sheets(await fetchPage());
    sheets(document).forEach((old, index) => {
      const href = fresh[index]?.getAttribute("href");
      if (!href || href === old.getAttribute("href")) return;
      const sheet = old.cloneNode();
      sheet.href = href;
      sheet.onload = sheet.onerror = () => old.remove();
      old.dataset.leaving = "";
      old.after(sheet);
    });
    own.styles = wanted;
  }

  function refreshPictures(version) {
    for (const picture of document.images) {
      const address = new URL(picture.src);
      if (address.origin !== location.origin) continue;
      address.search = version;
      picture.src = address;
    }
  }

  // The problems ---------------------------------------------------------------------------------
  // Everything that comes from a note is set as text.

  const DISMISSED = "fieldbook-dismissed";
  const panel = make("fieldbook-problems");
  const shadow = panel.attachShadow({ mode: "open" });
  const sheet = make("link", { rel: "stylesheet", href: new URL("reload.css", folder) });
  const list = make("ul", { id: "list", tabIndex: 0, hidden: true });
  list.setAttribute("aria-label", "Problems");
  const summary = make("button", { type: "button" });
  summary.setAttribute("aria-controls", "list");
  const said = make("p", { role: "status", className: "said" });
  const region = make("section");
  region.setAttribute("aria-label", "Problems in the book");
  region.append(said, list, summary);
  shadow.append(sheet, region);
  let errors = [];

  function make(name, properties = {}, ...children) {
    const element = Object.assign(document.createElement(name), properties);
    element.append(...children);
    return element;
  }

  function open(isOpen) {
    list.hidden = !isOpen;
    summary.setAttribute("aria-expanded", isOpen);
  }

  summary.addEventListener("click", () => {
    open(list.hidden);
    // What was put away stays away until something else goes wrong.
    memory[DISMISSED] = list.hidden ? JSON.stringify(errors) : "[]";
  });

  region.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || list.hidden) return;
    summary.click();
    summary.focus();
  });

  const count = (n, word) => (n === 0 ? [] : [`${n} ${word}${n === 1 ? "" : "s"}`]);

  function item({ severity, place, code, message, hints, excerpt }) {
    const label = code ? `${severity}[${code}]` : severity;
    const parts = [make("p", {}, make("strong", { className: severity }, label), ` ${message}`)];
    if (place) parts.push(make("p", { className: "place" }, place));
    if (excerpt) parts.push(make("pre", {}, excerpt.before, make("mark", {}, excerpt.marked), excerpt.after));
    for (const hint of hints) parts.push(make("p", { className: "hint" }, `hint: ${hint}`));
    return make("li", {}, ...parts);
  }

  function show(problems) {
    const text = [...count(problems.errors, "error"), ...count(problems.warnings, "warning")].join(", ");
    const more = problems.errors + problems.warnings - problems.shown.length;
    const rest = more > 0 ? [make("li", {}, `… and ${more} more: \`fieldbook check\` lists them`)] : [];
    if (text === "") {
      panel.remove();
      said.textContent = "";
      return;
    }
    list.replaceChildren(...problems.shown.map(item), ...rest);
    summary.textContent = text;
    summary.className = problems.errors > 0 ? "error" : "warning";
    if (said.textContent !== text) said.textContent = text;
    // An error that has not been put away opens the list; a warning waits to be asked for.
    errors = problems.shown.filter((problem) => problem.severity === "error").map(({ place, message }) => `${place} ${message}`);
    const dismissed = JSON.parse(memory[DISMISSED] ?? "[]");
    const isNew = errors.some((error) => !dismissed.includes(error));
    if (!panel.isConnected) {
      open(isNew);
      document.body.append(panel);
    } else if (isNew) {
      open(true);
    }
  }

  document.addEventListener("visibilitychange", () => (document.hidden ? hush() : listen()));
  addEventListener("pagehide", hush);
  addEventListener("pageshow", listen);
  listen();
})();
