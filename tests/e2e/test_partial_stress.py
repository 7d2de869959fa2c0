"""Many who want parts, wholes, heads and news of files that change, of which
a small store keeps some: every byte is of the version that its ETag names,
and none is older than a change that was answered before it was asked for."""

import os
import random
import re
import sys
import threading
import time

sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, stats
from http1 import Ended
from origin import CLOSE, chunked, reply
from runner import equal, run, together, true

SECONDS = 6
CLIENTS = 8
PATHS = ["/hot"] + [f"/{i}" for i in range(14)]
CONF = CONTROL + ("CacheSize 16M\nCacheMaxFileSize 10M\nWorkerThreads 2\n"
                  "LogLevel crit\n")


class Files:
    """What the origin has, and has had."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.bodies = {}  # (path, version) -> body
        self.now = dict.fromkeys(PATHS, 0)    # at the origin
        self.least = dict.fromkeys(PATHS, 0)  # a change that was answered
        for path in PATHS:
            self.change(path)

    def change(self, path):
        with self.lock:
            version = self.now[path] + 1
            n = self.random.choice((5_000, 300_000, 1_000_000, 1_700_000))
            self.bodies[path, version] = self.random.randbytes(
                n + self.random.randrange(5000))
            self.now[path] = version

    def answered(self, path, version):
        with self.lock:
            self.least[path] = max(self.least[path], version)

    def answer(self, request):
        with self.lock:
            odd, some = self.random.random(), self.random.random()
        path = request.target
        if request.method == "POST":
            self.change(path)
            return reply(f"X-Version: {self.now[path]}", status=204)
        version = self.now[path]
        body, tag = self.bodies[path, version], f'"{version}"'
        fields = [f"ETag: {tag}", "Cache-Control: max-age=" +
                  ("10, stale-while-revalidate=30" if some < .5 else "3600")]
        if request.get("If-None-Match") == tag:
            return reply(*fields, status=304)
        value = request.get("Range")
        ranges = value and resolve(value, len(body))
        if (ranges and len(ranges) == 1 and odd > .03
                and request.get("If-Range") in (None, tag)):
            first, end = ranges[0]
            fields.append(f"Content-Range: bytes {first}-{end - 1}/{len(body)}")
            return self.spoil(reply(*fields, status=206, body=body[first:end]),
                              request, odd)
        return self.spoil(reply(*fields, body=body), request, odd)

    def spoil(self, answer, request, odd):
        """Now and then an origin has its moods."""
        head, body = answer.script(request.method, "Mon, 01 Jan 2024 00:00:00 "
                                   "GMT")[:2]
        head = b"\r\n".join(line for line in head.split(b"\r\n")
                            if not line.startswith(b"Date:"))
        if odd > .97:
            return [head, body[:len(body) * 2 // 3], CLOSE]
        if odd > .94:
            return [b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n", head,
                    body]
        if odd > .90 and request.method == "GET":
            head = head.replace(b"Content-Length: %d" % len(answer.body),
                                b"Transfer-Encoding: chunked")
            return [head, chunked(*(body[i:i + 50000] for i in
                                    range(0, len(body), 50000)))]
        return [head, (body[i:i + 30000] for i in range(0, len(body), 30000))]


def resolve(value, n):
    """The satisfiable of some ranges, as [first, end)."""
    ranges = []
    for text in value.removeprefix("bytes=").split(","):
        first, last = text.split("-")
        if not first:
            ranges.append((max(0, n - int(last)), n))
        elif int(first) < n:
            ranges.append((int(first), min(int(last or n), n - 1) + 1))
    return ranges


class Asker:
    """One client, again and again."""

    def __init__(self, larder, files, seed):
        self.larder, self.files = larder, files
        self.random = random.Random(seed)
        self.slow = self.random.random() < .3
        self.client = None
        self.done = self.broken = 0

    def one_range(self, n):
        kind, at = self.random.randrange(5), self.random.randrange(n)
        if kind == 0:
            return f"-{1 + self.random.randrange(n)}"
        if kind == 1:
            return f"{at}-"
        if kind == 2:  # a few that come again
            return f"{n // 4 * (at % 4)}-{n // 4 * (at % 4 + 1) - 1}"
        return f"{at}-{at + self.random.choice((0, 99, 5000, 90000, 700000))}"

    def question(self, path):
        """Method and fields of a request."""
        r = self.random
        version = max(1, self.files.now[path] - r.choice((0, 0, 0, 1)))
        n = len(self.files.bodies[path, version])
        fields, kind = [], r.random()
        if kind < .03:
            return "HEAD", fields
        if kind < .75:
            count = 1 if r.random() < .9 else r.randrange(2, 4)
            fields.append("Range: bytes=" + ",".join(
                self.one_range(n) for _ in range(count)))
            if r.random() < .15:
                fields.append(f'If-Range: "{version}"')
        elif kind < .85:
            fields.append(f'If-None-Match: "{version}"')
        if r.random() < .1:
            fields.append("Cache-Control: " + r.choice(
                ("no-cache", "max-age=0", "no-store", "max-stale=5")))
        return "GET", fields

    def go(self, end, clock=None):
        while time.monotonic() < end:
            if clock and self.done % 20 == 19:
                clock.advance(7)
            path = "/hot" if self.random.random() < .6 else \
                self.random.choice(PATHS)
            try:
                if self.client is None:
                    self.client = self.larder.client(
                        **({"receive_buffer": 4096} if self.slow else {}))
                self.once(path)
                self.done += 1
            except (Ended, ConnectionError):
                self.broken += 1  # cut: the origin was, or it changed
                self.client.close()
                self.client = None
        if self.client:
            self.client.close()

    def once(self, path):
        if self.random.random() < .02:
            response = self.client.request("POST", path, body=b"x")
            if response.status == 204:
                self.files.answered(path, int(response.get("X-Version")))
            return
        method, fields = self.question(path)
        least = self.files.least[path]
        response = self.client.request(method, path, *fields)
        asked = f"{method} {path} {fields}: {response.status}"
        if response.status == 502:
            return
        version = int(response.get("ETag").strip('"'))
        true(version >= least, f"{asked}: {version} is not before {least}")
        self.check(response, self.files.bodies[path, version], method, fields,
                   asked + f" {response.get('Cache-Status')}")

    def check(self, response, body, method, fields, asked):
        value = next((f[13:] for f in fields if f.startswith("Range:")), None)
        ranges = resolve(value, len(body)) if value else None
        if response.status == 206:
            self.check_part(response, body, ranges, asked)
        elif response.status == 304:
            true(any(f == f"If-None-Match: {response.get('ETag')}"
                     for f in fields), asked)
        elif response.status == 416:
            equal(ranges, [], asked)
        else:
            equal(response.status, 200, asked)
            if method == "HEAD":
                true(response.get("Content-Length") in (None, str(len(body))),
                     asked)
            else:
                true(response.body == body, asked + " the whole")

    def check_part(self, response, body, ranges, asked):
        match = re.fullmatch(r"multipart/byteranges; boundary=(\w+)",
                             response.get("Content-Type") or "")
        if not match:
            first, last, total = map(int, re.fullmatch(
                r"bytes (\d+)-(\d+)/(\d+)",
                response.get("Content-Range")).groups())
            equal(total, len(body), asked)
            if len(ranges) == 1:  # several may have become one
                equal((first, last + 1), ranges[0], asked)
            true(response.body == body[first:last + 1], asked + " its bytes")
            return
        rest = b"\r\n" + response.body
        delimiter = b"\r\n--" + match[1].encode()
        while not (rest := rest.removeprefix(delimiter)).startswith(b"--"):
            head, _, rest = rest.partition(b"\r\n\r\n")
            first, last, total = map(int, re.search(
                rb"bytes (\d+)-(\d+)/(\d+)", head).groups())
            equal(total, len(body), asked)
            true(rest[:last - first + 1] == body[first:last + 1],
                 f"{asked} bytes {first}-{last}")
            rest = rest[last - first + 1:]


def test_everybody_gets_bytes_of_one_version(t):
    seed = int(os.environ.get("SEED") or random.randrange(1_000_000))
    print(f"# SEED={seed}", flush=True)
    files = Files(seed)
    origin = t.origin()
    for path in PATHS:
        origin.on(path, files.answer)
    larder = t.larder(origin, conf=CONF)
    askers = [Asker(larder, files, seed + i) for i in range(CLIENTS)]
    end = time.monotonic() + float(os.environ.get("STRESS_SECONDS") or SECONDS)

    together(CLIENTS, lambda i: askers[i].go(end, t.clock if i == 0 else None))
    done, broken = sum(a.done for a in askers), sum(a.broken for a in askers)
    store = stats(larder)["store"]
    print(f"# {done} answers, {broken} cut, {origin.count()} fetches, "
          f"{store['evicted']} evicted", flush=True)
    true(done > broken, "most answers are complete")


run()
