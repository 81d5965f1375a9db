"""A book of N notes that is the same on every machine: the benchmark's own text.

    python3 bench/book.py --notes 1000 --out DIR [--dialect hugo]

Writes DIR/content (mdBook: DIR/src) in the dialect of one generator. A note depends on its number and on N alone, so
that two generators are given the same words and only the form of front matter and links differs. A note has about 550
words under five or more headings; three tags of 200 that are used as unevenly as words are; one or two authors; a
team, which is its folder; three links to other notes; in four of ten a block of code, in a quarter a table.
"""

import argparse
import itertools
import random
from datetime import date, timedelta
from functools import cache
from pathlib import Path

DIALECTS = ("fieldbook", "hugo", "mdbook")
TEAMS = "accounts billing booking content design fares insight mobile partners platform reach search".split()
KINDS = ("learning", "learning", "learning", "learning", "retro", "retro", "experiment", "decision")
HEADINGS = {
    "learning": ("What we saw", "Why it happens", "How to use it", "Where it fails", "Open questions"),
    "retro": ("What went well", "What surprised us", "What was hard", "What we change", "Later"),
    "experiment": ("Question", "How it was run", "What came out", "What we decided", "What is next"),
    "decision": ("Context", "Options", "Decision", "Consequences", "Review"),
}
LITTLE = """a about after all and are as at be been before but by can did do each for from had has have if in into is it
its less many may more most no not of on once one only or other our out over same so some such than that the their then
there these they this to two under until up was we were what when where which while who will with without would
you""".split()
CODE = {
    "rust": """/// Groups {a} by {b}, the largest first.
pub fn by_{b}(all: &[{A}]) -> Vec<(String, usize)> {{
    let mut groups: BTreeMap<String, usize> = BTreeMap::new();
    for one in all.iter().filter(|one| one.{c} > {n}) {{
        *groups.entry(format!("{b}-{{}}", one.name)).or_default() += 1; // counted once
    }}
    let mut sorted: Vec<_> = groups.into_iter().collect();
    sorted.sort_by_key(|(_, count)| std::cmp::Reverse(*count));
    sorted
}}

impl Default for {A} {{
    fn default() -> Self {{
        Self {{ name: "{c}".to_owned(), {c}: {n} }}
    }}
}}""",
    "python": """import json
from pathlib import Path

LIMIT = {n}


def read_{a}(folder: Path, *, {b}: str = "{c}") -> dict[str, int]:
    \"\"\"Reads every {a} below the folder.\"\"\"
    found = {{}}
    for path in sorted(folder.glob("*.json")):
        record = json.loads(path.read_text())
        if record.get("{b}") is None:  # not all have one
            continue
        found[record[{b}]] = min(len(record["{c}"]), LIMIT)
    return found""",
    "js": """import {{ read{A} }} from "./{a}.js";

/** Shows the {b} of each {a}. */
export async function show{A}(root, limit = {n}) {{
  const items = await read{A}(`/api/{b}?limit=${{limit}}`);
  for (const item of items) {{
    const row = document.createElement("li");
    row.textContent = item.{c} ?? "none";
    row.dataset.{b} = String(item.id); // for tests
    root.append(row);
  }}
  return items.length > 0;
}}""",
    "bash": """#!/usr/bin/env bash
set -eu
# moves each {a} that is older than {n} hours
target="${{1:?where to}}"
find "/srv/{b}" -name '*.{c}' -mmin +$(( {n} * 60 )) -print0 |
  while IFS= read -r -d '' file; do
    if ! mv -- "$file" "$target/"; then
      echo "cannot move $file" >&2
      exit 1
    fi
  done""",
    "json": """{{
  "{a}": {{
    "owner": "{b}",
    "limit": {n},
    "share": 0.{n},
    "steps": ["{b}", "{c}", "done"],
    "active": true,
    "until": null
  }}
}}""",
    "sql": """-- how often each {a} was used by {b}
WITH used AS (
  SELECT {b}_id, COUNT(*) AS times
  FROM {a}_{b}
  WHERE {c} > {n} AND state <> 'gone'
  GROUP BY {b}_id
)
SELECT {b}.name, COALESCE(used.times, 0) AS times
FROM {b} LEFT JOIN used ON used.{b}_id = {b}.id
ORDER BY times DESC, {b}.name
LIMIT {n};""",
}


@cache
def words():
    """The vocabulary, the most frequent first, and its cumulative weights (Zipf's law)."""
    chance = random.Random("words")
    begins = "b c d f g h l m n p r s t v br cl fr gr pl st tr".split()
    vowels = "a e i o u ai ea ou".split()
    ends, endings = ["", "l", "n", "r", "s", "t"], ["", "", "s", "ed", "ing", "er"]
    made = dict.fromkeys(LITTLE)
    while len(made) < 15_000:
        parts = 1 + (len(made) > 900) + (len(made) > 6_000)
        syllables = ("".join(map(chance.choice, (begins, vowels, ends))) for _ in range(parts))
        made["".join(syllables) + chance.choice(endings)] = None
    return list(made), list(itertools.accumulate(1 / (rank + 3) for rank in range(len(made))))


@cache
def tags():
    known, _ = words()
    names = [known[200 + i] if i % 3 else f"{known[200 + i]}-{known[600 + i]}" for i in range(200)]
    return names, list(itertools.accumulate(1 / (rank + 3) ** 0.9 for rank in range(200)))


class Note:
    """The head of a note, which other notes need to link to it."""

    def __init__(self, number):
        known, _ = words()
        chance = random.Random(f"head {number}")
        self.number = number
        self.title = " ".join(chance.choice(known[60:2500]) for _ in range(chance.randint(3, 8))).capitalize()
        self.kind, self.team = chance.choice(KINDS), chance.choice(TEAMS)
        self.slug = f"{self.title.lower().replace(' ', '-')}-{number}"
        self.date = date(2018, 1, 1) + timedelta(days=chance.randrange(3000))
        names, weights = tags()
        self.tags = list(dict.fromkeys(chance.choices(names, cum_weights=weights, k=8)))[:3]
        people = [f"{first.capitalize()} {last.capitalize()}" for first in known[100:125] for last in known[300:303]]
        self.authors = chance.sample(people, chance.randint(1, 2))

    def body(self, total, link):
        """The markdown, in a book of `total` notes; `link` gives the target of a link to another note."""
        chance = random.Random(f"body {self.number}")
        others = [note(chance.randrange(total)) for _ in range(3)]
        parts = [paragraph(chance)]
        for place, heading in enumerate(HEADINGS[self.kind]):
            parts += [f"## {heading}", paragraph(chance)]
            if place < 3:
                parts[-1] += f" More in [{others[place].title.lower()}]({link(others[place])})."
            if place == 1:
                parts.append("\n".join(f"- {sentence(chance)}" for _ in range(chance.randint(3, 6))))
            if place == 2 and chance.random() < 0.4:
                parts.append(code(chance))
            if place == 3 and chance.random() < 0.25:
                parts.append(table(chance))
            if chance.random() < 0.35:
                parts += [f"### {some(chance, 3, 60).capitalize()}", paragraph(chance)]
        return "\n\n".join(parts) + "\n"


@cache
def note(number):
    return Note(number)


def some(chance, count, rarer_than=0):
    known, weights = words()
    if rarer_than:
        return " ".join(chance.choice(known[rarer_than:2500]) for _ in range(count))
    return " ".join(chance.choices(known, cum_weights=weights, k=count))


def sentence(chance):
    picked = some(chance, chance.randint(7, 17)).split()
    if chance.random() < 0.15:
        picked[-2] = f"**{picked[-2]}**"
    if chance.random() < 0.10:
        picked[1] = f"`{picked[1]}`"
    if len(picked) > 10:
        picked[6] += ","
    return " ".join(picked).capitalize() + "."


def paragraph(chance):
    return " ".join(sentence(chance) for _ in range(chance.randint(3, 5)))


def code(chance):
    language = chance.choice(tuple(CODE))
    a, b, c = some(chance, 3, 100).split()
    return f"```{language}\n{CODE[language].format(a=a, b=b, c=c, A=a.capitalize(), n=chance.randint(2, 90))}\n```"


def table(chance):
    cells = ((some(chance, 2), chance.randint(1, 900), chance.randint(1, 900)) for _ in range(chance.randint(3, 6)))
    rows = [f"| {name} | {before} | {after} |" for name, before, after in cells]
    return "\n".join(["| Name | Before | After |", "| --- | ---: | ---: |", *rows])


def head(note, dialect):
    if dialect == "mdbook":
        return f"# {note.title}\n\n"
    lines = [f'title: "{note.title}"', f"date: {note.date}", f"tags: [{', '.join(note.tags)}]"]
    lines.append(f"authors: [{', '.join(note.authors)}]")
    if dialect == "hugo":
        lines += [f"teams: [{note.team}]", f"kinds: [{note.kind}]"]
    else:
        lines += [f"team: {note.team}", f"kind: {note.kind}"]
    return "---\n" + "\n".join(lines) + "\n---\n\n"


def target(dialect):
    """How a note links to another: in each dialect the form that its generator checks."""
    return ('{{{{< relref "/{0.team}/{0.slug}.md" >}}}}' if dialect == "hugo" else "../{0.team}/{0.slug}.md").format


def write(out, notes, dialect="fieldbook"):
    """Writes the book and returns the path of its first note."""
    content = Path(out) / ("src" if dialect == "mdbook" else "content")
    book = [note(number) for number in range(notes)]
    index = "_index.md" if dialect == "hugo" else "index.md"
    top = "# Handbook\n" if dialect == "mdbook" else "---\ntitle: Handbook\n---\n"
    for team in TEAMS:
        (content / team).mkdir(parents=True)
        text = f"# {team.capitalize()}\n" if dialect == "mdbook" else f"---\ntitle: {team.capitalize()}\n---\n"
        (content / team / index).write_text(text)
    (content / index).write_text(top)
    for one in book:
        (content / one.team / f"{one.slug}.md").write_text(head(one, dialect) + one.body(notes, target(dialect)))
    if dialect == "mdbook":
        lines = ["# Summary\n", "[Handbook](index.md)\n"]
        for team in TEAMS:
            lines.append(f"- [{team.capitalize()}]({team}/index.md)")
            lines += [f"  - [{one.title}]({one.team}/{one.slug}.md)" for one in book if one.team == team]
        (content / "SUMMARY.md").write_text("\n".join(lines) + "\n")
    return content / book[0].team / f"{book[0].slug}.md"


if __name__ == "__main__":
    words_of = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words_of.add_argument("--notes", type=int, required=True)
    words_of.add_argument("--out", required=True)
    words_of.add_argument("--dialect", choices=DIALECTS, default="fieldbook")
    given = words_of.parse_args()
    print(write(given.out, given.notes, given.dialect))
