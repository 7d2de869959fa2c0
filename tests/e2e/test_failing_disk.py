"""A disk that fails or fills up costs stored objects, never an answer.

failing_disk.c makes larder's writes, syncs and reserving fail; a small file
system fills up in earnest.
"""

import errno
import os
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/../support")
import ports
from bodies import body_of
from control import CONTROL, stats, wait_landed
from failing_disk import (META, RESERVING, SYNCS, WRITES, FailingDisk,
                          fill_up, small_disk)
from larder import CONFIGURATION, program, sanitized
from origin import cacheable
from runner import Skip, equal, eventually, run, true

BODY_BYTES = 50_000
LARGE_BYTES = 20_000_000  # more than may wait for the store
CONF = CONTROL + "MaxKeepAliveRequests 0\nLogLevel notice\n"
COMPLAINT = "could not write to the store"
SMALL = 64  # MB


def body(path):
    return body_of(path, LARGE_BYTES if path == "/large" else BODY_BYTES)


def started(t, conf="", start=True, **more):
    origin = t.origin()
    origin.fallback = lambda request: cacheable(body(request.target))
    return t.larder(origin, CONF + conf, start=start, **more)


def failing_disk(t):
    if sanitized():
        raise Skip("a sanitizer's library must come first")
    disk = FailingDisk(t.dir)
    t.stack.callback(disk.close)
    return disk


def with_failing_disk(t, conf="", start=True):
    disk = failing_disk(t)
    return disk, started(t, conf, start, env=disk.env)


def serve(larder, name, n):
    """Every answer is right, wherever it comes from."""
    with larder.client() as client:
        for i in range(n):
            response = client.get(f"/{name}/{i}")
            equal(response.status, 200)
            true(response.body == body(f"/{name}/{i}"), f"/{name}/{i}")


def kept(larder, path):
    """Is it in the store, and right?"""
    response = larder.get(path, "Cache-Control: only-if-cached")
    if response.status == 504:
        return False
    true(response.body == body(path), path)
    return True


def store(larder, path):
    """Asks until it is in the store: the writer pauses after a failure."""
    def tried():
        true(larder.get(path).body == body(path), path)
        wait_landed(larder)
        return kept(larder, path)
    eventually(tried, f"{path} is stored", 10)


def complaints(larder):
    return "".join(larder.log_lines).count(COMPLAINT)


def failed(larder):
    return stats(larder)["store"]["fills_failed"]


# ---- a disk that says no ----

def fail_and_recover(t, what, error):
    """Whichever of the next writes (or syncs) it is that fails, and when
    all do: answers are right, and afterwards objects are stored again."""
    disk, larder = with_failing_disk(t)
    store(larder, "/before")
    for n in range(1, 9):
        disk.order(what, error, first=n, last=n)
        tries = 0
        while disk.failed < n:
            serve(larder, f"one/{n}/{tries}", 1)
            tries += 1
        disk.stop()
        store(larder, f"/after/{n}")
    equal(disk.failed, 8)

    disk.order(what, error)
    serve(larder, "none", 20)
    eventually(lambda: failed(larder) >= 20, "they are counted")
    true(kept(larder, "/before"), "what is stored is served")
    disk.stop()
    store(larder, "/after")
    equal(complaints(larder), 1, "lines in the log in a minute")
    t.clock.advance(61)
    disk.order(what, error)
    serve(larder, "again", 1)
    larder.wait_log(COMPLAINT + "(.|\n)*" + COMPLAINT)
    disk.stop()
    store(larder, "/at/last")
    larder.stop()
    larder.start()
    for path in ("/before", "/after", "/at/last"):
        true(kept(larder, path), f"{path} after a restart")


def test_writes_that_fail_cost_their_objects_only(t):
    fail_and_recover(t, WRITES, errno.EIO)


def test_writes_without_room_cost_their_objects_only(t):
    fail_and_recover(t, WRITES, errno.ENOSPC)


def test_syncs_that_fail_cost_their_objects_only(t):
    fail_and_recover(t, SYNCS, errno.EIO)


def test_syncs_without_room_cost_their_objects_only(t):
    fail_and_recover(t, SYNCS, errno.ENOSPC)


def test_lmdb_gives_up_without_its_meta_page_and_larder_serves_on(t):
    """LMDB refuses everything then until it is opened anew."""
    disk, larder = with_failing_disk(t, "CacheMaxFileSize 100M")
    store(larder, "/before")
    disk.order(META, last=2)  # the page, and what is to undo it
    serve(larder, "meanwhile", 4)
    larder.wait_log(COMPLAINT)
    disk.stop()
    serve(larder, "then", 10)
    large = larder.get("/large").body
    true(large == body("/large"), "the bytes of what would have to wait")
    wait_landed(larder)
    true(failed(larder) >= 12, "they are counted")
    equal(complaints(larder), 1, "lines in the log in a minute")
    larder.stop()
    larder.start()
    true(kept(larder, "/before"), "what was stored is served")
    store(larder, "/after")


# ---- a disk that is full ----

def small(t, conf, **more):
    folder = os.path.join(t.dir, "disk")
    small_disk(t, folder, SMALL)
    template = CONFIGURATION.replace("{dir}/cache", folder + "/cache")
    return folder, started(t, conf, template=template, **more)


def test_a_store_larger_than_the_disk_is_refused_in_words(t):
    folder = os.path.join(t.dir, "disk")
    small_disk(t, folder, SMALL)
    ip = ports.own_ip()
    path = os.path.join(t.dir, "test.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(f"Listen {ip}:{ports.free_port(ip)}\n"
                   f"CacheRoot {folder}/cache\nCacheSize {2 * SMALL}M\n")
    result = subprocess.run([program(), "-f", path], capture_output=True,
                            text=True, timeout=60, check=False)
    equal(result.returncode, 1)
    for words in (f"{folder}/cache", "no room for CacheSize", "lower it"):
        true(words in result.stderr, result.stderr)
    equal(os.listdir(os.path.join(folder, "cache")).count("data.mdb"), 0)


def test_a_disk_that_others_fill_up_does_no_harm(t):
    folder, larder = small(t, "CacheSize 32M")
    store(larder, "/before")
    fill_up(folder)
    serve(larder, "turnover", 1500)
    store(larder, "/after")
    equal(failed(larder), 0)
    equal(complaints(larder), 0)


def test_without_reserved_space_a_full_disk_costs_objects_only(t):
    disk = failing_disk(t)
    disk.order(RESERVING, errno.EOPNOTSUPP)
    folder, larder = small(t, "CacheSize 32M", env=disk.env)
    larder.wait_log("cannot reserve space")
    store(larder, "/before")
    other = fill_up(folder)
    serve(larder, "full", 100)
    eventually(lambda: failed(larder) > 50, "they are counted")
    equal(complaints(larder), 1, "lines in the log in a minute")
    os.unlink(other)
    store(larder, "/after")
    true(kept(larder, "/before"), "what was stored is served")


run()
