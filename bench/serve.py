"""The benchmark of `serve`: from the write of a note to its new bytes over HTTP, and what clients cost.

    python3 bench/serve.py                  # books of 1,000 and 10,000 notes, about two minutes
    python3 bench/serve.py --large          # 100,000 notes too
    python3 bench/serve.py --only latency   # parts: load latency

Builds `target/release/fieldbook` with cargo, unless --binary names another, and makes its books (bench/book.py) on a
RAM disk. Latency: one note is changed --edits times, and its page is asked for every millisecond on one connection
until it has the new words; the median and the extremes are given, with the processor seconds of the server for each
edit, which include answering those questions. Load: 10,000 requests for pages of the whole book on 100 connections at
once, then 1,000 connections that do nothing; with the server's memory (resident, now and at its highest) and the
seconds of the processor.
"""

import argparse
import asyncio
import os
import re
import resource
import shutil
import signal
import socket
import statistics
import subprocess
import tempfile
import time
from pathlib import Path

import book

HERE = Path(__file__).resolve().parent
PARTS = ("load", "latency")
TICKS = os.sysconf("SC_CLK_TCK")
REQUESTS, AT_ONCE, IDLE = 10_000, 100, 1_000


class Server:
    """`fieldbook serve` on a port of its own."""

    def __init__(self, binary, folder):
        self.began = time.monotonic()
        self.child = subprocess.Popen(
            [binary, "serve", folder, "--port", "0"], stdin=subprocess.DEVNULL, stderr=subprocess.PIPE, text=True
        )
        for line in self.child.stderr:
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
                self.port = int(found[1])
                break
        self.start = time.monotonic() - self.began
        # What it says from here on must not fill the pipe.
        self.drain = subprocess.Popen(["cat"], stdin=self.child.stderr, stdout=subprocess.DEVNULL)

    def cpu(self):
        fields = Path(f"/proc/{self.child.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(fields[11]) + int(fields[12])) / TICKS

    def memory(self):
        """Megabytes: now, and at the highest."""
        status = Path(f"/proc/{self.child.pid}/status").read_text()
        return [int(re.search(rf"{name}:\s+(\d+)", status)[1]) / 1024 for name in ("VmRSS", "VmHWM")]

    def stop(self):
        self.child.send_signal(signal.SIGINT)
        code = self.child.wait(20)
        self.drain.wait(20)
        assert code == 0, f"it ended with {code}"


class Client:
    """One connection that is kept."""

    def __init__(self, port):
        self.socket = socket.create_connection(("127.0.0.1", port))
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.rest = b""

    def get(self, path):
        self.socket.sendall(f"GET {path} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
        head, _, body = self.until(lambda data: b"\r\n\r\n" in data).partition(b"\r\n\r\n")
        length = int(re.search(rb"content-length: (\d+)", head)[1])
        self.rest = body
        body = self.until(lambda data: len(data) >= length)
        self.rest = b""
        return int(head.split(b" ", 2)[1]), body

    def until(self, is_enough):
        data = self.rest
        while not is_enough(data):
            more = self.socket.recv(1 << 20)
            assert more, "the server closed the connection"
            data += more
        return data


def wait(client, path, is_there):
    """Seconds until the answer is the wanted one."""
    began = time.monotonic()
    while not is_there(*client.get(path)):
        time.sleep(0.001)
    return time.monotonic() - began


def edits(notes, folder):
    """The kinds of edit: a function that makes the n-th of them, and gives the address and what is to be there."""
    content = folder / "content"
    files = sorted(file for file in content.rglob("*.md") if file.stem != "index")
    pick = lambda n: files[(n * 7919 + 13) % len(files)]
    page = lambda file: "/" + str(file.relative_to(content).with_suffix(".html"))

    def body(n):
        file, word = pick(n), f"zqbody{n}x"
        file.write_text(file.read_text() + f"\nA sentence more, with {word}.\n")
        return page(file), lambda status, text: word.encode() in text

    def title(n):
        file, word = pick(n), f"Zqtitle{n}x"
        file.write_text(file.read_text().replace('title: "', f'title: "{word} ', 1))
        return page(file), lambda status, text: word.encode() in text

    def tag(n):
        file, word = pick(n), f"zqtag{n}x"
        file.write_text(file.read_text().replace("tags: [", f"tags: [{word}, ", 1))
        return page(file), lambda status, text: word.encode() in text

    def delete(n):
        file = files.pop((n * 7919 + 13) % len(files))
        file.unlink()
        return page(file), lambda status, text: status == 404

    return {"body": body, "title": title, "tag": tag, "delete": delete}


def latency(server, folder, notes, count):
    client = Client(server.port)
    for name, edit in edits(notes, folder).items():
        times, used = [], []
        for n in range(count + 1):
            before = server.cpu()
            address, is_there = edit(n)
            seconds = wait(client, address, is_there)
            # What it does after the page is there is this edit's work, too.
            time.sleep(0.3)
            if n:  # The first one finds everything cold.
                times.append(seconds * 1000)
                used.append((server.cpu() - before) * 1000)
        print(
            f"  {name:<8}{statistics.median(times):8.0f} ms  ({min(times):.0f} to {max(times):.0f})"
            f"{statistics.mean(used):8.0f} ms of the processor",
            flush=True,
        )


async def load(server, paths):
    left = iter(range(REQUESTS))
    statuses = {}

    async def client():
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1 << 22)
        for n in left:
            writer.write(f"GET {paths[n % len(paths)]} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            head = await reader.readuntil(b"\r\n\r\n")
            await reader.readexactly(int(re.search(rb"content-length: (\d+)", head)[1]))
            status = head.split(b" ", 2)[1].decode()
            statuses[status] = statuses.get(status, 0) + 1
        writer.close()

    before, began = server.cpu(), time.monotonic()
    await asyncio.gather(*(client() for _ in range(AT_ONCE)))
    wall, used = time.monotonic() - began, server.cpu() - before
    now, peak = server.memory()
    print(f"  {REQUESTS} requests, {AT_ONCE} at once: {statuses}, {used * 1e6 / REQUESTS:.0f} µs of the processor each, "
          f"{REQUESTS / wall:.0f} a second; memory {now:.0f} MB, at most {peak:.0f}", flush=True)


def idle(server):
    before = server.memory()[0]
    clients = [Client(server.port) for _ in range(IDLE)]
    for client in clients[::2]:  # Half of them have asked once.
        client.get("/")
    now, peak = server.memory()
    used = server.cpu()
    time.sleep(5)
    used = server.cpu() - used
    status, _ = clients[0].get("/")
    print(f"  {IDLE} idle connections: memory {now:.0f} MB ({now - before:+.0f}), at most {peak:.0f}; "
          f"{used * 1000:.0f} ms of the processor in 5 s; then {status}", flush=True)


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--binary", help="instead of building one")
    arguments.add_argument("--edits", type=int, default=20)
    arguments.add_argument("--large", action="store_true", help="100,000 notes too")
    arguments.add_argument("--notes", type=int, action="append", help="other sizes than these")
    arguments.add_argument("--only", default=",".join(PARTS))
    given = arguments.parse_args()
    parts = given.only.split(",")
    binary = given.binary
    if not binary:
        subprocess.run(["cargo", "build", "--release", "--locked"], cwd=HERE.parent, check=True)
        target = os.environ.get("CARGO_TARGET_DIR", HERE.parent / "target")
        binary = str(Path(target) / "release" / "fieldbook")
    # A thousand connections are a thousand files, here as well.
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (min(most, 8192), most))
    base = Path(tempfile.mkdtemp(dir="/dev/shm" if os.path.isdir("/dev/shm") else None))
    try:
        for notes in given.notes or [1_000, 10_000] + [100_000] * given.large:
            folder = base / str(notes)
            book.write(folder, notes, "fieldbook")
            server = Server(binary, folder)
            print(f"{notes} notes: there after {server.start:.2f} s, {server.cpu():.2f} s of the processor, "
                  f"memory {server.memory()[0]:.0f} MB", flush=True)
            content = folder / "content"
            paths = ["/" + str(file.relative_to(content).with_suffix(".html")) for file in sorted(content.rglob("*.md"))]
            if "load" in parts:
                asyncio.run(load(server, paths))
                idle(server)
            if "latency" in parts:
                latency(server, folder, notes, given.edits)
                print(f"  memory {server.memory()[0]:.0f} MB, at most {server.memory()[1]:.0f}")
            server.stop()
            shutil.rmtree(folder)
    finally:
        shutil.rmtree(base, ignore_errors=True)


if __name__ == "__main__":
    main()
