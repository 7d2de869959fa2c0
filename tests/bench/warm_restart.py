#!/usr/bin/env python3
"""How soon larder answers from a large store again.

    LARDER=… warm_restart.py [--objects 1000000] [--rounds 5] [--size 3072]

Makes a store with so many small objects, stores one more through larder, and
starts larder again and again: after an end in order, and after kill -9.
Printed is the time from exec to READY and to the first answer, which must be
a hit; the client connects as soon as somebody listens.  What is on the disk is
in the page cache.  The store is in the folder that TMPDIR names, and goes.
"""

import argparse
import os
import statistics
import subprocess
import sys
import threading
import time

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../support")
from control import CONTROL, stats
from larder import program
from origin import cacheable
from runner import demonstrate, equal, true, wait_hit


def fill(larder, megabytes, objects):
    tool = os.path.join(os.path.dirname(program()), "tests/bench/fill_store")
    cache = os.path.join(larder.dir, "cache")
    start = time.monotonic()
    subprocess.run([tool, cache, str(megabytes), str(objects)], check=True)
    print(f"{objects} objects stored in {time.monotonic() - start:.1f} s",
          flush=True)


def first_answer(larder):
    """Asks as soon as somebody listens; when the answer was there."""
    while True:
        try:
            with larder.client() as client:
                response = client.get("/last")
        except ConnectionError:  # nobody listens yet
            time.sleep(0.001)
            continue
        return time.monotonic(), response


def start(larder):
    """Milliseconds to READY and to the first answer."""
    answers = []
    asker = threading.Thread(
        target=lambda: answers.append(first_answer(larder)))
    begun = time.monotonic()
    asker.start()
    larder.start()
    ready = time.monotonic()
    asker.join()
    answered, response = answers[0]
    true(response.hit, "the first answer is a hit")
    return (ready - begun) * 1000, (answered - begun) * 1000


def rounds(larder, what, end, objects, n):
    ready, answered = [], []
    for _ in range(n):
        end()
        times = start(larder)
        ready.append(times[0])
        answered.append(times[1])
        equal(stats(larder)["store"]["objects"], objects + 1)
    print(f"{what}: READY after {spread(ready)} ms, "
          f"first hit after {spread(answered)} ms", flush=True)


def spread(values):
    return (f"{statistics.median(values):.0f} "
            f"({min(values):.0f} to {max(values):.0f})")


def main(t):
    parser = argparse.ArgumentParser()
    parser.add_argument("--objects", type=int, default=1000000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--size", type=int, default=3072, help="MiB")
    options = parser.parse_args()
    origin = t.origin()
    origin.on("/last", cacheable(b"x" * 100, max_age=86400))
    for fast in ("Safe", "Fast"):
        larder = t.larder(origin, CONTROL + f"CacheSize {options.size}M\n"
                          f"CacheDurability {fast}\n", start=False)
        fill(larder, options.size, options.objects)
        larder.start()
        wait_hit(t.client(larder), "/last")
        rounds(larder, f"in order, {fast}", larder.stop, options.objects,
               options.rounds)
        rounds(larder, f"kill -9, {fast}", larder.kill, options.objects,
               options.rounds)
        larder.stop()


demonstrate(main)
