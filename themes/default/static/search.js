// Search as a reader sees it: the dialog that every page can open, and the page `/search/`.
//
// The engine (`search/engine.js`) finds; this shows. The text in the field is all the state there
// is: a filter that is ticked becomes an operator in it, so what is found can be typed, shared and
// taken back. Every text of a note is set as text.
"use strict";

(() => {
  const words = {
    all: "All {n} results",
    allFilters: "Clear all",
    browse: "Browse all notes",
    close: "Esc, close",
    corrected: "Showing results for {text}.",
    facets: { by: "Person", kind: "Kind", result: "Result", status: "Status", tag: "Tag", team: "Team", ticket: "Ticket", year: "Year" },
    filters: "Filters",
    first: "Be the first to write about it:",
    found: { one: "{n} result", other: "{n} results" },
    inNote: "in {title}",
    keys: [["↑ ↓", "move"], ["Enter", "open"], ["Ctrl Enter", "new tab"], ["Tab", "filters"], ["Esc", "close"]],
    loading: "Searching…",
    more: "Show more",
    narrow: "Narrow down",
    newest: "Newest",
    newestFirst: "Newest first",
    notes: { one: "{n} note", other: "{n} notes" },
    nothing: "Nothing on {text}.",
    not: "not",
    offline: "The search index can't be loaded.",
    placeholder: "What would you like to know?",
    recent: "Opened lately",
    related: "Often beside it:",
    relevance: "Best first",
    remove: "Remove filter {text}",
    results: "Results",
    search: "Search",
    sort: "Order",
    surprise: "Surprise",
    syntax: "How to search",
    ticket: "Ticket",
    tryThis: "Try",
    unknown: "No note has {text}.",
    within: "Find a value",
  };
  const { site } = fieldbook;
  const engine = fieldbookSearch.open({ root: site });

  /** An element with properties, attributes (names with a hyphen, and `role`) and children. */
  function make(name, properties, ...children) {
    const element = document.createElement(name);
    for (const [key, value] of Object.entries(properties ?? {})) {
      if (key.includes("-") || key === "role" || key === "for") element.setAttribute(key, value);
      else element[key] = value;
    }
    element.append(...children.filter((child) => child !== null));
    return element;
  }

  const fill = (text, values) => text.replace(/\{(\w+)\}/g, (_, name) => values[name]);
  // The pages write days the British way in English.
  const language = document.documentElement.lang.replace(/^en$/, "en-GB");
  const plural = new Intl.PluralRules(language);
  const number = new Intl.NumberFormat(language);
  const counted = (forms, n) => fill(forms[plural.select(n)] ?? forms.other, { n: number.format(n) });
  const date = new Intl.DateTimeFormat(language, { dateStyle: "medium", timeZone: "UTC" });

  /** Text with its found words marked. */
  const marked = (parts) => parts.map(({ text, hit }) => (hit ? make("mark", null, text) : text));

  /** The address of a hit's page, on which a script marks the words. */
  function addressOf(url, found) {
    if (found.length === 0) return url;
    const [page, anchor] = url.split("#");
    return `${page}?${new URLSearchParams({ mark: found.join(" ") })}${anchor === undefined ? "" : `#${anchor}`}`;
  }

  const searchPage = (query, sort) => {
    const asked = new URLSearchParams({ q: query.trim() });
    if (sort !== "relevance") asked.set("sort", sort);
    return `${site}search/index.html?${asked}`;
  };

  /** Search within `frame`: a dialog, or a page's element. */
  class Search {
    #input;
    #inDialog;
    #answer = null;
    #sort = "relevance";
    #limit = 8;
    /** Options in the order of the arrow keys, and the one that Enter takes. */
    #options = [];
    #active = -1;
    /** What the latest question was: older answers are dropped. */
    #asked = 0;

    #filters = make("ul", { className: "chips" });
    #facets = make("div", { className: "facets" });
    #status = make("p", { role: "status" });
    #order = make(
      "select",
      { ariaLabel: words.sort },
      new Option(words.relevance, "relevance"),
      new Option(words.newestFirst, "newest"),
    );
    #list = make("div", { id: "fb-hits", className: "hits", role: "listbox", ariaLabel: words.results, hidden: true });
    #after = make("div", { className: "aftermath" });

    constructor(frame, input) {
      this.#input = input;
      this.#inDialog = frame.localName === "dialog";
      this.#build(frame);
      this.#listen(frame);
    }

    // What there is ---------------------------------------------------------------------------------

    #build(frame) {
      const input = this.#input;
      Object.assign(input, {
        type: "text",
        inputMode: "search",
        enterKeyHint: "search",
        autocomplete: "off",
        autocapitalize: "off",
        spellcheck: false,
        placeholder: words.placeholder,
        ariaLabel: words.search,
        ariaAutoComplete: "list",
        ariaExpanded: "false",
      });
      input.setAttribute("role", "combobox");
      input.setAttribute("aria-controls", this.#list.id);

      const state = make("div", { className: "state" }, this.#status, this.#order);
      const narrow = make("div", { className: "narrow", role: "group", ariaLabel: words.filters }, this.#filters, this.#facets);
      const found = make("div", { className: "found" }, state, this.#list, this.#after);
      frame.classList.add("finder");
      frame.append(narrow, found);
      if (this.#inDialog) {
        const close = make("button", { type: "button", className: "close", ariaLabel: words.close }, "Esc");
        close.onclick = () => frame.close();
        input.after(close);
        frame.append(this.#hint());
      }
    }

    #hint() {
      const keys = words.keys.map(([key, does]) => {
        const caps = key.split(" ").map((cap) => make("kbd", null, cap));
        return make("span", null, ...caps.flatMap((cap) => [cap, " "]), does);
      });
      const help = make("a", { href: `${site}search/index.html#fb-syntax` }, words.syntax);
      return make("p", { className: "hint" }, ...keys, help);
    }

    #listen(frame) {
      const input = this.#input;
      input.addEventListener("input", () => this.ask());
      input.addEventListener("keydown", (event) => this.#key(event));
      this.#order.addEventListener("change", () => {
        this.#sort = this.#order.value;
        this.ask();
      });
      this.#list.addEventListener("pointermove", ({ target }) => {
        const at = this.#options.indexOf(target.closest("[role=option]"));
        if (at >= 0 && at !== this.#active) this.#activate(at, false);
      });
      // The field keeps the focus while an option is pressed.
      this.#list.addEventListener("pointerdown", (event) => event.button === 0 && event.preventDefault());
      this.#list.addEventListener("mousedown", (event) => event.button === 0 && event.preventDefault());
      if (this.#inDialog) {
        frame.addEventListener("click", (event) => event.target === frame && frame.close());
      }
      // An open list of values closes before the dialog does.
      frame.addEventListener("keydown", (event) => {
        const open = this.#inDialog && this.#facets.querySelector("details[open]");
        if (event.key !== "Escape" || !open) return;
        event.preventDefault();
        open.open = false;
        open.querySelector("summary").focus();
      });
    }

    // Asking ----------------------------------------------------------------------------------------

    /** Another question than the one in the field. */
    put(text, sort = this.#sort) {
      this.#input.value = text;
      this.#sort = this.#order.value = sort;
      return this.ask();
    }

    /** Answers what stands in the field. */
    async ask({ limit = 8 } = {}) {
      const asked = ++this.#asked;
      const isLatest = () => asked === this.#asked;
      const text = this.#input.value;
      this.#limit = limit;
      if (!this.#answer) this.#status.textContent = words.loading;
      try {
        const { facets } = await engine.ready();
        if (isLatest()) this.#offerFacets(facets);
        if (this.#inDialog && text.trim() === "") {
          const newest = await engine.newest(5);
          if (isLatest()) this.#showNothingAsked(newest);
          return;
        }
        const wanted = { limit, sort: this.#sort, facets: this.#wantsCounts(), all: true };
        const [answer, completion] = await Promise.all([
          engine.query(text, wanted),
          engine.complete(text, this.#input.selectionStart ?? text.length),
        ]);
        if (!isLatest()) return;
        this.#show(answer, completion);
        this.#remember(text);
      } catch (error) {
        if (isLatest()) this.#showFailure(error);
      }
    }

    /** Counts cost a file for each facet: they are asked for where they are seen. */
    #wantsCounts() {
      return !this.#inDialog || this.#facets.querySelector("[open]") !== null;
    }

    /** The page's own address says what it shows. */
    #remember(text) {
      if (this.#inDialog) return;
      const address = searchPage(text, this.#sort);
      if (address !== location.href) history.replaceState(null, "", text.trim() ? address : `${site}search/index.html`);
    }

    // Answers ---------------------------------------------------------------------------------------

    #show(answer, completion) {
      this.#answer = answer;
      const { text, hits, total, ticket } = answer;
      const children = [];
      const typed = text.slice(completion.from, completion.to);
      // Values are what the reader is about to type; the names of operators come after the results.
      const isValue = typed.includes(":");
      const completions = isValue || typed.length > 1 ? completion.values.slice(0, 8).filter((value) => value.text.trim() !== typed) : [];
      const offered = completions.length > 0 ? this.#group(words.narrow, completions.map((value) => this.#completion(value, completion))) : null;
      if (ticket) children.push(this.#link(ticket, make("span", { className: "kind" }, words.ticket), make("b", null, text.trim())));
      if (offered && isValue) children.push(offered);
      for (const hit of hits) children.push(this.#hit(hit, answer));
      if (total > hits.length && this.#inDialog) {
        const all = this.#link(searchPage(text, this.#sort), make("b", null, fill(words.all, { n: number.format(total) })));
        children.push(all);
      }
      if (offered && !isValue) children.push(offered);
      this.#setOptions(children, text.trim() === "" ? -1 : 0);

      // Half a value has found nothing yet.
      this.#status.textContent = total === 0 && offered && isValue ? "" : this.#count(answer);
      this.#order.hidden = total < 2 || answer.words.length === 0;
      this.#showFilters(answer.filters);
      if (answer.facets) this.#showFacets(answer.facets);
      this.#showAftermath(answer);
    }

    #count({ total, text, correctedTo, unknown }) {
      const parts = [];
      if (correctedTo) parts.push(fill(words.corrected, { text: `“${correctedTo}”` }));
      else if (unknown.length > 0 && total > 0) parts.push(fill(words.unknown, { text: unknown.map((word) => `“${word}”`).join(", ") }));
      if (total > 0) parts.push(counted(text.trim() ? words.found : words.notes, total));
      else parts.push(fill(words.nothing, { text: `“${text.trim()}”` }));
      return parts.join(" ");
    }

    #showNothingAsked(newest) {
      this.#answer = null;
      const recent = engine.recent().slice(0, 5);
      const opened = new Set(recent.map((hit) => hit.url));
      const groups = [];
      if (recent.length > 0) groups.push(this.#group(words.recent, recent.map((hit) => this.#brieflyOption(hit))));
      const others = newest.filter((hit) => !opened.has(hit.url));
      if (others.length > 0) groups.push(this.#group(words.newest, others.map((hit) => this.#brieflyOption(hit))));
      this.#setOptions(groups, -1);
      this.#status.textContent = "";
      this.#order.hidden = true;
      this.#filters.replaceChildren();
      this.#after.replaceChildren();
    }

    #showFailure(error) {
      console.info("Search:", error.message);
      this.#answer = null;
      this.#setOptions([], -1);
      this.#status.textContent = words.offline;
      this.#order.hidden = true;
      this.#after.replaceChildren(make("p", null, make("a", { href: `${site}browse/index.html` }, words.browse)));
    }

    /** Beneath the results: other ways to ask. */
    #showAftermath({ text, total, related, suggestions, filters }) {
      const asking = (label, query) =>
        make("button", { type: "button", className: "chip", onclick: () => this.#instead(query) }, label);
      const row = (label, buttons) => make("p", { className: "row" }, label, " ", ...buttons.flatMap((button) => [button, " "]));
      const rows = [];
      if (total === 0 && suggestions.length > 0) {
        rows.push(row(words.tryThis, suggestions.map(({ label, query, total: n }) => asking(n ? `${label} (${number.format(n)})` : label, query))));
      }
      if (related.length > 0) rows.push(row(words.related, related.map((word) => asking(word, `${text.trim()} ${word}`))));
      if (total === 0 && filters.length === 0) {
        rows.push(make("p", null, words.first, " ", make("code", null, `fieldbook new learning "${text.trim().replace(/["\\$\x60]/g, "")}"`)));
      }
      const shown = this.#answer.hits.length;
      if (!this.#inDialog && total > shown) {
        const more = make("button", { type: "button", className: "more" }, words.more);
        more.addEventListener("click", async () => {
          await this.ask({ limit: this.#limit + 24 });
          this.#options[shown]?.focus();
        });
        rows.push(more);
      }
      this.#after.replaceChildren(...rows);
    }

    /** Asks something else, and gives the field back to the reader. */
    #instead(query) {
      this.#input.focus();
      this.put(query);
    }

    // Options ---------------------------------------------------------------------------------------

    #group(label, options) {
      const id = `fb-group-${label.replace(/\W+/g, "-")}`;
      return make("div", { role: "group", "aria-labelledby": id }, make("p", { id, className: "label", role: "presentation" }, label), ...options);
    }

    #link(href, ...children) {
      return make("a", { role: "option", tabIndex: -1, href, ariaSelected: "false" }, ...children);
    }

    /** What a hit says of itself before its title. */
    #facts({ kindLabel, status, team, date: day, surprise }) {
      const facts = make("span", { className: "facts" }, make("span", { className: "kind" }, kindLabel));
      if (status) facts.append(make("span", { className: `stamp tone-${status.tone}` }, status.label));
      const rest = [team, day && date.format(new Date(day))].filter(Boolean).join(" · ");
      if (rest) facts.append(make("span", { className: "by" }, rest));
      if (surprise) facts.append(make("span", { className: "surprise label" }, words.surprise));
      return facts;
    }

    #brieflyOption(hit) {
      const option = this.#link(hit.url, make("b", null, hit.title), make("span", { className: "kind" }, hit.kindLabel));
      option.classList.add("briefly");
      option.onclick = () => this.#opened(hit, option);
      return option;
    }

    /** A note, and as soon as they are known its best sections. */
    #hit(hit, answer) {
      const title = make("b", null, ...marked(fieldbookSearch.parts(hit.title, answer.words)));
      const excerpt = make("span", { className: "excerpt" });
      const option = this.#link(addressOf(hit.url, answer.words), this.#facts(hit), title, excerpt);
      option.onclick = () => this.#opened(hit, option);
      this.#showExcerpt(hit, answer, option, excerpt);
      return option;
    }

    async #showExcerpt(hit, answer, option, excerpt) {
      // A page is fetched for each: not while the reader types on.
      await new Promise((resolve) => setTimeout(resolve, 120));
      if (this.#answer !== answer) return;
      const { parts, sections } = await engine.excerpt(answer, hit);
      if (this.#answer !== answer) return;
      excerpt.replaceChildren(...marked(parts));
      excerpt.hidden = parts.length === 0;
      const below = sections.slice(0, 2).map(({ heading, url, parts: said }) => {
        const context = make("span", { className: "unseen" }, ` ${fill(words.inNote, { title: hit.title })}`);
        const section = this.#link(addressOf(url, answer.words), make("b", null, ...marked(heading)), context, make("span", { className: "excerpt" }, ...marked(said)));
        section.classList.add("part");
        section.onclick = () => this.#opened(hit, section);
        return section;
      });
      option.after(...below);
      this.#number();
    }

    #completion(value, { from, to }) {
      const option = make("div", { role: "option", ariaSelected: "false", className: "briefly" }, make("b", null, value.label));
      if (value.count) option.append(make("span", { className: "count" }, number.format(value.count)));
      option.onclick = () => {
        const text = this.#input.value;
        const before = text.slice(0, from) + value.text;
        this.#input.value = before + text.slice(to).trimStart();
        this.#input.focus();
        this.#input.setSelectionRange(before.length, before.length);
        this.ask();
      };
      return option;
    }

    #opened(hit, option) {
      engine.remember(hit);
      // A place on this very page: the dialog would stay before it.
      const { pathname, search } = new URL(option.href);
      if (this.#inDialog && pathname === location.pathname && search === location.search) option.closest("dialog").close();
    }

    #setOptions(children, active) {
      this.#list.replaceChildren(...children);
      this.#list.hidden = children.length === 0;
      this.#list.scrollTop = 0;
      this.#options = [];
      this.#number();
      this.#input.ariaExpanded = String(this.#options.length > 0);
      this.#activate(active < this.#options.length ? active : -1);
    }

    /** Options as they stand in the list; the active one stays the same element. */
    #number() {
      const active = this.#options[this.#active];
      this.#options = [...this.#list.querySelectorAll("[role=option]")];
      this.#options.forEach((option, at) => (option.id = `fb-option-${at}`));
      if (active) this.#activate(this.#options.indexOf(active), false);
    }

    #activate(at, show = true) {
      for (const option of this.#list.querySelectorAll("[aria-selected=true]")) option.ariaSelected = "false";
      this.#active = at;
      const option = this.#options[at];
      if (!option) return this.#input.removeAttribute("aria-activedescendant");
      option.ariaSelected = "true";
      this.#input.setAttribute("aria-activedescendant", option.id);
      if (show) option.scrollIntoView({ block: "nearest" });
    }

    #key(event) {
      const count = this.#options.length;
      const { key, isComposing } = event;
      const withControl = event.ctrlKey || event.metaKey;
      if (isComposing || event.altKey || count === 0) return;
      if (key === "ArrowDown") this.#activate((this.#active + 1) % count);
      else if (key === "ArrowUp") this.#activate((this.#active <= 0 ? count : this.#active) - 1);
      else if (key === "Home" && withControl) this.#activate(0);
      else if (key === "End" && withControl) this.#activate(count - 1);
      else if (key === "Enter" && this.#active >= 0) this.#take(this.#options[this.#active], withControl);
      else return;
      event.preventDefault();
    }

    #take(option, inNewTab) {
      if (!inNewTab || !option.href) return option.click();
      option.onclick?.();
      window.open(option.href, "_blank", "noopener");
    }

    // Filters ---------------------------------------------------------------------------------------

    /** The filters that hold, each of which takes itself away. */
    #showFilters(filters) {
      const chips = filters.map(({ facet, label, exclude, without }) => {
        const text = `${exclude ? `${words.not} ` : ""}${words.facets[facet]}: ${label}`;
        const cross = make("span", { ariaHidden: "true" }, "×");
        const chip = make("button", { type: "button", className: "chip", ariaLabel: fill(words.remove, { text }) }, text, " ", cross);
        chip.onclick = () => this.#instead(without);
        return make("li", null, chip);
      });
      if (filters.length > 1) {
        const clear = make("button", { type: "button", className: "chip", onclick: () => this.#withoutFilters() }, words.allFilters);
        chips.push(make("li", null, clear));
      }
      this.#filters.replaceChildren(...chips);
    }

    async #withoutFilters() {
      let answer = this.#answer;
      while (answer.filters.length > 0) answer = await engine.query(answer.filters[0].without, { limit: 1 });
      this.#instead(answer.text);
    }

    /** A list of values for each facet, opened one at a time in the dialog. */
    #offerFacets(names) {
      if (this.#facets.childElementCount > 0) return;
      for (const name of names) {
        const list = make("ul", { className: "values" });
        const fieldset = make("fieldset", null, make("legend", { className: "unseen" }, words.facets[name]), list);
        const details = make("details", { className: "facet" }, make("summary", null, words.facets[name]), fieldset);
        details.dataset.facet = name;
        if (this.#inDialog) details.name = "fb-facet";
        else details.open = matchMedia("(width >= 64rem)").matches;
        details.addEventListener("toggle", () => details.open && list.childElementCount === 0 && this.ask({ limit: this.#limit }));
        this.#facets.append(details);
      }
    }

    /** Counts within the results. Values stay where they are while their list is open. */
    #showFacets(facets) {
      for (const details of this.#facets.children) {
        const values = facets[details.dataset.facet] ?? [];
        const list = details.querySelector(".values");
        const rows = new Map([...list.children].map((row) => [row.dataset.value, row]));
        const stays = details.contains(document.activeElement) && rows.size > 0;
        for (const row of rows.values()) this.#setValue(row, { count: 0, chosen: false, query: "" });
        // A number beside a name would be a ranking.
        const ranks = details.dataset.facet === "team" || details.dataset.facet === "by";
        if (ranks) values.sort((a, b) => a.label.localeCompare(b.label, language));
        details.classList.toggle("uncounted", ranks);
        for (const value of values) {
          const row = rows.get(value.value) ?? this.#valueRow(value);
          this.#setValue(row, value);
          if (!stays || !row.isConnected) list.append(row);
        }
        this.#offerWithin(details, list);
      }
    }

    #valueRow({ value, label }) {
      const box = make("input", { type: "checkbox" });
      const count = make("span", { className: "count" });
      const row = make("li", null, make("label", null, box, make("span", null, label), count));
      row.dataset.value = value;
      box.addEventListener("change", () => this.put(row.query));
      return row;
    }

    #setValue(row, { count, chosen, query }) {
      const box = row.querySelector("input");
      row.query = query;
      box.checked = chosen;
      box.disabled = count === 0 && !chosen;
      row.querySelector(".count").textContent = number.format(count);
    }

    /** Many values can be narrowed down by typing. */
    #offerWithin(details, list) {
      if (list.childElementCount <= 12 || details.querySelector(".within")) return;
      const within = make("input", { type: "text", className: "within", ariaLabel: `${words.within}: ${words.facets[details.dataset.facet]}`, placeholder: words.within });
      within.addEventListener("input", () => {
        const typed = within.value.trim().toLowerCase();
        for (const row of list.children) row.hidden = !row.textContent.toLowerCase().includes(typed);
      });
      list.before(within);
    }
  }

  // Where search is ---------------------------------------------------------------------------------

  /** Brings the dialog to life in which the reader may already be typing. */
  fieldbook.search = (dialog, input) => new Search(dialog, input).ask();

  const place = document.getElementById("fb-search");
  if (place) {
    const asked = new URLSearchParams(location.search);
    const input = document.createElement("input");
    place.replaceChildren(make("div", { className: "field" }, input));
    const search = new Search(place, input);
    search.put(asked.get("q") ?? "", asked.get("sort") === "newest" ? "newest" : "relevance");
    if (!location.hash) input.focus();
  }
})();
