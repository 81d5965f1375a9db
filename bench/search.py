"""The benchmark of search: what it costs to build, what a query loads, and how well it answers.

    python3 bench/search.py                          # 1,000 and 10,000 notes of the benchmark's own text
    python3 bench/search.py --large                  # 100,000 notes too
    python3 bench/search.py --corpora DIR            # also: real books, DIR/NAME/content each, with the judged queries
    python3 bench/search.py --only cost,bytes,edits,quality

Builds `target/release/fieldbook`, unless --binary names another. Needs Node.js; beside Pagefind where
`npm install` was run in bench/search, and for its answers a Chromium (CHROMIUM names one). Seconds of the processor
and ratios within one run can be compared; a wall clock can't.

cost     the processor's seconds of a cold build with search and without, in turn, and of Pagefind on the same notes
bytes    what 300 first queries of one and two words from titles load, after gzip, and how long the engine takes
edits    files of the index that an edit makes new
quality  nDCG@10 of the judged queries (half of them set aside), the mean reciprocal rank of known notes among the
         first 8 and how many are found with one slip, for 200 drawn queries
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

import run as builds

HERE = Path(__file__).resolve().parent
PARTS = ("cost", "bytes", "edits", "quality")
PAGEFIND = HERE / "search" / "node_modules" / ".bin" / "pagefind"


def measure(*arguments):
    done = subprocess.run(["node", HERE / "search" / "measure.mjs", *arguments], stdout=subprocess.PIPE, check=True)
    return json.loads(done.stdout)


def switch(one, search):
    (one.folder / "book.toml").write_text(f"[search]\nenabled = {'true' if search else 'false'}\n")


def note_pages(site, folder):
    """The pages of notes alone, as a search engine for sites would be given them."""
    for note in json.loads((site / "index.json").read_text()):
        path = folder / note["url"]
        path.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(site / note["url"], path)


def say(name, notes, remark):
    print(f"{name:22}{notes:>9,}  {remark}", flush=True)


def cost(given, one):
    with_search, without, beside = [], [], []
    for _ in range(given.runs):
        for search, results in ((False, without), (True, with_search)):
            switch(one, search)
            one.clean()
            results.append(builds.run([given.binary, "build"], one.folder))
    ratio = statistics.median(a["cpu"] / b["cpu"] for a, b in zip(with_search, without)) - 1
    both = [statistics.median(result["cpu"] for result in results) for results in (without, with_search)]
    peaks = [statistics.median(result["peak"] for result in results) for results in (without, with_search)]
    say("build", one.notes, f"{both[0]:.2f} cpu s, {peaks[0]:.0f} MB without search")
    say("build with search", one.notes, f"{both[1]:.2f} cpu s, {peaks[1]:.0f} MB: {ratio:+.0%} cpu")
    files = [path for path in (one.site / "search").rglob("*.js") if re.fullmatch(r"(\w/)?\w+\.js", str(path.relative_to(one.site / "search")))]
    say("index", one.notes, f"{len(files):,} files, {sum(path.stat().st_size for path in files):,} bytes")
    if PAGEFIND.exists() and one.notes <= 10_000:
        with tempfile.TemporaryDirectory(dir=given.base) as folder:
            note_pages(one.site, Path(folder))
            result = builds.run([PAGEFIND, "--site", folder], folder)
            ours = max(both[1] - both[0], 0.01)
            say("pagefind", one.notes, f"{result['cpu']:.2f} cpu s, {result['peak']:.0f} MB: {result['cpu'] / ours:.0f} times ours")


def bytes_(given, one):
    ensure(given, one)
    result = measure("bytes", one.site)
    scripts = result.pop("scripts")
    say("scripts, gzip", one.notes, f"engine {scripts['engine']:,} bytes, dialog {scripts['dialog']:,}")
    for words, load in result.items():
        remark = f"{load['all']:,} bytes with the engine, index {load['index'][0]:,} (p95 {load['index'][1]:,}), {load['requests']} requests"
        say(f"first query, {words} word{'s' * (words != '1')}", one.notes, remark)
        say("  the engine's time", one.notes, f"cold {load['cold'][0]} ms (p95 {load['cold'][1]}), warm {load['warm'][0]} ms (p95 {load['warm'][1]})")


def names(site):
    return {str(path.relative_to(site)) for path in (site / "search").glob("?/*.js")}


def edits(given, one):
    ensure(given, one)
    note, before = one.first, names(one.site)
    text = note.read_text()

    def edit(name, change, undo):
        change()
        builds.run([given.binary, "build"], one.folder)
        new = [path.split("/")[1] for path in names(one.site) - before]
        counts = ", ".join(f"{new.count(folder)} {folder}/" for folder in sorted(set(new)))
        say(name, one.notes, f"{len(new)} of {len(before)} files of the index are new: {counts}")
        undo()
        builds.run([given.binary, "build"], one.folder)

    back = lambda: note.write_text(text)
    words = " ".join(f"added{number}" for number in range(60))
    edit("one word added", lambda: note.write_text(f"{text}\nserendipity\n"), back)
    edit("60 words added", lambda: note.write_text(f"{text}\n{words}\n"), back)
    other = note.with_name("the-newest-note.md")
    other.write_text("---\ndate: 2039-01-01\n---\n# The newest note\n\nwith a few words\n")
    later = other.read_text()
    other.unlink()
    edit("a new note", lambda: other.write_text(later.replace("2039-01-01", "2026-01-01")), other.unlink)


def ensure(given, one):
    switch(one, True)
    builds.run([given.binary, "build"], one.folder)


def quality(given):
    if not given.corpora:
        print("quality: --corpora names a folder of real books")
        return
    everything = {}
    for book in sorted(Path(given.corpora).iterdir()):
        if not (book / "content").is_dir():
            continue
        with tempfile.TemporaryDirectory(dir=given.base) as base:
            folder = Path(base) / "book"
            shutil.copytree(book / "content", folder / "content")
            language = "ja" if book.name == "decisions" else "en"
            (folder / "book.toml").write_text(f'[book]\nlanguage = "{language}"\n')
            subprocess.run([given.binary, "build"], cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            arguments = ["quality", folder / "content", folder / "site", book.name, str(given.seed)]
            if PAGEFIND.exists():
                pages = Path(base) / "pages"
                note_pages(folder / "site", pages)
                subprocess.run([PAGEFIND, "--site", pages], stdout=subprocess.DEVNULL, check=True)
                arguments.append(pages)
            result = measure(*arguments)
        for name, found in ((name, found) for name, found in result.items() if name != "notes"):
            for half in ("tuned", "heldOut"):
                everything.setdefault(name, {}).setdefault(half, []).extend(found["judged"][half])
            remark = f"MRR@8 {found['mrr']}, recall@8 {found['recall']}, with one slip {found['slip']}, with two letters exchanged {found['swap']}"
            say(f"{book.name}: {name}", result["notes"], remark)
    for name, halves in everything.items():
        mean = {half: statistics.mean(values) for half, values in halves.items()}
        print(f"{'judged: ' + name:22}{'':9}  nDCG@10 {mean['heldOut']:.3f} set aside, {mean['tuned']:.3f} on the other half")


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--base", default="/dev/shm", help="a folder on a RAM disk (/dev/shm)")
    words.add_argument("--binary", help="the program, where it is not to be built")
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--large", action="store_true", help="100,000 notes too")
    words.add_argument("--sizes", help="other numbers of notes, with commas")
    words.add_argument("--corpora", default=os.environ.get("FIELDBOOK_CORPORA"), help="a folder of real books")
    words.add_argument("--seed", type=int, default=2, help="of the drawn queries (1 was tuned on)")
    words.add_argument("--only", default=",".join(PARTS), help="parts, with commas")
    given = words.parse_args()
    parts = given.only.split(",")
    if unknown := set(parts) - set(PARTS):
        words.error(f"the parts are {' '.join(PARTS)}, not {' '.join(sorted(unknown))}")
    if given.binary is None:
        subprocess.run(["cargo", "build", "--release"], cwd=HERE.parent, check=True)
        target = os.environ.get("CARGO_TARGET_DIR", "target")
        given.binary = HERE.parent / target / "release" / "fieldbook"
    given.binary = Path(given.binary).resolve()
    sizes = [int(size) for size in given.sizes.split(",")] if given.sizes else [1_000, 10_000] + [100_000] * given.large
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, median of {given.runs} runs\n")
    with tempfile.TemporaryDirectory(dir=given.base, prefix="fieldbook-bench-") as base:
        for size in sizes if set(parts) - {"quality"} else []:
            one = builds.Book(base, size)
            for part, measured in (("cost", cost), ("bytes", bytes_), ("edits", edits)):
                if part in parts:
                    measured(given, one)
            shutil.rmtree(one.folder)
    if "quality" in parts:
        quality(given)


if __name__ == "__main__":
    main()
