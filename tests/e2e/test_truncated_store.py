"""Somebody cuts off the data file: behind larder's back, or under it."""

import contextlib
import os
import signal
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from bodies import body_of
from control import CONTROL, wait_landed
from http1 import Ended, Malformed
from larder import sanitized
from origin import cacheable
from runner import equal, run, true

OBJECTS = 60
BODY_BYTES = 50_000
KEPT_PAGES = 100


def body(path):
    return body_of(path, BODY_BYTES)


def filled(t):
    origin = t.origin()
    origin.fallback = lambda request: cacheable(body(request.target))
    larder = t.larder(origin, CONTROL + "MaxKeepAliveRequests 0\n")
    with larder.client() as client:
        for i in range(OBJECTS):
            client.get(f"/{i}")
    wait_landed(larder)
    return larder


def cut(larder):
    os.truncate(larder.dir + "/cache/data.mdb", KEPT_PAGES * 4096)


def serves(larder):
    for path in ("/1", "/new"):
        response = larder.get(path)
        equal(response.status, 200)
        true(response.body == body(path), path)


def test_cut_off_while_stopped_it_is_set_aside(t):
    larder = filled(t)
    larder.stop()
    cut(larder)
    larder.start()
    serves(larder)
    true([name for name in os.listdir(larder.dir + "/cache")
          if name.startswith("aside.")], "what is left of it is kept")


def test_cut_off_under_a_running_larder_it_dies_and_begins_anew(t):
    """What is mapped and not there any more raises SIGBUS; a body from
    there ends its connection only."""
    larder = filled(t)
    cut(larder)
    for i in range(OBJECTS):
        with contextlib.suppress(Ended, Malformed, ConnectionError):
            response = larder.get(f"/{i}")
            true(response.body == body(f"/{i}"), f"/{i}")
    status = larder.wait_exit()
    if not sanitized():
        equal(status, -signal.SIGBUS, "how it ended")
    larder.start()
    serves(larder)


run()
