"""Bytes of the store flip while larder is stopped: it starts all the same,
it lives, and it serves nothing that is wrong.

FLIPPED_BYTES_ROUNDS sets how often (160), FLIPPED_BYTES_SEED where.
"""

import contextlib
import os
import random
import shutil
import struct
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from bodies import body_of, size_of
from control import CONTROL, wait_landed
from http1 import Ended, Malformed
from larder import CONFIGURATION
from origin import cacheable
from runner import equal, run, true

ROUNDS = int(os.environ.get("FLIPPED_BYTES_ROUNDS", 160))
SEED = int(os.environ.get("FLIPPED_BYTES_SEED", 1))
OBJECTS = 100
MOST_BYTES = 60_000
CONF = CONTROL + "MaxKeepAliveRequests 0\nLogLevel warn\n"
ONE_WORKER = (CONFIGURATION.replace("WorkerThreads 2", "WorkerThreads 1")
              .replace("CacheSize 64M", "CacheSize 8M"))
PAGE = 4096
# LMDB's kinds of pages, as their flags say.
BRANCH, LEAF, OVERFLOW, META = 1, 2, 4, 8


def body(path):
    return body_of(path, size_of(path, MOST_BYTES))


def pages_by_kind(data):
    """Numbers of pages; those of a long value follow its first one."""
    kinds = {BRANCH: [], LEAF: [], OVERFLOW: [], META: []}
    number = 0
    while (number + 1) * PAGE <= len(data):
        flags, run_length = struct.unpack_from("=HI", data,
                                               number * PAGE + 10)
        kind = flags & 15
        more = run_length if kind == OVERFLOW and run_length < 64 else 1
        if kind in kinds:
            kinds[kind] += range(number, number + more)
        number += more
    return kinds


class Flips:
    """A store as it was left, and copies of it with flipped bytes."""

    def __init__(self, larder):
        self.cache = larder.dir + "/cache"
        with open(self.cache + "/data.mdb", "rb") as file:
            self.data = file.read()
        self.kinds = pages_by_kind(self.data)
        for kind, pages in self.kinds.items():
            true(pages, f"there are pages of kind {kind}")

    def place(self, chance, kind):
        """A byte of such a page; more often one of LMDB's own."""
        start = chance.choice(self.kinds[kind]) * PAGE
        if kind == META:
            return start + chance.randrange(16, 160)
        if kind != OVERFLOW and chance.random() < 0.5:
            return start + chance.randrange(0, 64)
        return start + chance.randrange(PAGE)

    def put(self, chance, kind, n, clean):
        """The store again, with n bytes other than they were."""
        for name in os.listdir(self.cache):
            if name.startswith("aside."):
                shutil.rmtree(os.path.join(self.cache, name))
        data = bytearray(self.data)
        for _ in range(n):
            data[self.place(chance, kind)] ^= (
                1 << chance.randrange(8) if chance.random() < 0.7
                else chance.randrange(1, 256))
        with open(self.cache + "/data.mdb", "wb") as file:
            file.write(data)
        with open(self.cache + "/state", "w", encoding="ascii") as file:
            file.write("clean\n" if clean else "running safe\n")


def is_wrong(larder, path):
    """Is something else than the object served?  Nothing, or an answer
    that breaks off, is right."""
    with contextlib.suppress(Ended, Malformed, ConnectionError):
        response = larder.get(path, "Cache-Control: only-if-cached")
        if response.status != 504:
            return response.status != 200 or response.body != body(path)
    return False


def look_over(larder):
    wrong = [path for path in (f"/{i}" for i in range(OBJECTS))
             if is_wrong(larder, path)]
    equal(wrong, [], "wrong answers")


def go_on(larder, name):
    """It serves what is new; what it stores of it may meet the damage."""
    with contextlib.suppress(Ended):
        with larder.client() as client:
            for i in range(10):
                path = f"/{name}/{i}"
                response = client.get(path)
                equal(response.status, 200, path)
                true(response.body == body(path), path)
    wait_landed(larder)


def filled(t):
    """A larder whose store has OBJECTS objects; it is stopped."""
    origin = t.origin()
    origin.fallback = lambda request: cacheable(body(request.target))
    larder = t.larder(origin, CONF, template=ONE_WORKER)
    with larder.client() as client:
        for i in range(OBJECTS):
            client.get(f"/{i}")
            wait_landed(larder)
    larder.stop()
    return larder


def play(t, kind):
    """Rounds of flips in pages of one kind."""
    larder = filled(t)
    flips, chance = Flips(larder), random.Random(SEED * 100 + kind)
    for number in range(ROUNDS // 4):
        n, clean = chance.choice((1, 1, 2, 5)), number % 2 == 0
        flips.put(chance, kind, n, clean)
        try:
            larder.start()
            look_over(larder)
            go_on(larder, number)
            larder.stop()
        except Exception as error:
            raise AssertionError(f"round {number}: {n} bytes, left "
                                 + ("clean" if clean else "unclean")
                                 ) from error


def test_flips_in_meta_pages_neither_stop_nor_kill_larder(t):
    play(t, META)


def test_flips_in_branches_neither_stop_nor_kill_larder(t):
    play(t, BRANCH)


def test_flips_in_leaves_and_free_lists_neither_stop_nor_kill_larder(t):
    play(t, LEAF)


def test_flips_in_bodies_harm_those_bodies_only(t):
    play(t, OVERFLOW)


run()
