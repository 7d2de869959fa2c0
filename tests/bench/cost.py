#!/usr/bin/env python3
"""Processor time per request: larder, its like, and a bare loop, in one run.

    LARDER=… cost.py [--seconds 1] [--rounds 1] [--only NAME[,NAME…]]

Each server has one processor for itself; wrk, which asks, and the origin
share another.  What is measured is the server's own time, of all its
processes and threads and until it is at rest again, so that it does not
matter who of the two is the faster.  NAME is a scene or a server.

"x bare" compares with a loop that sends the same bytes without thinking,
"x pass" with the same server's pass-through of a body of that size.
"""

import argparse
import collections
import glob
import os
import shutil
import statistics
import sys
import tempfile
import time

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../support")
import wrk
from pinned import (BareLoop, Haproxy, NginxCache, PinnedLarder, bare_loop,
                    find, on_cpu)
from runner import demonstrate, equal, true

OBJECTS = 20000
LARGE_MB, SMALL_MB = 1024, 64
TURNOVER = 3 * (SMALL_MB << 20) // 20480  # more than fit, of 10 KiB
ONE, MANY, NEW = None, "many", "new"  # paths that are asked for

Scene = collections.namedtuple(
    "Scene", "name kib paths cacheable prepare megabytes connections",
    defaults=(LARGE_MB, 64))
SCENES = [
    Scene("pass_1k", 1, NEW, False, 1000),
    Scene("pass_10k", 10, NEW, False, 1000),
    Scene("hit_1k", 1, ONE, True, 1000),
    Scene("hit_10k_spread", 10, MANY, True, OBJECTS + 200),
    Scene("hit_64k", 64, ONE, True, 1000),
    Scene("hit_1m", 1024, ONE, True, 100, LARGE_MB, 16),
    Scene("store_10k", 10, NEW, True, 1000),
    Scene("store_10k_full", 10, NEW, True, TURNOVER, SMALL_MB),
]
SERVERS = {"bare loop": None, "larder": PinnedLarder, "nginx": NginxCache,
           "haproxy": Haproxy}
AGAIN = 10000000  # the first number of a path that is new once more

Cost = collections.namedtuple("Cost", "us origin_us rate wrong")


def at_rest(server):
    """Its processor time, once that hardly grows."""
    before = server.processor_ns()
    for _ in range(100):
        time.sleep(0.1)
        now = server.processor_ns()
        if now - before < 1000000:
            return now
        before = now
    raise AssertionError("the server does not come to rest")


class Bench:
    def __init__(self, t, options):
        self.dir, self.options = t.dir, options
        self.cpu, self.load_cpu = sorted(os.sched_getaffinity(0))[:2]
        self.wrk = wrk.Wrk(t.dir)
        self.passes = {}  # (server, KiB): µs
        self.unfit = []  # what did not do what it was to do

    def start(self, name, scene, origin):
        if SERVERS[name] is None:
            return BareLoop(self.cpu, scene.kib << 10)
        directory = tempfile.mkdtemp(prefix=name, dir=self.dir)
        return SERVERS[name](self.cpu, directory, origin, scene.megabytes)

    def forget(self, name):
        """Larder's store is large, and goes.  nginx's many files stay until
        the end: ext4 is slow to make files for seconds after deleting."""
        if name == "larder":
            for directory in glob.glob(os.path.join(self.dir, name + "*")):
                shutil.rmtree(directory)

    def prepare(self, scene, url):
        lua = "" if scene.paths is ONE else wrk.COUNT.format(
            first=0, prefix="/k/")
        self.wrk.fetch(url, scene.prepare, scene.connections, lua)

    def load(self, scene, url):
        lua = {ONE: None,
               MANY: wrk.SKEWED.format(objects=OBJECTS, prefix="/k/"),
               NEW: wrk.COUNT.format(first=AGAIN, prefix="/k/")}[scene.paths]
        return self.wrk.load(url, self.options.seconds, scene.connections,
                             lua)

    def measure(self, scene, server, origin):
        url = f"http://{server.address}/one"
        self.prepare(scene, url)
        before, origin_before = at_rest(server), origin.processor_ns()
        start = time.monotonic()
        made, wrong = self.load(scene, url)
        seconds = time.monotonic() - start
        return Cost((at_rest(server) - before) / made / 1e3,
                    (origin.processor_ns() - origin_before) / made / 1e3,
                    made / seconds, wrong)

    def one(self, scene, name):
        """One round of one server, from its start to its end."""
        origin = BareLoop(self.load_cpu, scene.kib << 10,
                          "max-age=86400" if scene.cacheable else "no-store")
        try:
            server = self.start(name, scene, origin.address)
            try:
                cost = self.measure(scene, server, origin)
                self.check(scene, name, server, cost)
                return cost
            finally:
                server.stop()
                self.forget(name)
        finally:
            origin.stop()

    def check(self, scene, name, server, cost):
        """A scene is only worth its name if that is what happened."""
        if cost.wrong:
            self.unfit.append(f"{scene.name}, {name}: {cost.wrong} errors")
        asked = cost.origin_us > 0.5
        if name != "bare loop" and asked != (scene.paths is NEW):
            self.unfit.append(f"{scene.name}, {name}: the origin was "
                              f"{'' if asked else 'not '}asked")
        if name == "larder" and scene.paths is NEW and scene.cacheable:
            figures = server.figures()
            stored = figures["total"]["stored"] / figures["total"]["misses"]
            evicted = figures["store"]["evicted"] > 0
            if stored < 0.99 or evicted != (scene.megabytes == SMALL_MB):
                self.unfit.append(
                    f"{scene.name}, larder: {stored:.1%} of the misses "
                    f"stored, {figures['store']['evicted']} evicted")

    def scene(self, scene, names):
        """All rounds of a scene, and its lines of the table."""
        rounds = collections.defaultdict(list)
        for _ in range(self.options.rounds):
            for name in names:
                rounds[name].append(self.one(scene, name))
        us = {name: statistics.median(c.us for c in costs)
              for name, costs in rounds.items()}
        for name in names:
            if not scene.cacheable:
                self.passes[name, scene.kib] = us[name]
            rate = statistics.median(c.rate for c in rounds[name])
            print(f"{scene.name:15} {name:10} {us[name]:9.2f} "
                  f"{ratio(us[name], us.get('bare loop'))} "
                  f"{self.beside_pass(scene, name, us[name])} {rate:10.0f}",
                  flush=True)

    def beside_pass(self, scene, name, us):
        if not scene.cacheable or name == "bare loop":
            return ratio(us, None)
        return ratio(us, self.passes.get((name, scene.kib)))


def ratio(us, base):
    return f"{us / base:7.2f}" if base else f"{'-':>7}"


def chosen(available, only):
    """Those that are named; all, when none is."""
    return [x for x in available if x in only] or list(available)


def main(t, options):
    bench = Bench(t, options)
    only = options.only.split(",") if options.only else []
    scenes = chosen([s.name for s in SCENES], only)
    names = chosen([n for n in SERVERS
                    if n not in ("nginx", "haproxy") or find(n)], only)
    print(f"{'scene':15} {'server':10} {'us/request':>9} {'x bare':>6} "
          f"{'x pass':>7} {'requests/s':>10}")
    with on_cpu(bench.load_cpu):
        for scene in SCENES:
            if scene.name in scenes:
                bench.scene(scene, names)
    equal(bench.unfit, [], "what is not as it should be")


def arguments():
    parser = argparse.ArgumentParser()
    parser.add_argument("--seconds", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=1)
    parser.add_argument("--only", default="", help="scenes, servers")
    return parser.parse_args()


def what_is_missing():
    if not wrk.installed():
        return "wrk is not installed (Debian: apt-get install wrk)"
    if not os.access(bare_loop(), os.X_OK):
        return bare_loop() + " is not built; `make bench` does"
    if len(os.sched_getaffinity(0)) < 2:
        return "there is only one processor to run on; it takes two"
    return None


options = arguments()  # --help needs nothing else
if missing := what_is_missing():
    raise SystemExit("cost.py: " + missing)
demonstrate(lambda t: main(t, options))
