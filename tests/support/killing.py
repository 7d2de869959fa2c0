"""Rounds of kill -9 in the middle of heavy storing."""

import threading
from http1 import Ended

from bodies import body_of, size_of
from origin import cacheable
from runner import equal, true

CLIENTS = 8
MOST_BYTES = 600_000
CONF = "CacheMaxFileSize 10000000\nCacheSize 512M\nMaxKeepAliveRequests 0"
IF_STORED = "Cache-Control: only-if-cached"


def body(path):
    return body_of(path, size_of(path, MOST_BYTES))


class Rounds:
    """Each: clients store objects and read back what they stored; larder is
    killed, started again, and everything it still has must be right.  What
    was a hit before the kill must be one after it."""

    def __init__(self, case):
        origin = case.origin()
        origin.fallback = lambda request: cacheable(body(request.target))
        self.larder = case.larder(origin, CONF, start=False)
        self.number = self.survived = self.checked = 0

    def play(self, answers=400):
        self.number += 1
        self.larder.start()
        self.asked, self.hits, self.answers = set(), set(), 0
        self.enough, self.lock = threading.Event(), threading.Lock()
        self.wrong = []
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
            pass

    def one(self, client, path):
        with self.lock:
            self.asked.add(path)
        response = client.get(path)
        with self.lock:
            self.answers += 1
            if response.hit:
                self.hits.add(path)
            if response.body != body(path):
                self.wrong.append(path)

    def check(self):
        with self.larder.client() as client:
            for path in sorted(self.asked):
                response = client.get(path, IF_STORED)
                self.checked += 1
                if response.status == 200:
                    self.survived += 1
                    true(response.body == body(path), f"the bytes of {path}")
                else:
                    equal(response.status, 504, path)
                    true(path not in self.hits,
                         f"{path} was a hit before the kill")
