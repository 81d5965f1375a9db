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
//   await search.query(text, { limit = 8, offset = 0, sort = "relevance" | "newest", facets = false, all = false })
//     `all`: where nothing is asked all notes fit, the newest first
//     -> Answer {
//       text,                               the query as it was asked
//       hits: [Hit],
//       total,                              how many notes fit
//       correctedTo: text | null,           hits are those of this text: "showing results for …"
//       unknown: [word],                    words that no note has
//       related: [],                        see `related` below
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
//   await search.related(answer)            after the titles, too: [word] that often stand beside those of the query
//   await search.complete(text, caret)      what can be typed at the caret: operators and their values
//     -> { from, to, values: [{ text, label, count }] }     `text` replaces text.slice(from, to)
//   await search.newest(limit = 8)          -> [Hit] for the empty field
//   search.recent()                         -> [{ url, title, kind, kindLabel }]  opened from results here, newest first
//   search.remember(hit)                    to be called when a result is opened
//   await search.ticket(id)                 -> url | null
//   await search.values(facet)              -> [{ name, label, url, count }]
//   await search.notes(ids)                 -> [Hit] by their ids; search.details(hits): rows for `brief.js`
//   fieldbookSearch.parts(text, words)      -> [Part]  the text cut where its words are among `words`, whatever their
//                                           case, accents and endings
//
// A newer `query` does not cancel an older one: show an answer only if its `text` is still what the field holds.
// A query rejects only where the index can't be loaded at all (offline): say so, and offer /browse/.
"use strict";

(() => {
  const FORM = 1;
  const OPERATORS = { kind: "kind", type: "kind", team: "team", tag: "tag", by: "by", author: "by", status: "status" };
  Object.assign(OPERATORS, { result: "result", ticket: "ticket", year: "year" });

  // ---- Words: the contract of src/words/mod.rs; tests/golden/words.json holds the two together.

  const WORD = "\\p{Alphabetic}\\p{N}\\p{M}";
  const DENSE =
    "\\u0e00-\\u0eff\\u1000-\\u109f\\u1100-\\u11ff\\u1780-\\u17ff\\u2e80-\\u2fdf\\u3005-\\u3007\\u3040-\\u318f\\u31a0-\\u31bf" +
    "\\u31f0-\\u31ff\\u3400-\\u4dbf\\u4e00-\\u9fff\\ua960-\\ua97f\\ua9e0-\\ua9ff\\uaa60-\\uaa7f\\uac00-\\ud7ff\\uf900-\\ufaff" +
    "\\uff65-\\uffdc\\u{1aff0}-\\u{1b16f}\\u{20000}-\\u{3ffff}";
  const UNSEEN = "\\xad\\u200c\\u200d\\u2060\\ufeff";
  const dense = `(?=[${WORD}])[${DENSE}]`;
  const letter = `(?![${DENSE}])[${WORD}]`;
  const piece = `${letter}(?:${letter}|[\\p{M}${UNSEEN}])*`;
  const joint = "_+|[-.'’‐‑]";
  const RUNS = new RegExp(`${dense}(?:${dense}|[\\p{M}${UNSEEN}])*|${piece}(?:(?:${joint})${piece})*`, "gu");
  const IS_DENSE = new RegExp(`^[${DENSE}]`, "u");
  const JOINT = new RegExp(`(${joint})`, "u");
  const SHARP = new RegExp(`(?:\\+\\+|#)(?![${WORD}+#])`, "uy");
  const HUMP = /(?<=[a-z])(?=[A-Z])|(?<=[A-Z0-9])(?=[A-Z][a-z][a-z])/;
  const LETTERS = { ς: "σ", ß: "ss", æ: "ae", œ: "oe", þ: "th", ø: "o", đ: "d", ð: "d", ł: "l", ı: "i" };

  const isAscii = (text) => /^[\0-\x7f]*$/.test(text);
  const lengthOf = (text) => (isAscii(text) ? text.length : [...text].length);
  const isChecksum = (word) => /^[0-9a-f.-]{25,}$/.test(word) && /\d/.test(word);

  // A word in the form in which it is compared: without case, width and accents.
  function fold(word) {
    if (isAscii(word)) return word.toLowerCase();
    return word
      .normalize("NFKC")
      .toLowerCase()
      .normalize("NFD")
      .replace(/(\P{M}?)(\p{M}+)/gu, (_, base, marks) => {
        const latin = /[a-z\xdf-\u024f\u0370-\u03ff]/.test(base);
        const dropped = latin ? /[\u0300-\u036f]/g : base === "е" ? /[\u0300\u0301\u0308]/g : /[\u0300\u0301]/g;
        return base + marks.replace(dropped, "").replace(/[\u0591-\u05c7\u064b-\u065f\u0670\ufe00-\ufe0f]/g, "");
      })
      .replace(/[ςßæœþøđðłı]/g, (sign) => LETTERS[sign])
      .replace(/[\u0640\xad\u200c\u200d\u2060\ufeff]/g, "")
      .normalize("NFC");
  }

  // The words of a text: [{ text, form: "word" | "whole" | "part" | "gram", position, start, end }].
  function tokens(text) {
    const found = [];
    let position = 0;
    for (const { 0: run, index: start } of text.matchAll(RUNS)) {
      const add = (word, form, at, from = start, end = start + run.length) =>
        found.push({ text: word, form, position: position + at, start: from, end });
      if (IS_DENSE.test(run)) {
        const units = fold(run).match(/[^]\p{M}*/gu) ?? [];
        if (units.length === 1) add(units[0], "gram", 0);
        for (let at = 0; at + 1 < units.length; at++) add(units[at] + units[at + 1], "gram", at);
        position += units.length;
        continue;
      }
      // Pieces, and between them the sign that joins them or nothing.
      const pieces = run.split(JOINT).flatMap((part) =>
        isAscii(part) ? part.split(HUMP).flatMap((hump, at) => (at ? ["", hump] : [hump])) : [part],
      );
      const parts = pieces.filter((_, at) => at % 2 === 0);
      if (parts.length === 1 || parts.length > 16) {
        let from = start;
        pieces.forEach((part, at) => {
          let [word, end] = [fold(part), from + part.length];
          SHARP.lastIndex = end;
          const sharp = run.length === 1 && /[a-z]/i.test(run) && SHARP.exec(text);
          if (sharp) [word, end] = [word + sharp[0], end + sharp[0].length];
          if (at % 2 === 0) {
            if (word && lengthOf(word) <= 64 && !isChecksum(word)) add(word, "word", 0, from, end);
            position++;
          }
          from = end;
        });
        continue;
      }
      const digits = (at) => /\d$/.test(pieces[at - 1]) && /^\d/.test(pieces[at + 1]) && /^[.-]$/.test(pieces[at]);
      const whole = pieces.map((part, at) => (at % 2 === 0 ? fold(part) : digits(at) ? part : "")).join("");
      if (!isChecksum(whole)) {
        if (lengthOf(whole) <= 64) add(whole, "whole", 0);
        parts.forEach((part, at) => {
          const word = fold(part);
          const length = lengthOf(word);
          if (length > 1 && length <= 64 && !isChecksum(word)) add(word, "part", at);
        });
      }
      position += parts.length;
    }
    return found;
  }

  // ---- The files: what src/search/files.rs writes.

  class Bits {
    constructor(base64) {
      const text = atob(base64);
      this.end = text.length * 8;
      this.bytes = new Uint8Array(text.length + 8);
      for (let at = 0; at < text.length; at++) this.bytes[at] = text.charCodeAt(at);
      this.at = 0;
    }
    bit() {
      return (this.bytes[this.at >> 3] >> (this.at++ & 7)) & 1;
    }
    take(count) {
      let number = 0;
      for (let at = 0; at < count; ) {
        const free = 8 - (this.at & 7);
        const some = Math.min(free, count - at);
        number |= ((this.bytes[this.at >> 3] >> (this.at & 7)) & ((1 << some) - 1)) << at;
        this.at += some;
        at += some;
      }
      return number >>> 0;
    }
    unary() {
      let count = 0;
      while (this.bit()) count++;
      return count;
    }
    gamma() {
      const length = this.unary();
      return (this.take(length) | (1 << length)) >>> 0;
    }
    // A number of as many bytes as it needs.
    number() {
      let number = 0;
      for (let shift = 0; ; shift += 7) {
        const byte = this.take(8);
        number |= (byte & 127) << shift;
        if (byte < 128) return number;
      }
    }
    // So many bytes, to be read on their own.
    slice(bytes) {
      const part = Object.create(Bits.prototype);
      part.bytes = this.bytes.subarray(this.at >> 3, (this.at += bytes * 8) >> 3);
      return part;
    }
    letters(count, width) {
      return String.fromCharCode(...Array.from({ length: count }, () => this.take(width)));
    }
    ascending(count, each) {
      const k = this.take(5);
      let number = -1;
      for (let at = 0; at < count; at++) {
        const high = this.unary();
        number += 1 + ((high << k) | this.take(k));
        each(number, at);
      }
    }
    // A code of 16 symbols: a function that reads one.
    code() {
      const lengths = Array.from({ length: 16 }, () => this.take(4));
      const first = [];
      const symbols = [];
      let code = 0;
      for (let length = 1; length < 16; length++) {
        first[length] = code - symbols.length;
        lengths.forEach((own, symbol) => {
          if (own === length) symbols.push(symbol), code++;
        });
        first[length + 16] = code;
        code <<= 1;
      }
      return () => {
        let code = 0;
        for (let length = 1; length < 16; length++) {
          code = (code << 1) | this.bit();
          if (code < first[length + 16]) return symbols[code - first[length]];
        }
        return 0;
      };
    }
    // Notes, each with its level in the upper four bits and its section in the lower.
    list(count, levels, sections) {
      const list = { notes: new Uint32Array(count), marks: new Uint8Array(count) };
      this.ascending(count, (note, at) => {
        list.notes[at] = note;
        list.marks[at] = (levels() << 4) | sections();
      });
      return list;
    }
    codedList(count) {
      return this.list(count, this.code(), this.code());
    }
  }

  function dictionary(text) {
    const words = [];
    let word = "";
    for (const [, [common, ...rest]] of text.matchAll(/([A-Z][^A-Z]*)/g)) {
      word = word.slice(0, common.charCodeAt(0) - 65) + rest.join("");
      words.push(word);
    }
    return words;
  }

  // Entries of a shard, in the order of their words: { word, home, df, hot, notes, marks }, where `home` is the
  // entry itself, the one whose notes it shares, or that one's word.
  function readShard([text, base64], { hot, inline }) {
    const bits = new Bits(base64);
    const [levels, sections] = [bits.code(), bits.code()];
    const entries = [];
    let homes = 0;
    for (const word of dictionary(text)) {
      const entry = { word, forms: [word] };
      if (bits.bit()) {
        entry.home = entry;
        entry.number = homes++;
        entry.df = bits.gamma();
        entry.hot = entry.df > hot ? bits.letters(6, 7) : null;
        Object.assign(entry, bits.list(entry.hot ? inline : entry.df, levels, sections));
      } else {
        const back = bits.gamma() - 1;
        if (back) {
          entry.home = entries[entries.length - back];
          entry.home.forms.push(word);
        } else entry.home = new TextDecoder().decode(Uint8Array.from({ length: bits.gamma() - 1 }, () => bits.take(8)));
      }
      entries.push(entry);
    }
    return entries;
  }

  // ---- The index of one publication: files are loaded when they are asked for, and once.

  class Index {
    constructor(values, load) {
      Object.assign(this, values);
      this.load = load;
      this.starts = this.starts.split(" ");
      this.common = this.common.split(" ");
      this.loads = new Map();
    }
    once(name, read) {
      if (!this.loads.has(name)) this.loads.set(name, this.load(name).then(read));
      return this.loads.get(name);
    }
    name(names, at) {
      return names.slice(at * 6, at * 6 + 6);
    }
    shard(at) {
      return this.once(`t/${this.name(this.words, at)}`, (values) => readShard(values, this));
    }
    // The shard where a word stands, and the last one where words begin with it.
    range(word, open, starts = this.starts) {
      const after = (fits) => {
        let [low, high] = [0, starts.length];
        while (low < high) {
          const middle = (low + high) >> 1;
          if (fits(starts[middle])) low = middle + 1;
          else high = middle;
        }
        return Math.max(low - 1, 0);
      };
      const first = after((start) => start <= word);
      return [first, open ? after((start) => start <= word || start.startsWith(word)) : first];
    }
    async entry(word) {
      if (!this.starts.length) return null;
      const found = find(await this.shard(this.range(word)[0]), word);
      return found && this.homeOf(found);
    }
    homeOf(entry) {
      return typeof entry.home === "string" ? this.entry(entry.home) : entry.home;
    }
    // All notes of a word, where its shard holds only some of them.
    whole(home) {
      return home.hot ? this.once(`h/${home.hot}`, ([base64]) => new Bits(base64).codedList(home.df)) : home;
    }
    async cards(notes) {
      return this.rows("c", await this.once(`d/${this.cardNames}`, ([names]) => names), notes);
    }
    // A row for each note, from files that hold those of a few notes.
    rows(folder, names, notes) {
      return Promise.all(
        notes.map(async (note) => {
          const block = await this.once(`${folder}/${this.name(names, Math.floor(note / this.cardsIn))}`, ([rows]) => rows);
          return block[note % this.cardsIn];
        }),
      );
    }
    others() {
      return this.once(`d/${this.names}`, ([positions, starts, endings, details, relatedStarts, related, texts]) => ({
        positions,
        starts: starts.split(" "),
        endings,
        details,
        relatedStarts: relatedStarts.split(" "),
        related,
        texts,
      }));
    }
    // The values of a facet: { name, label, url, count, notes }.
    facet(name) {
      const file = this.facets.find(([own]) => own === name)?.[1];
      if (!file) return Promise.resolve([]);
      return this.once(`f/${file}`, ([rows, base64]) => {
        const bits = new Bits(base64);
        return rows.map(([name, label, count, url]) => {
          const notes = new Uint32Array(count);
          bits.ascending(count, (note, at) => (notes[at] = note));
          return { name, label: label || name, url, count, notes };
        });
      });
    }
    // Where a word stands in each of its notes: for the place of a note in its list, its positions.
    async positions(home) {
      const { positions } = await this.others();
      const at = this.range(home.word)[0];
      const lists = await this.once(`p/${this.name(positions, at)}`, ([base64]) => {
        const bits = new Bits(base64);
        const lists = [];
        while (bits.at < bits.end) {
          const length = bits.number();
          lists.push(length ? bits.slice(length) : bits.letters(6, 8));
        }
        return lists;
      });
      const list = lists[home.number];
      const bits = typeof list === "string" ? await this.once(`p/${list}`, ([base64]) => new Bits(base64)) : list;
      bits.at = 0;
      return Array.from({ length: home.df }, () => {
        let position = 0;
        return Array.from({ length: bits.number() }, () => (position += bits.number()));
      });
    }
  }

  function find(entries, word) {
    let [low, high] = [0, entries.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (entries[middle].word < word) low = middle + 1;
      else high = middle;
    }
    return entries[low]?.word === word ? entries[low] : null;
  }

  // ---- What a query asks for.

  // { words: [{ text, parts, open, exclude }], phrases: [{ words: [{ text, at }], exclude }],
  //   filters: [{ facet, value, exclude, open, without }] }
  function parse(text) {
    const asked = { words: [], phrases: [], filters: [] };
    const pieces = [...text.matchAll(/(-?)(?:([a-z]+):)?(?:"([^"]*)("?)|(\S+))/gi)];
    for (const { 0: all, 1: sign, 2: name, 3: quoted, 4: closed, 5: plain, index } of pieces) {
      const exclude = sign === "-";
      const last = index + all.length === text.length;
      const facet = OPERATORS[name?.toLowerCase()];
      if (facet) {
        const without = `${text.slice(0, index)}${text.slice(index + all.length)}`.replace(/\s+/g, " ").trim();
        const value = quoted ?? plain;
        asked.filters.push({ facet, value, exclude, open: last && !closed, without });
        continue;
      }
      const found = tokens(quoted ?? (name ? `${name}:${plain ?? ""}` : plain));
      if (quoted !== undefined && (found.length > 1 || closed)) {
        // A whole is found as its parts, which have positions of their own.
        const words = found.filter(({ form }) => form !== "whole").map(({ text, position }) => ({ text, at: position }));
        if (words.length) asked.phrases.push({ words, exclude });
        continue;
      }
      for (const { text: word, form, position, start } of found) {
        const owner = asked.words.at(-1);
        if (form === "part" && owner?.index === index && owner.start === start) owner.parts.push(word);
        else asked.words.push({ text: word, form, parts: [], open: false, exclude, index, start: form === "whole" ? start : -1 });
      }
      const end = asked.words.at(-1);
      if (last && end?.index === index) end.open = !exclude;
    }
    for (const word of asked.words) if (word.form === "gram" && lengthOf(word.text) === 1) word.open = true;
    return asked;
  }

  // How many letters are to be added, taken away, changed or exchanged with the next one; more than `most` is most + 1.
  function distance(a, b, most) {
    [a, b] = [[...a], [...b]];
    if (Math.abs(a.length - b.length) > most) return most + 1;
    let before;
    let last = Array.from({ length: b.length + 1 }, (_, at) => at);
    for (let i = 1; i <= a.length; i++) {
      const row = [i];
      for (let j = 1; j <= b.length; j++) {
        row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a[i - 1] === b[j - 1] ? 0 : 1));
        if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) row[j] = Math.min(row[j], before[j - 2] + 1);
      }
      if (Math.min(...row) > most) return most + 1;
      [before, last] = [last, row];
    }
    return last[b.length];
  }

  const order = (a, b) => (a < b ? -1 : a > b ? 1 : 0);
  const halvings = (number) => 31 - Math.clz32(number);

  // The words of the index that a word of a query may mean: [{ home, weight }], the first the most likely.
  async function meanings(index, word) {
    const { text, open } = word;
    const [first, last] = index.range(text, open);
    const found = new Map();
    const add = (home, weight) => {
      if (home && weight > (found.get(home) ?? 0)) found.set(home, weight);
    };
    const exact = find(await index.shard(first), text);
    if (exact) add(await index.homeOf(exact), 1);
    if (open) {
      const shards = last - first < 2 ? [first, last] : commonShards(index, text, first);
      const begun = new Map();
      for (const entries of await Promise.all([...new Set(shards)].map((at) => index.shard(at)))) {
        for (const entry of entries) {
          if (entry.word === text || !entry.word.startsWith(text)) continue;
          const { home } = entry;
          const weight = 0.35 + (0.4 * text.length) / entry.word.length;
          if (home.df && !found.has(home)) begun.set(home, Math.max(weight, begun.get(home) ?? 0));
        }
      }
      const best = [...begun].sort(([a], [b]) => b.df - a.df || order(a.word, b.word)).slice(0, 16);
      for (const [home, weight] of best) add(home, weight);
    }
    return [...found].map(([home, weight]) => ({ home, weight }));
  }

  // A beginning that many words have stands for the most common of them.
  function commonShards(index, text, first) {
    const shards = index.common.filter((word) => word.startsWith(text)).map((word) => index.range(word)[0]);
    return [first, ...[...new Set(shards)].slice(0, 3)];
  }

  // What a word that no note has may have been meant to be: up to three, all as far from it.
  async function corrections(index, text) {
    const length = lengthOf(text);
    if (length < 4) return [];
    let most = length < 8 ? 1 : 2;
    let near = [];
    const look = (word, size) => {
      const far = distance(text, word, most);
      if (far > most || far === 0) return;
      if (far < most) near = [];
      most = far;
      near.push({ word, size });
    };
    for (const { word, home } of await index.shard(index.range(text)[0])) if (home.df) look(word, halvings(home.df));
    if (!near.length || most > 1) {
      const back = [...text].reverse().join("");
      const { starts, endings } = await index.others();
      const name = index.name(endings, index.range(back, false, starts)[0]);
      const [text_, sizes] = name ? await index.once(`s/${name}`, (values) => values) : ["", ""];
      dictionary(text_).forEach((word, at) => look([...word].reverse().join(""), sizes.charCodeAt(at) - 97));
    }
    near.sort((a, b) => b.size - a.size || order(a.word, b.word));
    const words = [...new Set(near.map(({ word }) => word))].slice(0, 3);
    const homes = await Promise.all(words.map((word) => index.entry(word)));
    const found = new Map();
    homes.forEach((home, at) => home && !found.has(home) && found.set(home, words[at]));
    return [...found].map(([home, word]) => ({ home, word, weight: 0.5 / most }));
  }

  // ---- Ranking: src/search/query.rs does the same, number by number.

  const IMPACTS = [
    0.433, 0.5572, 0.7028, 0.8663, 1.0415, 1.2196, 1.3917, 1.5496, 1.6881, 1.8046, 1.8993, 1.9741, 2.032, 2.076, 2.109,
    2.1334,
  ];
  const TITLE = 15;
  const LAST_SECTION = 13;

  // The natural logarithm by sums and products only: every machine rounds those alike.
  function ln(number) {
    let halved = 0;
    for (; number >= 2; number /= 2) halved++;
    const part = (number - 1) / (number + 1);
    const square = part * part;
    let sum = 0;
    for (let odd = 19; odd > 0; odd -= 2) sum = sum * square + 1 / odd;
    return 2 * part * sum + halved * Math.LN2;
  }
  const idf = (notes, df) => ln(1 + (notes - df + 0.5) / (df + 0.5));

  // The words of a query with what they mean in this index.
  async function understand(index, asked) {
    const one = async (word) => {
      let found = await meanings(index, word);
      const { parts } = word;
      if (!found.length && parts.length) {
        const last = parts.length - 1;
        const each = parts.map((text, at) => one({ ...word, text, parts: [], open: word.open && at === last }));
        return (await Promise.all(each)).flat();
      }
      if (!found.length && !word.exclude && word.form !== "gram") found = await corrections(index, word.text);
      return [{ ...word, meanings: found, corrected: found[0]?.word }];
    };
    return (await Promise.all(asked.words.map(one))).flat();
  }

  // The notes that hold a phrase, as bits; `homes` are those of its words.
  async function holders(index, { words }, homes) {
    const holds = new Uint8Array(index.notes);
    if (homes.some((home) => !home)) return holds;
    const lists = await Promise.all(homes.map((home) => index.whole(home)));
    const positions = await Promise.all(homes.map((home) => index.positions(home)));
    const places = lists.map(({ notes }) => new Map(Array.from(notes, (note, place) => [note, place])));
    for (const [note, place] of places[0]) {
      const others = words.slice(1).map((_, at) => positions[at + 1][places[at + 1].get(note)]);
      if (others.some((own) => !own)) continue;
      const follows = (from) => others.every((own, at) => own.includes(from + words[at + 1].at - words[0].at));
      if (positions[0][place].some(follows)) holds[note] = 1;
    }
    return holds;
  }

  const plain = (text) => tokens(text).filter(({ form }) => form !== "part").map(({ text }) => text).join(" ");

  // The values that a filter's text means: those that are called so, or while it is typed those that begin so.
  function chosen(values, { value, open }) {
    const wanted = plain(value);
    const names = ({ name, label }) => [plain(name), plain(label), plain(label.split("/").at(-1))];
    const exact = values.filter((own) => names(own).includes(wanted));
    if (exact.length) return exact;
    // A first name is enough.
    const begins = open ? (own) => own.startsWith(wanted) : (own) => own.startsWith(`${wanted} `);
    return wanted ? values.filter((own) => names(own).some(begins)) : [];
  }

  // Which notes fit, and how well: { notes: their number, score, section, total, words … }
  async function rank(index, text, wantsAll, everything = false) {
    const asked = parse(text);
    const [understood, phraseHomes, facetValues] = await Promise.all([
      understand(index, asked),
      Promise.all(asked.phrases.map(({ words }) => Promise.all(words.map(({ text }) => index.entry(text))))),
      Promise.all(asked.filters.map(({ facet }) => index.facet(facet))),
    ]);
    const count = index.notes;
    // What keeps a note out: a bit for each facet, and the lowest for all else.
    const out = new Uint16Array(count);
    const names = index.facets.map(([name]) => name);
    const wanted = new Map();
    asked.filters.forEach((filter, at) => {
      filter.values = chosen(facetValues[at], filter);
      filter.label = filter.values.length === 1 ? filter.values[0].label : filter.value;
      const bit = 2 << names.indexOf(filter.facet) || 1;
      if (filter.exclude) {
        for (const { notes } of filter.values) for (const note of notes) out[note] |= bit;
        return;
      }
      // Values of one facet are alternatives.
      if (!wanted.has(bit)) wanted.set(bit, new Uint8Array(count));
      for (const { notes } of filter.values) for (const note of notes) wanted.get(bit)[note] = 1;
    });
    for (const [bit, fits] of wanted) for (let note = 0; note < count; note++) if (!fits[note]) out[note] |= bit;
    for (const [at, phrase] of asked.phrases.entries()) {
      const holds = await holders(index, phrase, phraseHomes[at]);
      for (let note = 0; note < count; note++) if (!!holds[note] === phrase.exclude) out[note] |= 1;
    }
    for (const { exclude, meanings } of understood) {
      if (exclude && meanings.length) for (const note of (await index.whole(meanings[0].home)).notes) out[note] |= 1;
    }

    let words = understood.filter(({ exclude, meanings }) => !exclude && meanings.length);
    asked.phrases.forEach(({ exclude }, at) => {
      if (exclude || phraseHomes[at].some((home) => !home)) return;
      for (const home of phraseHomes[at]) words.push({ text: home.word, meanings: [{ home, weight: 1 }] });
    });
    // Words that say nothing count only where there are no others.
    const isStop = ({ meanings: [{ home }] }) =>
      (count >= 64 && home.df * 2 > count) || home.forms.some((form) => index.stop.includes(form));
    if (!words.every(isStop)) words = words.filter((word) => !isStop(word));
    const few = words.length === 1 && !asked.filters.length && !asked.phrases.length && understood.length === 1 && !wantsAll;

    const [score, matched, title] = [new Float64Array(count), new Float64Array(count), new Float64Array(count)];
    const [best, sections, share] = [new Float64Array(count), new Uint8Array(count), new Float64Array(count)];
    const [own, ownSection, scattered] = [new Float64Array(count), new Uint8Array(count), new Uint8Array(count)];
    let total = 0;
    let atLeast = 0;
    for (const { meanings } of words) {
      const tells = idf(count, meanings[0].home.df);
      const touched = [];
      for (const { home, weight } of meanings) {
        const { notes, marks } = few ? home : await index.whole(home);
        atLeast = Math.max(atLeast, home.df);
        const factor = weight * idf(count, home.df);
        for (let place = 0; place < notes.length; place++) {
          const note = notes[place];
          const value = factor * IMPACTS[marks[place] >> 4];
          if (value > own[note]) {
            if (!own[note]) touched.push(note);
            own[note] = value;
            ownSection[note] = marks[place] & 15;
          }
        }
      }
      for (const note of touched) {
        const section = ownSection[note];
        if (section === TITLE) title[note] += tells;
        if (matched[note] && section !== sections[note]) scattered[note] = 1;
        if (own[note] > best[note] && section <= LAST_SECTION) {
          best[note] = own[note];
          share[note] = section + 1;
        }
        sections[note] = section;
        score[note] += own[note];
        matched[note] += tells;
        own[note] = 0;
      }
      total += tells;
    }
    const found = [];
    const together = words.length > 1;
    const least = LEAST * total;
    for (let note = 0; note < count; note++) {
      if (out[note] & 1 || (words.length ? !matched[note] : !(everything || asked.filters.length || asked.phrases.length))) continue;
      let value = 0;
      if (words.length) {
        const covered = matched[note] / total;
        const named = title[note] / total;
        value = score[note] + 2 * title[note] * named * named;
        if (together && !scattered[note]) value *= 1.15;
        value *= covered * Math.sqrt(covered);
      }
      found.push({ note, score: value, section: share[note] - 1, full: matched[note] >= least, out: out[note] });
    }
    const enough = found.filter(({ full, out }) => full && !out).length >= ENOUGH;
    const fits = enough ? found.filter(({ full }) => full) : found;
    return { asked, words, understood, fits, count: few ? Math.max(atLeast, fits.length) : 0 };
  }
  // The share of what a query's words tell that a note has to match.
  const LEAST = 0.6;
  // Where fewer notes match so much, those are shown that match less, too.
  const ENOUGH = 8;

  // ---- Texts of notes: a piece of the page, with the words marked.

  // The text cut where its words are among `words`, which are folded.
  function parts(text, words) {
    const wanted = new Set(words);
    const cut = [];
    let at = 0;
    for (const { text: word, start, end, form } of tokens(text)) {
      if (!wanted.has(word) || end <= at) continue;
      // A pair of characters is marked where it stands; a run of them has no other bounds.
      let [from, to] = [start, end];
      if (form === "gram") {
        from = text.slice(Math.max(at, start), end).indexOf(word);
        if (from < 0) continue;
        from += Math.max(at, start);
        to = from + word.length;
      }
      if (from > at) cut.push({ text: text.slice(at, from), hit: false });
      cut.push({ text: text.slice(Math.max(from, at), to), hit: true });
      at = to;
    }
    if (at < text.length) cut.push({ text: text.slice(at), hit: false });
    return cut;
  }

  const WINDOW = 200;

  // The piece of a text that holds most of the words, whole words at its ends.
  function bestPiece(text, words) {
    const wanted = new Set(words);
    const hits = tokens(text).filter(({ text: word }) => wanted.has(word));
    let best = { from: 0, worth: 0 };
    hits.forEach((hit, at) => {
      const within = hits.slice(at, at + 40).filter(({ end }) => end <= hit.start + WINDOW);
      const worth = new Set(within.map(({ text: word }) => word)).size * 100 + within.length;
      if (worth > best.worth) best = { from: hit.start, worth };
    });
    const from = Math.max(0, text.lastIndexOf(" ", best.from - 40) + 1 || Math.min(best.from, 0));
    const cut = text.indexOf(" ", from + WINDOW);
    const to = cut < 0 ? text.length : cut;
    const shown = parts(text.slice(from, to), words);
    if (from > 0) shown.unshift({ text: "… ", hit: false });
    if (to < text.length) shown.push({ text: " …", hit: false });
    return { parts: shown, worth: best.worth };
  }

  // The sections of a page's text: { anchor, heading, text }; the first, before any heading, has no anchor.
  function sectionsOf(article) {
    const sections = [{ anchor: "", heading: "", text: "" }];
    const walk = (element) => {
      for (const child of element.childNodes) {
        if (child.nodeType === 3) sections.at(-1).text += child.data;
        else if (/^H[2-6]$/.test(child.tagName) && child.id) {
          const heading = [...child.childNodes].filter((part) => !part.classList?.contains("anchor"));
          sections.push({ anchor: child.id, heading: heading.map((part) => part.textContent).join("").trim(), text: "" });
        } else if (child.nodeType === 1 && !/^(SCRIPT|STYLE|TEMPLATE|BUTTON)$/.test(child.tagName)) {
          walk(child);
          if (/^(P|LI|TD|TH|PRE|DT|DD|BR|TR|DIV|BLOCKQUOTE)$/.test(child.tagName)) sections.at(-1).text += " ";
        }
      }
    };
    walk(article);
    for (const section of sections) section.text = section.text.replace(/\s+/g, " ").trim();
    return sections;
  }

  // ---- What a page asks.

  const arrived = new Map();
  globalThis.fbx = (name, ...values) => arrived.set(name, values);

  // Loads a file of the index by a script element, which is all that a page from disk may do.
  function loadScript(base, name, fresh) {
    return new Promise((resolve, reject) => {
      const script = document.createElement("script");
      const done = () => {
        script.remove();
        const values = arrived.get(name);
        arrived.delete(name);
        if (values) resolve(values);
        else reject(new Error(`${name} is not there`));
      };
      script.onload = script.onerror = done;
      script.src = `${base}search/${name}.js${fresh ? `?${fresh}` : ""}`;
      document.head.append(script);
    });
  }

  function open({ root, load = (name, fresh) => loadScript(root, name, fresh), page = loadPage }) {
    let index = null;
    // `fresh`: what the site was when this page came is no longer there; the new one is asked for by a new address.
    const start = (fresh) => {
      index = load("root", fresh).then(([values]) => {
        if (values.form !== FORM) throw new Error("the index is of another version: reload the page");
        return new Index(values, load);
      });
      index.catch(() => (index = null));
      return index;
    };
    // Tries again once from the root: a publication in the meantime has taken files away.
    async function ask(question) {
      const known = index ?? start();
      try {
        return await question(await known);
      } catch (problem) {
        if (!(await known.catch(() => null))) throw problem;
        if (index === known) start(Date.now());
        return question(await (index ?? start()));
      }
    }

    const ready = () =>
      ask((index) => ({ notes: index.notes, facets: index.facets.map(([name]) => name), kinds: index.kinds }));

    async function hits(index, found) {
      const cards = await index.cards(found.map(({ note }) => note));
      return found.map(({ note, score, section }, at) => {
        const [title, url, date, kind, label, tone, surprise, team] = cards[at];
        const [kindName, kindLabel] = index.kinds[kind];
        const status = label ? { label, tone } : null;
        const base = { id: note, url: root + url, title, kind: kindName, kindLabel, date, status };
        return { ...base, surprise: !!surprise, team, score, section };
      });
    }

    async function query(text, { limit = 8, offset = 0, sort = "relevance", facets = false, all = false } = {}) {
      return ask(async (index) => {
        const result = await rank(index, text, facets || sort === "newest", all && !text.trim());
        const { asked, words, understood } = result;
        const fits = result.fits.filter(({ out }) => !out);
        const newest = sort === "newest" || !words.length;
        fits.sort((a, b) => (newest ? 0 : b.score - a.score) || b.note - a.note);
        const [shown, counts, suggestions, ticket] = await Promise.all([
          hits(index, fits.slice(offset, offset + limit)),
          facets ? count(index, text, asked, result.fits) : null,
          fits.length ? [] : suggest(index, asked),
          ticketOf(index, text),
        ]);
        const corrected = understood.filter(({ corrected }) => corrected);
        return {
          text,
          hits: shown,
          total: Math.max(fits.length, result.count),
          correctedTo: corrected.length ? correct(text, corrected) : null,
          unknown: understood.filter(({ meanings, exclude }) => !meanings.length && !exclude).map(({ text }) => text),
          related: [],
          filters: asked.filters.map(({ facet, value, label, exclude, without }) => ({ facet, value, label, exclude, without })),
          facets: counts,
          suggestions,
          ticket,
          asked: words.map(({ meanings }) => meanings[0].home.word),
          words: [...new Set(words.flatMap(({ meanings }) => meanings.flatMap(({ home }) => home.forms)))],
        };
      });
    }

    // The text with its unknown words as those that were looked for.
    function correct(text, corrected) {
      let done = text;
      for (const { start, end, text: word } of tokens(text).reverse()) {
        const to = corrected.find((own) => own.text === word)?.corrected;
        if (to) done = done.slice(0, start) + to + done.slice(end);
      }
      return done;
    }

    const typed = (facet, name) => `${facet}:${/[\s"]/.test(name) ? `"${name}"` : name}`;

    async function count(index, text, asked, fits) {
      const all = await Promise.all(
        index.facets.map(async ([facet], at) => {
          const bit = 2 << at;
          // A note that only this facet keeps out would be there with another value of it.
          const here = new Uint8Array(index.notes);
          for (const { note, out } of fits) if (!(out & ~bit)) here[note] = 1;
          const values = await index.facet(facet);
          const rows = values.map(({ name, label, notes }) => {
            let count = 0;
            for (const note of notes) count += here[note];
            const filter = asked.filters.find((own) => own.facet === facet && !own.exclude && own.values.some((v) => v.name === name));
            const query = filter ? filter.without : `${text.trim()} ${typed(facet, name)} `.trimStart();
            return { value: name, label, count, chosen: !!filter, query };
          });
          return [facet, rows];
        }),
      );
      return Object.fromEntries(all);
    }

    // Where nothing was found: what there would be without a filter, and tags that are called alike.
    async function suggest(index, asked) {
      const without = asked.filters.map(async ({ facet, value, without }) => {
        const { fits } = await rank(index, `${without} `, true);
        const total = fits.filter(({ out }) => !out).length;
        return { label: `without ${facet}: ${value}`, query: without, total };
      });
      const tags = asked.words.map(async ({ text }) => {
        const near = (await index.facet("tag")).filter(({ name }) => text.length > 2 && distance(plain(name), text, 2) <= 2);
        return near.map(({ name, label, count }) => ({ label: `tag: ${label}`, query: `${typed("tag", name)} `, total: count }));
      });
      return (await Promise.all([...without, ...tags])).flat().filter(({ total }) => total > 0);
    }

    async function ticketOf(index, text) {
      const wanted = plain(text);
      if (!/^\S*\d\S*$/.test(text.trim())) return null;
      const found = (await index.facet("ticket")).find(({ label }) => plain(label) === wanted);
      return found ? root + found.url : null;
    }

    async function complete(text, caret) {
      const from = text.slice(0, caret).search(/\S*$/);
      const word = text.slice(from, caret);
      const [, sign, name, value] = /^(-?)([a-z]+):"?(.*)$/i.exec(word) ?? [];
      return ask(async (index) => {
        const names = index.facets.map(([name]) => name);
        const facet = OPERATORS[name?.toLowerCase()];
        if (!facet) {
          const begun = names.filter((name) => word && name.startsWith(word.toLowerCase()));
          return { from, to: caret, values: begun.map((name) => ({ text: `${name}:`, label: `${name}:`, count: 0 })) };
        }
        const wanted = plain(value);
        const fits = ({ name, label }) => [plain(name), ...plain(label).split(" ").map((_, at, all) => all.slice(at).join(" "))]
          .some((own) => own.startsWith(wanted));
        const values = (await index.facet(facet)).filter(fits).sort((a, b) => b.count - a.count || order(a.name, b.name));
        const rows = values.slice(0, 8).map(({ name, label, count }) => ({ text: `${sign}${typed(facet, name)} `, label, count }));
        return { from, to: caret, values: rows };
      });
    }

    const newest = (limit = 8) =>
      ask((index) => {
        const notes = Array.from({ length: Math.min(limit, index.notes) }, (_, at) => index.notes - 1 - at);
        return hits(index, notes.map((note) => ({ note, score: 0, section: -1 })));
      });

    // Words that stand beside those of the query in many notes; `words` are those that were looked for.
    const related = (answer) =>
      ask(async (index) => {
        const { relatedStarts: starts, related } = await index.others();
        const lists = await Promise.all(
          answer.asked.map(async (word) => {
            const name = index.name(related, index.range(word, false, starts)[0]);
            if (!name) return [];
            const [words, beside] = await index.once(`r/${name}`, (values) => values);
            return beside[dictionary(words).indexOf(word)]?.split(" ") ?? [];
          }),
        );
        const words = lists.flatMap((list) => list.map((word, at) => ({ word, at })));
        words.sort((a, b) => a.at - b.at);
        return [...new Set(words.map(({ word }) => word))].filter((word) => !answer.words.includes(word)).slice(0, 6);
      });

    // What a note says, where its page can't be read: its text if the index has it, or its claim.
    const withoutPage = (hit) =>
      ask(async (index) => {
        const { texts, details } = await index.others();
        if (texts) {
          const rows = await index.once(`x/${index.name(texts, hit.id >> 2)}`, ([rows]) => rows);
          return rows[hit.id & 3].map(([anchor, heading, text]) => ({ anchor, heading, text }));
        }
        const [[, claim]] = await index.rows("b", details, [hit.id]);
        return [{ anchor: "", heading: "", text: claim }];
      }).catch(() => [{ anchor: "", heading: "", text: "" }]);

    async function excerpt(answer, hit) {
      const article = await page(hit.url);
      const texts = article ? sectionsOf(article) : await withoutPage(hit);
      const sections = texts.map((section) => ({ ...section, ...bestPiece(section.text, answer.words) }));
      const heads = sections.slice(1).map((section, at) => ({ section, at: at + 1 }));
      const wanted = new Set(answer.words);
      const worth = ({ section, at }) => {
        const named = tokens(section.heading).filter(({ text }) => wanted.has(text)).length;
        return section.worth + 150 * named + (at === hit.section ? 1 : 0);
      };
      const best = heads.filter((head) => worth(head) > 1).sort((a, b) => worth(b) - worth(a)).slice(0, 2);
      const intro = sections[0];
      return {
        parts: intro.text ? intro.parts : [],
        sections: best.map(({ section: { anchor, heading, parts: shown } }) => ({
          anchor,
          heading: parts(heading, answer.words),
          url: `${hit.url}#${encodeURIComponent(anchor)}`,
          parts: shown,
        })),
      };
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

    const notes = (ids) => ask((index) => hits(index, ids.map((note) => ({ note, score: 0, section: -1 }))));
    const details = (hits) =>
      ask(async (index) => index.rows("b", (await index.others()).details, hits.map(({ id }) => id)));
    const values = (facet) =>
      ask(async (index) =>
        (await index.facet(facet)).map(({ name, label, url, count }) => ({ name, label, url: root + url, count })),
      );
    const ticket = (id) => ask((index) => ticketOf(index, id));
    return { ready, query, excerpt, related, complete, newest, recent, remember, ticket, values, notes, details };
  }

  // The text of a page; none where it can't be read, as from disk.
  async function loadPage(url) {
    // The browser would refuse, and say so.
    if (location.protocol === "file:") return null;
    try {
      const answer = await fetch(url);
      if (!answer.ok) return null;
      return new DOMParser().parseFromString(await answer.text(), "text/html").querySelector(".prose");
    } catch {
      return null;
    }
  }

  globalThis.fieldbookSearch = { open, parts, tokens, fold };
})();
