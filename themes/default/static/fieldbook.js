// What a script adds to a page that reads well without one.
"use strict";

(() => {
  const root = document.documentElement;
  root.dataset.script = "";

  // The site's root, and the files of the theme that only some readers need, by their names.
  const { dataset } = document.currentScript;
  const site = new URL(dataset.root, document.baseURI).href;
  const later = new Map();
  for (const address of dataset.later.split(" ")) {
    later.set(address.replace(/^theme\/|\.\w+(?=\.\w+$)/g, ""), address);
  }

  const loads = new Map();
  function load(name) {
    if (!loads.has(name)) {
      const loading = new Promise((resolve, reject) => {
        const element = document.createElement(name.endsWith(".css") ? "link" : "script");
        if (element.localName === "link") {
          element.rel = "stylesheet";
          element.href = site + later.get(name);
        } else {
          element.src = site + later.get(name);
          // Scripts run in the order in which they were asked for.
          element.async = false;
        }
        element.onload = resolve;
        element.onerror = () => {
          loads.delete(name);
          reject(new Error(`cannot load ${name}`));
        };
        document.head.append(element);
      });
      loads.set(name, loading);
    }
    return loads.get(name);
  }

  /** An element with properties, attributes (names with a hyphen, and `role`) and children. */
  function make(name, properties, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties ?? {})) {
      if (key.includes("-") || key === "role") element.setAttribute(key, value);
      else element[key] = value;
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  // Numbers, days and counts in the page's language. English pages write days the British way.
  const language = root.lang.replace(/^en$/, "en-GB");
  const number = new Intl.NumberFormat(language);
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });
  const plural = new Intl.PluralRules(language);
  /** A sentence with its `{names}` filled in. */
  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  /** The form of a sentence that fits the number `n`, filled in. */
  const counted = (forms, n, values) => fill(forms[plural.select(n)] ?? forms.other, { ...values, n: number.format(n) });

  globalThis.fieldbook = { site, load, make, language, number, date, fill, counted };

  // The theme is the system's until the reader chooses the other; choosing back forgets the choice.
  function switchTheme(button) {
    const system = matchMedia("(prefers-color-scheme: dark)");
    const isDark = () => (root.dataset.theme ? root.dataset.theme === "dark" : system.matches);
    const show = () => button.setAttribute("aria-pressed", isDark());

    button.addEventListener("click", () => {
      const dark = !isDark();
      root.dataset.theme = dark === system.matches ? "" : dark ? "dark" : "light";
      try {
        localStorage["fb-theme"] = root.dataset.theme;
      } catch {
        // Storage is refused: the choice holds for this page.
      }
      show();
    });
    system.addEventListener("change", show);
    show();
  }

  function offerCopy(figure) {
    const button = document.createElement("button");
    button.type = "button";
    button.className = "copy";
    button.textContent = "Copy";
    button.setAttribute("aria-live", "polite");
    button.addEventListener("click", async () => {
      try {
        await navigator.clipboard.writeText(figure.querySelector("code").textContent);
        button.textContent = "Copied";
      } catch {
        button.textContent = "Not copied";
      }
      setTimeout(() => (button.textContent = "Copy"), 2000);
    });
    figure.append(button);
  }

  // The contents mark what is being read: the last heading that has come above the upper third.
  function markCurrent(links) {
    const headings = new Map();
    for (const link of links) {
      const heading = document.getElementById(decodeURIComponent(link.hash.slice(1)));
      if (heading) headings.set(heading, link);
    }
    const mark = () => {
      let current = null;
      for (const heading of headings.keys()) {
        if (heading.getBoundingClientRect().top > innerHeight / 3) break;
        current = heading;
      }
      for (const [heading, link] of headings) {
        if (heading === current) link.setAttribute("aria-current", "location");
        else link.removeAttribute("aria-current");
      }
    };
    const watch = new IntersectionObserver(mark, { rootMargin: "0px 0px -66%" });
    for (const heading of headings.keys()) watch.observe(heading);
  }

  // Search opens at once, so that no key is lost while its script is on the way.
  function offerSearch(link) {
    const parts = ["search.css", "search/engine.js", "search.js"];
    const loadParts = () => Promise.all(parts.map(load));
    let dialog = null;

    function open() {
      const field = document.querySelector("#fb-search input");
      if (field) return field.select();
      if (dialog?.open) return;
      if (!dialog) {
        dialog = document.createElement("dialog");
        const field = dialog.appendChild(document.createElement("div"));
        const input = field.appendChild(document.createElement("input"));
        field.className = "field";
        dialog.ariaLabel = input.ariaLabel = link.ariaLabel;
        document.body.append(dialog);
        const goToPage = () => location.assign(`${site}search/index.html?q=${encodeURIComponent(input.value)}`);
        loadParts().then(() => fieldbook.search(dialog, input), goToPage);
      }
      dialog.showModal();
      dialog.querySelector("input").select();
    }

    link.addEventListener("click", (event) => {
      if (event.ctrlKey || event.metaKey || event.shiftKey) return;
      event.preventDefault();
      open();
    });
    for (const reach of ["pointerenter", "focus"]) {
      link.addEventListener(reach, () => loadParts().catch(() => {}), { once: true });
    }
    document.addEventListener("keydown", (event) => {
      const { key, target } = event;
      const typing = target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.nodeName);
      const withControl = (event.ctrlKey || event.metaKey) && !event.altKey && key.toLowerCase() === "k";
      if (!withControl && (key !== "/" || typing || event.ctrlKey || event.metaKey || event.altKey)) return;
      event.preventDefault();
      open();
    });
  }

  const button = document.getElementById("fb-theme");
  if (button) switchTheme(button);
  if (navigator.clipboard) document.querySelectorAll("figure.code").forEach(offerCopy);
  markCurrent(document.querySelectorAll(".toc a"));

  const find = document.querySelector("a.find");
  if (find) offerSearch(find);
  // The words that a reader searched for, on the page that was found.
  if (new URLSearchParams(location.search).has("mark")) {
    Promise.all(["search.css", "search/engine.js", "mark.js"].map(load)).catch(() => {});
  }
})();
