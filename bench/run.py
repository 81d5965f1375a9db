"""The benchmark: what a build costs, beside the file system and beside other generators.

    python3 bench/run.py                    # 1,000 and 10,000 notes, a few minutes
    python3 bench/run.py --large            # 100,000 notes too
    python3 bench/run.py --only cold,peers  # parts: cold again edit disk weight peers

Builds `target/release/fieldbook` with cargo, unless --binary names another, and makes its books (bench/book.py) on a
RAM disk. Each figure is the median of --runs runs. Seconds of the processor (user + system) and ratios within one run
can be compared between machines and days; a wall clock can't, and under load the cores are shared. Of the peers
`hugo` and `mdbook` those on the PATH are measured, on the same words in their own dialect, in turn with ours.
"""

import argparse
import gzip
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import book

HERE = Path(__file__).resolve().parent
PARTS = ("cold", "again", "edit", "disk", "weight", "peers")
PEERS = {  # name: (command, output folder, how to ask for the version)
    "hugo": (["hugo", "--quiet"], "public", "version"),
    "mdbook": (["mdbook", "build"], "book", "--version"),
}


class Book:
    """A book on disk and the folders that a build of it makes."""

    def __init__(self, base, notes, peer=None):
        self.folder = Path(base) / f"{peer or 'fieldbook'}-{notes}"
        self.notes = notes
        self.site = self.folder / (PEERS[peer][1] if peer else "site")
        self.state = self.folder / ".fieldbook"
        if peer and (HERE / "peers" / peer).is_dir():
            shutil.copytree(HERE / "peers" / peer, self.folder)
        self.first = book.write(self.folder, notes, peer or "fieldbook")

    def clean(self):
        for folder in (self.site, self.state):
            shutil.rmtree(folder, ignore_errors=True)

    def pages(self):
        return sum(1 for _ in self.site.rglob("*.html"))

    def stamp(self):
        """What tells that a file was written, for each file of the site."""
        files = (path.lstat() for path in sorted(self.site.rglob("*")))
        return [(stat.st_ino, stat.st_mtime_ns, stat.st_size) for stat in files]


def run(command, folder):
    """One whole process and what it used, with the children that it waited for."""
    started = time.monotonic()
    child = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
    said = child.stderr.read()
    _, status, used = os.wait4(child.pid, 0)
    child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        sys.exit(f"{command[0]} ended with {child.returncode}:\n{said.decode(errors='replace')[-2000:]}")
    wall = time.monotonic() - started
    return {"cpu": used.ru_utime + used.ru_stime, "wall": wall, "peak": used.ru_maxrss / 1024}


def median(results):
    return {key: statistics.median(result[key] for result in results) for key in results[0]}


def show(name, notes="", result=None, pages="", remark=""):
    used = ["", "", "", ""]
    if result:
        cores = result["cpu"] / result["wall"]
        used = [f"{result['cpu']:.2f}", f"{result['wall']:.2f}", f"{cores:.2f}", f"{result['peak']:.0f}"]
    count = [f"{number:,}" if number else "" for number in (notes, pages)]
    print(row(name, count[0], *used, count[1], remark), flush=True)


def row(name, *cells):
    *numbers, remark = cells
    return (f"{name:28}" + "".join(f"{cell:>9}" for cell in numbers) + f"  {remark}").rstrip()


def cold(given, books):
    """From nothing. 100,000 notes should cost no more than a good ten times 10,000."""
    before = None
    for one in books:
        results = []
        for _ in range(given.runs):
            one.clean()
            results.append(run([given.binary, "build"], one.folder))
        result = median(results)
        remark = f"{result['cpu'] / before['cpu']:.1f} times the cpu of the line above" if before else ""
        show("cold", one.notes, result, one.pages(), remark)
        before = result


def again(given, books):
    """A second process with nothing changed, which must write nothing."""
    for one in books:
        run([given.binary, "build"], one.folder)
        before = one.stamp()
        result = median([run([given.binary, "build"], one.folder) for _ in range(given.runs)])
        remark = "nothing written" if one.stamp() == before else "THE SITE WAS WRITTEN"
        show("again, nothing changed", one.notes, result, remark=remark)


def edit(given, books):
    """A sentence more in one note, then a build in a new process."""
    for one in books:
        run([given.binary, "build"], one.folder)
        text, results = one.first.read_text(), []
        for number in range(given.runs):
            one.first.write_text(f"{text}\nOne sentence more, for the {number}th time.\n")
            results.append(run([given.binary, "build"], one.folder))
        one.first.write_text(text)
        show("one note edited", one.notes, median(results))


def disk(given, _):
    """On an ordinary disk, in turn with the same build on the RAM disk and with a copy of the finished site.

    Each run writes to a new folder and nothing is deleted before the end: within five seconds of a deletion, ext4 looks
    at every freed inode before it gives out the next, which costs more than the build.
    """
    with tempfile.TemporaryDirectory(dir=given.disk) as base, tempfile.TemporaryDirectory(dir=given.base) as ram:
        one = Book(ram, 10_000)
        run([given.binary, "build"], one.folder)
        pages = one.pages()
        floors, builds, copies = [], [], []
        for number in range(given.runs):
            one.clean()
            floors.append(run([given.binary, "build"], one.folder))
            site = Path(base) / f"site-{number}"
            builds.append(run([given.binary, "build", "--output", site], one.folder))
            copies.append(run(["cp", "-r", site, f"{site}-copy"], base))
        ratio = statistics.median(build["wall"] / copied["wall"] for build, copied in zip(builds, copies))
        files = statistics.median(
            (build["cpu"] - floor["cpu"]) / copied["cpu"] for build, floor, copied in zip(builds, floors, copies)
        )
        show("cold, on a RAM disk", one.notes, median(floors), pages)
        remark = f"{ratio:.2f} times the wall of the copy; the disk's share {files:.2f} times the copy's cpu"
        show("cold, on an ordinary disk", one.notes, median(builds), pages, remark)
        show("cp -r of that site", one.notes, median(copies))


def weight(given, _):
    """What a browser loads for the first note that a reader opens: the page and all that it names in `theme/`."""
    for notes in (30, 10_000):
        with tempfile.TemporaryDirectory(dir=given.base) as base:
            one = Book(base, notes)
            run([given.binary, "build"], one.folder)
            path = one.first.relative_to(one.folder / "content").with_suffix(".html")
            page = (one.site / path).read_bytes()
            names = sorted(set(re.findall(rb'(?:src|href)="([^"]*theme/[^"]*)"', page)))
            files = [(one.site / path).parent.joinpath(name.decode()).read_bytes() for name in names]
            sizes = [len(gzip.compress(data, 9)) for data in (page, *files)]
            remark = f"{sum(sizes):,} bytes in {len(sizes)} files, {sizes[0]:,} of them the page"
            show("first view of a note, gzip", notes, remark=remark)


def peers(given, books):
    """The same words in each generator's dialect; tags, people, highlighted code and list pages where it has them."""
    for name, (command, _, version) in PEERS.items():
        program = shutil.which(name)
        if not program:
            show(name, remark="not on the PATH")
            continue
        told = subprocess.run([program, version], capture_output=True, text=True).stdout.split("\n")
        show(name, remark=next((line for line in told if line.lower().startswith(name)), "")[:60])
        for own in books:
            if own.notes > 10_000:
                continue
            with tempfile.TemporaryDirectory(dir=given.base) as base:
                other = Book(base, own.notes, name)
                ours, theirs = [], []
                for _ in range(given.runs):
                    own.clean()
                    ours.append(run([given.binary, "build"], own.folder))
                    other.clean()
                    theirs.append(run([program, *command[1:]], other.folder))
                ratios = {key: statistics.median(b[key] / a[key] for a, b in zip(ours, theirs)) for key in ours[0]}
                remark = ", ".join(f"{ratio:.1f} × {key}" for key, ratio in ratios.items())
                show("fieldbook, cold", own.notes, median(ours), own.pages())
                show(f"{name}, cold", own.notes, median(theirs), other.pages(), remark)


def main():
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    words.add_argument("--base", default="/dev/shm", help="a folder on a RAM disk (/dev/shm)")
    words.add_argument("--disk", default=str(HERE.parent), help="a folder on an ordinary disk (the repository)")
    words.add_argument("--binary", help="the program, where it is not to be built")
    words.add_argument("--runs", type=int, default=3)
    words.add_argument("--large", action="store_true", help="100,000 notes too")
    words.add_argument("--sizes", help="other numbers of notes, with commas")
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
    print(row("", "notes", "cpu s", "wall s", "cores", "peak MB", "pages", ""))
    with tempfile.TemporaryDirectory(dir=given.base, prefix="fieldbook-bench-") as base:
        needed = {"cold", "again", "edit", "peers"} & set(parts)
        books = [Book(base, size) for size in sizes] if needed else []
        for part in PARTS:
            if part in parts:
                globals()[part](given, books)


if __name__ == "__main__":
    main()
