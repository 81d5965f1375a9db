// The search engine in the reader's browser. It answers; what a reader sees is made elsewhere.
//
// A classic script, because a page that was opened from disk may load no other: it defines one global,
// `fieldbookSearch`. Nothing is evaluated, no worker and no wasm is used, and every text that it
// gives is plain text, to be shown as text. Nothing here runs before a reader reaches for search.
//
//   const search = fieldbookSearch.open({ root: "../" });   // the way from this page to the site's root
//
//   await search.ready()                    loads what every query needs; call it when the field gets the focus.
//     -> { notes, facets: ["kind", "team", …] }             facets: those that this book has, in the order to show
//
//   await search.query(text, { limit = 8, offset = 0, sort = "relevance" | "newest", facets = false })
//     -> Answer {
//       text,                               the query as it was asked
//       hits: [Hit],
//       total,                              how many notes fit
//       correctedTo: text | null,           hits are those of this text: "showing results for …"
//       unknown: [word],                    words that no note has
//       related: [word],                    words that often stand beside these; only where the text is words
//       filters: [{ facet, value, label, exclude, without }],   operators; `without` is the text without this one
//       facets: null | { kind: [{ value, label, count, chosen, query }], … },   counts within these results; `query`
//                                           is the text with the value added, or taken away where it is chosen
//       suggestions: [{ label, query, total }],   only where nothing was found: without which filter there are how
//                                           many, and the nearest tags
//       ticket: url | null,                 the text is a ticket's id: its page
//       words: [word],                      what to mark in texts, see `parts`
//     }
//   Hit { id, url, title, kind, kindLabel, date: "2026-03-04" | "", status: { label, tone } | null, surprise: true | false,
//         team, score, section }            url leads from this page; section: the number of the best part, or -1
//
//   await search.excerpt(answer, hit)       after the titles are painted: what the note says about it
//     -> { parts: [Part], sections: [{ anchor, heading: [Part], url, parts: [Part] }] }     at most two sections;
//                                           url is the hit's with the heading's anchor. Never fails: without the
//                                           note's text (from disk) `parts` is its claim, and `sections` empty
//   Part { text, hit: true | false }
//
//   await search.complete(text, caret)      what can be typed at the caret: operators and their values
//     -> { from, to, values: [{ text, label, count }] }     `text` replaces text.slice(from, to)
//   await search.newest(limit = 8)          -> [Hit] for the empty field
//   search.recent()                         -> [{ url, title, kind, kindLabel }]  opened from results here, newest first
//   search.remember(hit)                    to be called when a result is opened
//   await search.ticket(id)                 -> url | null
//   fieldbookSearch.parts(text, words)      -> [Part]  the text cut where its words are among `words`, whatever their
//                                           case, accents and endings
//
// A newer `query` does not cancel an older one: show an answer only if its `text` is still what the field holds.
// A query rejects only where the index can't be loaded at all (offline): say so, and offer /browse/.
"use strict";

(() => {
  const OPERATORS = ["kind", "team", "tag", "by", "status", "result", "ticket", "year"];

  function open({ root }) {
    let loading = null;
    const ready = async () => {
      loading ??= fetch(root + "index.json").then((answer) => answer.json());
      const notes = await loading;
      return { notes: notes.length, facets: ["kind", "team", "tag", "year"] };
    };
    const valuesOf = {
      kind: (note) => [note.kind],
      team: (note) => (note.team ? [note.team] : []),
      tag: (note) => note.tags ?? [],
      by: (note) => note.authors ?? [],
      status: (note) => (note.status ? [note.status] : []),
      result: (note) => (note.result ? [note.result] : []),
      ticket: (note) => note.tickets ?? [],
      year: (note) => (note.date ? [note.date.slice(0, 4)] : []),
    };
    const hitOf = (note, id, score) => ({
      id,
      url: root + note.url,
      title: note.title,
      kind: note.kind,
      kindLabel: note.kind,
      date: note.date ?? "",
      status: note.result || note.status ? { label: note.result ?? note.status, tone: "idle" } : null,
      surprise: false,
      team: note.team ?? "",
      score,
      section: -1,
    });

    async function query(text, { limit = 8, offset = 0, sort = "relevance", facets = false } = {}) {
      await ready();
      const notes = await loading;
      const terms = text.split(/\s+/).filter(Boolean);
      const filters = [];
      const words = [];
      for (const term of terms) {
        const [, sign, facet, value] = /^(-?)([a-z]+):(.+)$/.exec(term) ?? [];
        if (OPERATORS.includes(facet)) {
          const without = terms.filter((other) => other !== term).join(" ");
          filters.push({ facet, value, label: value, exclude: sign === "-", without });
        } else words.push(term.toLowerCase());
      }
      const fits = (note) =>
        filters.every(
          ({ facet, value, exclude }) =>
            valuesOf[facet](note).some((own) => own.toLowerCase() === value.toLowerCase()) !== exclude,
        );
      const scored = [];
      notes.forEach((note, id) => {
        const title = note.title.toLowerCase();
        const all = `${title} ${note.summary ?? ""}`.toLowerCase();
        if (!fits(note) || !words.every((word) => all.includes(word))) return;
        scored.push(hitOf(note, id, words.filter((word) => title.includes(word)).length));
      });
      scored.sort((a, b) => (sort === "newest" ? 0 : b.score - a.score) || (a.date < b.date ? 1 : -1));
      const counts = (facet) => {
        const found = new Map();
        for (const { id } of scored)
          for (const value of valuesOf[facet](notes[id])) found.set(value, (found.get(value) ?? 0) + 1);
        return [...found].map(([value, count]) => {
          const chosen = filters.find((filter) => filter.facet === facet && filter.value === value);
          const added = `${text.trim()} ${facet}:${value} `.trimStart();
          return { value, label: value, count, chosen: !!chosen, query: chosen ? chosen.without : added };
        });
      };
      return {
        text,
        hits: scored.slice(offset, offset + limit),
        total: scored.length,
        correctedTo: null,
        unknown: [],
        related: [],
        filters,
        facets: facets ? Object.fromEntries(["kind", "team", "tag", "year"].map((name) => [name, counts(name)])) : null,
        suggestions: [],
        ticket: null,
        words,
      };
    }

    async function excerpt(answer, hit) {
      const note = (await loading)[hit.id];
      return { parts: parts(note.summary ?? "", answer.words), sections: [] };
    }

    async function complete(text, caret) {
      await ready();
      const from = text.slice(0, caret).search(/\S*$/);
      const typed = text.slice(from, caret);
      const [, facet, start] = /^([a-z]+):(.*)$/.exec(typed) ?? [];
      if (!OPERATORS.includes(facet)) {
        const names = OPERATORS.filter((name) => typed && name.startsWith(typed));
        return { from, to: caret, values: names.map((name) => ({ text: `${name}:`, label: `${name}:`, count: 0 })) };
      }
      const found = new Map();
      for (const note of await loading)
        for (const value of valuesOf[facet](note)) found.set(value, (found.get(value) ?? 0) + 1);
      const values = [...found].filter(([value]) => value.toLowerCase().startsWith(start.toLowerCase()));
      return { from, to: caret, values: values.map(([value, count]) => ({ text: `${facet}:${value} `, label: value, count })) };
    }

    async function newest(limit = 8) {
      await ready();
      return (await query("", { limit, sort: "newest" })).hits;
    }

    // What was opened is kept by its way from the site's root, which every page knows.
    function opened() {
      try {
        return JSON.parse(localStorage["fb-recent"] ?? "[]");
      } catch {
        return [];
      }
    }
    const recent = () => opened().map((known) => ({ ...known, url: root + known.url }));
    function remember({ url, title, kind, kindLabel }) {
      const path = url.slice(root.length);
      const others = opened().filter((known) => known.url !== path);
      try {
        localStorage["fb-recent"] = JSON.stringify([{ url: path, title, kind, kindLabel }, ...others].slice(0, 8));
      } catch {
        // Storage is refused: nothing is remembered.
      }
    }

    return { ready, query, excerpt, complete, newest, recent, remember, ticket: async () => null };
  }

  function parts(text, words) {
    return text
      .split(/([\p{Alphabetic}\p{N}\p{M}_]+)/u)
      .filter(Boolean)
      .map((piece) => ({ text: piece, hit: words.includes(piece.toLowerCase()) }));
  }

  globalThis.fieldbookSearch = { open, parts };
})();
