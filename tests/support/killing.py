"""Rounds of kill -9 in the middle of heavy storing."""

import threading

from bodies import body_of, size_of
from http1 import Ended
from origin import cacheable
from runner import equal, true

CLIENTS = 8
MOST_BYTES = 600_000
CONF = "CacheMaxFileSize 10000000\nCacheSize {size}\nMaxKeepAliveRequests 0"
IF_STORED = "Cache-Control: only-if-cached"


def body(path):
    return body_of(path, size_of(path, MOST_BYTES))


class Rounds:
    """In each round clients store objects and read some back; larder is
    killed, started again, and every body it serves must be right.  What it
    had after an earlier kill is committed: it must outlive all later ones
    (as long as the store is large enough for everything)."""

    def __init__(self, case, size="512M", nothing_evicted=True):
        origin = case.origin()
        origin.fallback = lambda request: cacheable(body(request.target))
        self.larder = case.larder(origin, CONF.replace("{size}", size),
                                  start=False)
        self.nothing_evicted = nothing_evicted
        self.kept = set()
        self.number = self.survived = self.checked = 0

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
        response = client.get(path)
        with self.lock:
            self.answers += 1
            if response.body != body(path):
                self.wrong.append(path)

    def check(self):
        found = set()
        with self.larder.client() as client:
            for path in sorted(self.asked | self.kept):
                response = client.get(path, IF_STORED)
                self.checked += path in self.asked
                if response.status == 200:
                    found.add(path)
                    true(response.body == body(path), f"the bytes of {path}")
                else:
                    equal(response.status, 504, path)
        if self.nothing_evicted:
            equal(self.kept - found, set(), "lost by a later kill")
            self.kept = found
        self.survived += len(found & self.asked)
