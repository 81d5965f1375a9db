// A brief in the reader's browser: what `fieldbook brief` prints, from the same notes in the same order.
// Loaded after `engine.js`, by the page that shows one.
//
//   const brief = await fieldbookSearch.brief(search, text);     // search: what fieldbookSearch.open gave
//     -> Brief {
//       query, total,                     `total` notes answer; the best 40 are in the brief
//       known, mixed, refuted, open,      each [Item], the best first
//       questions: [Note with text],      what nobody knows yet; url leads to the place
//       unapplied: [Note],                known, and used nowhere yet
//       people: [{ name, url, notes: [number] }],
//       references: [Item],               every note of the brief, the best first
//     }
//   Note { title, url, kind: "Learning", date: "2026-03-04" | "" }
//   Item { number, …Note, claim, result, tone, authors: [name], team, maturity, because, supporting: [Note], against: [Note] }
//     `number` is its place among the references, from 1; `maturity` is a word, or empty, and `because` says why
//   fieldbookSearch.markdown(brief)       the same as text, for a ticket; links are absolute
"use strict";

(() => {
  const NOTES = 40;
  const PEOPLE = 6;
  // As src/search/brief.rs numbers them.
  const ROLES = ["known", "mixed", "refuted", "open"];

  const noteOf = ({ title, url, kindLabel, date }) => ({ title, url, kind: kindLabel, date });

  async function brief(search, text) {
    const answer = await search.query(`${text.trim()} `, { limit: NOTES });
    const details = await search.details(answer.hits);
    const others = [...new Set(details.flatMap(([, , , evidence]) => evidence.flat()))];
    const named = new Map((await search.notes(others)).map((hit) => [hit.id, noteOf(hit)]));
    const people = new Map((await search.values("by")).map((person) => [person.label, person.url]));
    const made = { query: text.trim(), total: answer.total, known: [], mixed: [], refuted: [], open: [], questions: [] };
    Object.assign(made, { unapplied: [], people: [], references: [] });
    const wrote = new Map();
    answer.hits.forEach((hit, at) => {
      const [role, claim, authors, [supporting, against], maturity, because, unapplied, questions] = details[at];
      const item = {
        number: at + 1,
        ...noteOf(hit),
        claim,
        result: hit.status?.label ?? "",
        tone: hit.status?.tone ?? "",
        authors: authors.split("\n").filter(Boolean),
        team: hit.team,
        maturity,
        because,
        supporting: supporting.map((id) => named.get(id)),
        against: against.map((id) => named.get(id)),
      };
      made.references.push(item);
      if (unapplied) made.unapplied.push(noteOf(hit));
      for (const [text, anchor] of questions) {
        const url = anchor ? `${hit.url}#${encodeURIComponent(anchor)}` : hit.url;
        made.questions.push({ text, ...noteOf(hit), url });
      }
      if (!ROLES[role]) return;
      made[ROLES[role]].push(item);
      for (const name of item.authors) wrote.set(name, [...(wrote.get(name) ?? []), at + 1]);
    });
    made.people = [...wrote]
      .sort(([, a], [, b]) => b.length - a.length || a[0] - b[0])
      .slice(0, PEOPLE)
      .map(([name, notes]) => ({ name, url: people.get(name) ?? "", notes }));
    return made;
  }

  const plain = (text) => text.replace(/\s+/g, " ").trim().replace(/[\\\x60*_[\]<>#|]/g, "\\$&");

  function markdown(brief) {
    const lines = [`# What we know: ${plain(brief.query)}`];
    const part = (heading, rows) => rows.length && lines.push("", `## ${heading}`, "", ...rows);
    const titles = (label, notes) => (notes.length ? [`  ${label}: ${notes.map(({ title }) => plain(title)).join("; ")}`] : []);
    const item = (item) => {
      const facts = [item.result, item.team, item.date].filter(Boolean).join(", ");
      const why = item.maturity && `${item.maturity[0].toUpperCase()}${item.maturity.slice(1)}: ${item.because}.`;
      return [
        `- **${plain(item.title)}**${facts && ` (${plain(facts)})`} [${item.number}]`,
        ...(item.claim ? [`  ${plain(item.claim)}`] : []),
        ...titles("For", item.supporting),
        ...titles("Against", item.against),
        ...(why ? [`  ${plain(why)}`] : []),
      ];
    };
    part("What we know", brief.known.flatMap(item));
    part("What held only in part", brief.mixed.flatMap(item));
    part("What did not hold", brief.refuted.flatMap(item));
    part("What is being found out", brief.open.flatMap(item));
    part("What nobody knows yet", brief.questions.map(({ text, title }) => `- ${plain(text)} (${plain(title)})`));
    part("Learned, and not used yet", brief.unapplied.map(({ title }) => `- ${plain(title)}`));
    part("Whom to ask", brief.people.map(({ name, notes }) => `- ${plain(name)}: ${notes.map((n) => `[${n}]`).join(" ")}`));
    const references = brief.references.map(({ number, title, url, kind, authors, date }) => {
      const facts = [kind, authors.join(", "), date].filter(Boolean).join(", ");
      return `${number}. [${plain(title)}](${new URL(url, document.baseURI)}). ${plain(facts)}`;
    });
    part("Notes", references);
    return `${lines.join("\n")}\n`;
  }

  Object.assign(fieldbookSearch, { brief, markdown });
})();
