// Queries for known notes, drawn by a seed and not by hand: a reader remembers a few words of a note.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Numbers from 0 to 1 that are the same for the same seed (mulberry32). */
export function chance(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let n = Math.imul(state ^ (state >>> 15), state | 1);
    n ^= n + Math.imul(n ^ (n >>> 7), n | 61);
    return ((n ^ (n >>> 14)) >>> 0) / 4294967296;
  };
}

/** The words of a note's text, without its markup, as a person would type them. */
function wordsOf(text) {
  const prose = text.replace(/^---\n[^]*?\n---\n/, '').replace(/```[^]*?```/g, ' ').replace(/https?:\S+/g, ' ');
  return prose.match(/[\p{L}][\p{L}\p{N}'-]{2,24}/gu) ?? [];
}

/**
 * Draws queries: for each a note and 2 to 4 words that stand in it close together, the rarer the likelier, since that
 * is what one remembers. `paths` are the notes below `content`.
 */
export function draw(content, paths, count, seed) {
  const random = chance(seed);
  const texts = new Map(paths.map((path) => [path, wordsOf(readFileSync(join(content, path), 'utf8'))]));
  const notesWith = new Map();
  for (const words of texts.values())
    for (const word of new Set(words.map((word) => word.toLowerCase()))) notesWith.set(word, (notesWith.get(word) ?? 0) + 1);
  const queries = [];
  while (queries.length < count) {
    const path = paths[Math.floor(random() * paths.length)];
    const words = texts.get(path);
    if (words.length < 30) continue;
    const from = Math.floor(random() * Math.max(1, words.length - 40));
    const near = [...new Set(words.slice(from, from + 40))];
    // A word of one note only is a slip or a name; one of a tenth of all notes tells nothing.
    const weight = (word) => {
      const df = notesWith.get(word.toLowerCase());
      return df < 2 || df > paths.length / 10 ? 0 : Math.log(paths.length / df);
    };
    const picked = [];
    const wanted = 2 + Math.floor(random() * 3);
    while (picked.length < wanted) {
      const rest = near.filter((word) => !picked.includes(word) && weight(word) > 0);
      const sum = rest.reduce((sum, word) => sum + weight(word), 0);
      if (!sum) break;
      let at = random() * sum;
      picked.push(rest.find((word) => (at -= weight(word)) <= 0) ?? rest[0]);
    }
    if (picked.length >= 2) queries.push({ path, query: picked.join(' ') });
  }
  return queries;
}

/** The query with one slip in one of its longer words: two letters exchanged, one left out, doubled or changed. */
export function slip(query, random, kinds = 4) {
  const words = query.split(' ');
  const long = words.map((word, at) => [word, at]).filter(([word]) => /^[a-z]{5,}$/i.test(word));
  if (!long.length) return null;
  const [word, at] = long[Math.floor(random() * long.length)];
  const letter = 1 + Math.floor(random() * (word.length - 2));
  const [a, b] = [word[letter], word[letter + 1]];
  const slips = [
    () => word.slice(0, letter) + b + a + word.slice(letter + 2),
    () => word.slice(0, letter) + word.slice(letter + 1),
    () => word.slice(0, letter) + a + word.slice(letter),
    () => word.slice(0, letter) + 'etaoinsrhl'[Math.floor(random() * 10)] + word.slice(letter + 1),
  ];
  words[at] = slips[Math.floor(random() * kinds)]();
  return words[at] === word ? null : words.join(' ');
}
