"""Rounds of kill -9 in the middle of heavy storing."""

import threading

from bodies import body_of, size_of
from http1 import Ended
from origin import reply
from runner import equal, true

CLIENTS = 8
MOST_BYTES = 600_000
CONF = "CacheMaxFileSize 10000000\nCacheSize {size}\nMaxKeepAliveRequests 0"
IF_STORED = "Cache-Control: only-if-cached"


def body(path):
    return body_of(path, size_of(path, MOST_BYTES))


def part_of(path):
    """Some paths are asked for by a part only, always the same one: its
    first and its last byte.  None: the whole."""
    if not path.endswith("7"):
        return None
    n = size_of(path, MOST_BYTES)
    return (n // 3, n // 3 + n // 2) if n > 10 else None


def fields_for(path):
    part = part_of(path)
    return [f"Range: bytes={part[0]}-{part[1]}"] if part else []


def expected(path):
    """The status of an answer, and its body."""
    part = part_of(path)
    if part is None:
        return 200, body(path)
    return 206, body(path)[part[0]:part[1] + 1]


def answer(request):
    """What the origin says."""
    status, text = expected(request.target)
    fields = ["Cache-Control: max-age=3600", 'ETag: "1"']
    if status == 206 and request.get("Range"):
        first, last = part_of(request.target)
        fields.append(f"Content-Range: bytes {first}-{last}/"
                      f"{len(body(request.target))}")
        return reply(*fields, status=206, body=text)
    return reply(*fields, body=body(request.target))


class Rounds:
    """In each round clients store objects and read some back; larder is
    killed, started again, and every body it serves must be right.  What it
    had after an earlier kill is committed: it must outlive all later ones
    (as long as the store is large enough for everything)."""

    def __init__(self, case, size="512M", nothing_evicted=True):
        origin = case.origin()
        origin.fallback = answer
        self.larder = case.larder(origin, CONF.replace("{size}", size),
                                  start=False)
        self.nothing_evicted = nothing_evicted
        self.kept = set()
        self.number = self.survived = self.checked = self.parts = 0

    def play(self, answers=400):
        self.number += 1
        self.larder.start()
        self.asked, self.answers, self.wrong = set(), 0, []
        self.enough, self.lock = threading.Event(), threading.Lock()
        threads = [threading.Thread(target=self.store, args=(i, answers))
                   for i in range(CLIENTS)]
        for thread in threads:
            thread.start()
        true(self.enough.wait(60), f"{answers} answers in time")
        self.larder.kill()
        for thread in threads:
            thread.join()
        equal(self.wrong, [], "wrong bodies before the kill")
        self.larder.start()
        self.check()
        self.larder.stop()

    def store(self, i, answers):
        try:
            with self.larder.client() as client:
                for n in range(1 << 20):
                    self.one(client, f"/{self.number}/{i}/{n}")
                    if n % 3 == 2:
                        self.one(client, f"/{self.number}/{i}/{n // 2}")
                    if self.answers >= answers:
                        self.enough.set()
        except (Ended, OSError):
            pass  # killed

    def one(self, client, path):
        with self.lock:
            self.asked.add(path)
        response = client.get(path, *fields_for(path))
        with self.lock:
            self.answers += 1
            if (response.status, response.body) != expected(path):
                self.wrong.append(path)

    def check(self):
        found = set()
        with self.larder.client() as client:
            for path in sorted(self.asked | self.kept):
                response = client.get(path, IF_STORED, *fields_for(path))
                self.checked += path in self.asked
                if response.status == 504:
                    continue
                found.add(path)
                self.parts += response.status == 206
                true((response.status, response.body) == expected(path),
                     f"the bytes of {path}")
        if self.nothing_evicted:
            equal(self.kept - found, set(), "lost by a later kill")
            self.kept = found
        self.survived += len(found & self.asked)
