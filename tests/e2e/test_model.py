"""larder does what a model of RFC 9111 does, for any sequence of requests.

    test_model.py [WORD…]      as usual
    MODEL_SEED=7               the sequences of that seed
    MODEL_STEPS=1000           how many steps, for each test

Random answers, requests and waits are tried on larder and on the model
(tests/support/cache_model.py).  Every difference in what the client gets,
or in what the origin is asked, is one of the two's mistake; the shortest
sequence found that shows it is printed.
"""

import os
import random
import sys
import time

sys.path.insert(0, sys.path[0] + "/../support")
from cache_model import Choices, Model
from larder import sanitized
from model_steps import http, planned, random_steps, readable, shrink
from model_wire import Control, Wire, head_bytes
from runner import run
import ports

STEPS = 3000 if sanitized() else 27000
FIELDS = ("x-mark", "x-some", "etag", "cache-control")
CONDITIONS = ("if-none-match", "if-modified-since")
SHRINK_S = 20

# One worker: what it has read when it answers is then certain.  Nothing
# times out, since the clock makes leaps.
CONFIGURATION = """\
ServerName larder.test
Listen {listen}
WorkerThreads 1
CacheRoot {dir}/cache
CacheSize 512M
CacheDurability Fast
CacheSyncInterval 1ms
CacheEnable disk /
KeepAliveTimeout 10000000
Timeout 10000000
MaxKeepAliveRequests 0
ControlSocket {dir}/control
ProxyPass / {origin}/
{conf}
"""


class Slow(Exception):
    """So much real time went by that seconds cannot be told."""


class Pair:
    """larder and the clock, wire and counter that sequences share."""

    def __init__(self, t, choices, conf):
        self.choices, self.clock = choices, t.clock
        ip = ports.own_ip()
        port = ports.free_port(ip)
        self.wire = Wire(ip, port)
        t.first.callback(self.wire.close)
        self.larder = t.larder(origin_url=f"http://{ip}:{port}", conf=conf,
                               template=CONFIGURATION)
        self.control = Control(os.path.join(self.larder.dir, "control"))
        t.first.callback(self.control.close)
        self.sequences = 0

    def now(self):
        return int(self.clock.now())

    def begin_second(self):
        """Moves on to the beginning of a second: real time then does not
        change what whole seconds say, for nearly one."""
        self.clock.advance(1.05 - self.clock.now() % 1)
        self.started = time.monotonic()

    def check_speed(self):
        if time.monotonic() - self.started > 0.85:
            raise Slow

    def run(self, steps):
        """The first difference, as text, or None."""
        self.begin_second()
        self.sequences += 1
        self.said = []  # Cache-Status, for a report
        prefix = f"/{self.sequences}/"
        model, tags = Model(self.choices), {}
        for self.steps_done, step in enumerate(steps, 1):
            if "wait" in step:
                self.clock.advance(step["wait"])
                continue
            difference = self.step(model, step, prefix, tags)
            self.check_speed()
            if difference:
                return f"step {step['number']}: {difference}"
        self.barrier()
        self.check_speed()
        if self.wire.requests:
            return "the origin was asked behind the last answer"
        return None

    def step(self, model, step, prefix, tags):
        now, path = self.now(), prefix + str(step["path"])
        fields = request_fields(step, tags.get(path), now)
        before = Before(model, path, fields, now)
        # PENDING: max-stale takes what the store has still, and no refresh
        # begins while the fetch before it is on its way to the store.
        if before.stale or "max-stale" in fields.get("cache-control", ""):
            self.settle()
        want = model.request(
            step["method"], path, fields,
            lambda conditions: planned(step, prefix, conditions, now), now)
        if not want.hit:
            fields.pop("range", None)
        strange = []

        def answer(request):
            if (request.method, request.target) != (step["method"], path):
                strange.append(request.start)
            return planned(step, prefix, conditions_of(request), now)

        got = self.wire.exchange(
            self.larder.address, head_bytes(
                f"{step['method']} {path} HTTP/1.1",
                {"host": "larder.test", **fields}), answer)
        self.said.append(f"{step['number']}: {got.status} "
                         f"{got.fields.get('cache-status')}")
        if want.refreshed:
            if not self.wire.wait_requests(len(want.asked)):
                return "the origin was not asked behind the answer"
            self.barrier(keep=True)
        validated = "fwd-status=304" in got.fields.get("cache-status", "")
        if want.asked and (want.refreshed or
                           before.hides(model, path, validated)):
            self.settle()
        if "etag" in got.fields:
            tags[path] = got.fields["etag"]
        if strange:
            return f"the origin was asked {strange}"
        return compare(want, got, self.wire.requests)

    def settle(self):
        """Waits until the store has all that was fetched."""
        while self.control.flights():
            pass

    def barrier(self, keep=False):
        """When this has been answered, larder has read all that was sent
        to it before."""
        requests = self.wire.requests
        self.wire.exchange(self.larder.address, head_bytes(
            "GET /none HTTP/1.1", {"host": "larder.test",
                                   "cache-control": "only-if-cached"}),
            self.wire.answer)
        if keep:
            self.wire.requests = requests + self.wire.requests


class Before:
    """What was stored before a request."""
    # PENDING: where that can still be used, it is what the next request gets
    # until the store has the head that a 304 brought; and of two new lists of
    # names in Vary, one may be lost until then.

    def __init__(self, model, path, fields, now):
        self.path, self.count = path, model.count
        self.kept = list(model.kept.get(path, []))
        self.listed = list(model.listed.get(path, []))
        self.selected = model.select(path, fields)
        verdict = self.selected and model.verdict(self.selected, {}, now)
        self.usable = verdict in ("fresh", "stale")
        self.stale = verdict == "stale"

    def hides(self, model, path, validated):
        now = model.kept.get(path, [])
        if not self.kept:  # a marker is on its way, or what replaces it
            return bool(now and (now[0].names or self.listed))
        return ((self.usable and validated) or
                self.kept != [self.selected] or
                {s.names for s in self.kept} !=
                {s.names for s in now})


def request_fields(step, tag, now):
    fields = {}
    for name, value in step["fields"].items():
        if name == "if-modified-since":
            value = http(now, value)
        elif name == "if-none-match":
            value = value.replace("last", tag or '"none"')
        fields[name] = value
    return fields


def conditions_of(request):
    return {n: request.fields[n] for n in CONDITIONS if n in request.fields}


def compare(want, got, requests):
    said = []
    asked = [conditions_of(request) for request in requests]
    if asked != want.asked:
        said.append(f"the origin was asked {asked}, model: {want.asked}")
    if got.status != want.status:
        said.append(f"status {got.status}, model: {want.status}")
    elif want.body is not None and got.body != want.body:
        said.append(f"body {got.body[:20]}, model: {want.body[:20]}")
    hit = "; hit" in got.fields.get("cache-status", "")
    if hit != want.hit:
        said.append(f"hit: {hit}, model: {want.hit}")
    shown = FIELDS[2:] if got.status == 304 else FIELDS
    for name in shown if not said and want.body is not None else ():
        if got.fields.get(name) != want.fields.get(name):
            said.append(f"{name}: {got.fields.get(name)}, "
                        f"model: {want.fields.get(name)}")
    if want.age is not None and got.fields.get("age") != str(want.age):
        said.append(f"age {got.fields.get('age')}, model: {want.age}")
    return "; ".join(said)


def explore(t, choices, conf):
    pair = Pair(t, choices, conf)
    seed = int(os.environ.get("MODEL_SEED", "1"))
    steps = int(os.environ.get("MODEL_STEPS", str(STEPS)))
    print(f"# seed {seed}, {steps} steps", flush=True)
    source, done, slow = random.Random(seed), 0, 0
    while done < steps:
        sequence = random_steps(source)
        done += len(sequence)
        try:
            difference = pair.run(sequence)
        except Slow:
            slow += len(sequence)
            continue
        if difference:
            raise AssertionError(report(pair, sequence, seed, difference))
    print(f"# {pair.sequences} sequences, {slow} steps were too slow to be "
          "judged", flush=True)
    if slow > steps // 2:
        raise AssertionError("this machine is too slow for the test")


def report(pair, sequence, seed, difference):
    end = time.monotonic() + SHRINK_S

    def fails(steps):
        try:
            return time.monotonic() < end and pair.run(steps)
        except Slow:
            return False
    short = shrink(sequence[:pair.steps_done], fails)
    difference = pair.run(short) or difference
    lines = [f"{step.get('number', ''):>3}  {readable(step)}"
             for step in short]
    return "\n".join([f"larder and the model differ; MODEL_SEED={seed}",
                      *lines, difference, *pair.said])


def test_with_the_usual_configuration(t):
    explore(t, Choices(), "")


def test_when_all_that_may_be_kept_is_kept(t):
    explore(t, Choices(store_expired=True, ignore_no_last_mod=True,
                       default_expire=50, min_expire=20, max_expire=500,
                       factor=0.5),
            "CacheStoreExpired On\nCacheIgnoreNoLastMod On\n"
            "CacheDefaultExpire 50\nCacheMinExpire 20\nCacheMaxExpire 500\n"
            "CacheLastModifiedFactor 0.5")


def test_when_errors_are_shown_and_secrets_kept(t):
    explore(t, Choices(stale_on_error=False, store_private=True,
                       store_no_store=True, store_expired=True),
            "CacheStaleOnError Off\nCacheStorePrivate On\n"
            "CacheStoreNoStore On\nCacheStoreExpired On")


def test_when_what_clients_want_is_ignored(t):
    explore(t, Choices(ignore_cache_control=True),
            "CacheIgnoreCacheControl On")


if __name__ == "__main__":
    run()
