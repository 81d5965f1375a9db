// The page `/brief/`: what the book knows of a question, to be read before a feature is discussed.
// `search/brief.js` gathers it; this shows it, prints it and copies it as markdown.
"use strict";

(() => {
  const words = {
    against: "Against it",
    because: "{maturity}: {because}.",
    best: { one: "The best {shown} of {n} note.", other: "The best {shown} of {n} notes." },
    copied: "Copied",
    count: { one: "{n} note", other: "{n} notes" },
    copy: "Copy as markdown",
    field: "What is the discussion about?",
    known: "What we know",
    mixed: "What held only in part",
    notes: "Notes",
    nothing: "No note answers this. You may be the first: start with an experiment.",
    notCopied: "Not copied",
    offline: "The search index can't be loaded.",
    open: "What is being found out",
    people: "Whom to ask",
    print: "Print",
    questions: "What nobody knows yet",
    refuted: "What did not hold",
    supporting: "For it",
    title: "What we know: {query}",
    unapplied: "Learned, and not used yet",
  };
  const { make, fill, counted, number, date, site } = fieldbook;
  const engine = fieldbookSearch.open({ root: site });
  const place = document.getElementById("fb-brief");
  const heading = document.querySelector("h1");
  const untitled = [document.title, heading.textContent];

  const input = make("input", { type: "text", inputMode: "search", enterKeyHint: "search", autocomplete: "off", ariaLabel: words.field, placeholder: words.field });
  const status = make("p", { role: "status" });
  const copy = make("button", { type: "button", className: "chip" }, words.copy);
  const print = make("button", { type: "button", className: "chip", onclick: () => window.print() }, words.print);
  const acts = make("div", { className: "acts", hidden: true }, copy, print);
  const shown = make("div", { className: "brief" });
  place.replaceChildren(make("div", { className: "field" }, input), make("div", { className: "state" }, status, acts), shown);

  const link = (note) => make("a", { href: note.url }, note.title);
  const section = (title, ...children) => make("section", null, make("h2", null, title), ...children);
  const cite = (n) => make("a", { className: "cite", href: `#fb-note-${n}` }, `[${n}]`);
  const listed = (label, notes) => {
    if (notes.length === 0) return null;
    const links = notes.flatMap((note, at) => (at === 0 ? [link(note)] : ["; ", link(note)]));
    return make("p", { className: "bearing" }, make("b", { className: "label" }, label), " ", ...links);
  };

  function item(note) {
    const facts = [note.team, note.date && date.format(new Date(note.date))].filter(Boolean).join(" · ");
    const maturity = note.maturity && note.maturity[0].toUpperCase() + note.maturity.slice(1);
    return make(
      "li",
      null,
      make("p", null, note.result ? make("span", { className: `stamp tone-${note.tone || "idle"}` }, note.result) : null, make("b", null, link(note)), " ", cite(note.number)),
      facts ? make("p", { className: "by" }, facts) : null,
      note.claim ? make("p", null, note.claim) : null,
      listed(words.supporting, note.supporting),
      listed(words.against, note.against),
      maturity ? make("p", { className: "by" }, fill(words.because, { maturity, because: note.because })) : null,
    );
  }

  function reference(note) {
    const facts = [note.kind, note.authors.join(", "), note.date && date.format(new Date(note.date))].filter(Boolean).join(", ");
    return make("li", { id: `fb-note-${note.number}` }, link(note), make("span", { className: "by" }, ` ${facts}`));
  }

  function show(brief) {
    const sections = [];
    for (const part of ["known", "mixed", "refuted", "open"]) {
      if (brief[part].length > 0) sections.push(section(words[part], make("ul", { className: "items" }, ...brief[part].map(item))));
    }
    const list = (title, rows) => rows.length > 0 && sections.push(section(title, make("ul", null, ...rows.map((row) => make("li", null, ...row)))));
    list(words.questions, brief.questions.map((question) => [`${question.text} `, link(question)]));
    list(words.unapplied, brief.unapplied.map((note) => [link(note)]));
    list(words.people, brief.people.map(({ name, url, notes }) => [url ? make("a", { href: url }, name) : name, ": ", ...notes.flatMap((n) => [cite(n), " "])]));
    if (brief.references.length > 0) sections.push(section(words.notes, make("ol", null, ...brief.references.map(reference))));
    shown.replaceChildren(...sections);
  }

  let asked = 0;
  async function ask() {
    const mine = ++asked;
    const query = input.value.trim();
    history.replaceState(null, "", query ? `?${new URLSearchParams({ q: query })}` : location.pathname);
    try {
      const brief = query ? await fieldbookSearch.brief(engine, query) : null;
      if (mine !== asked) return;
      const title = brief ? fill(words.title, { query }) : untitled[1];
      heading.textContent = title;
      document.title = untitled[0].replace(untitled[1], () => title);
      acts.hidden = !brief || brief.references.length === 0;
      status.textContent = "";
      shown.replaceChildren();
      if (!brief) return;
      show(brief);
      if (brief.total === 0) status.textContent = words.nothing;
      else if (brief.total > brief.references.length) status.textContent = counted(words.best, brief.total, { shown: number.format(brief.references.length) });
      else status.textContent = counted(words.count, brief.total);
      copy.onclick = () => copyText(fieldbookSearch.markdown(brief));
    } catch (error) {
      console.info("Brief:", error.message);
      if (mine === asked) status.textContent = words.offline;
    }
  }

  async function copyText(text) {
    try {
      await navigator.clipboard.writeText(text);
      copy.textContent = words.copied;
    } catch {
      copy.textContent = words.notCopied;
    }
    setTimeout(() => (copy.textContent = words.copy), 2000);
  }

  // A brief is gathered from many notes: when the reader has finished, not with every key.
  input.addEventListener("change", ask);
  input.addEventListener("keydown", (event) => event.key === "Enter" && !event.isComposing && ask());
  input.value = new URLSearchParams(location.search).get("q") ?? "";
  if (!input.value) input.focus();
  ask();
})();
