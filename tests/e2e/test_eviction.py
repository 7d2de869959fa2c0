"""What stays when the store is full (CacheEviction)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from bodies import body_of
from control import stats, wait_landed
from origin import cacheable
from runner import equal, run, true

CONF = """
CacheSize 4M
CacheDurability Fast
MaxKeepAliveRequests 0
ControlSocket {dir}/control
"""
FAVOURITES = [f"/favourite/{n}" for n in range(5)]


def started(t, conf=""):
    origin = t.origin()
    origin.fallback = lambda request: cacheable(
        body_of(request.target, 20_000))
    return t.larder(origin, CONF + conf)


def like(larder):
    """All favourites are asked for some times, once they are stored: what
    comes from a fetch under way is no use of the store."""
    with larder.client() as client:
        for path in FAVOURITES:
            client.get(path)
        wait_landed(larder)
        for path in FAVOURITES * 2:
            true(client.get(path).hit, path)


def flood(larder, turns):
    """As many others as there is room for, once each, so many times."""
    with larder.client() as client:
        for turn in range(turns):
            for n in range(170):
                equal(client.get(f"/{turn}/{n}").status, 200)
            wait_landed(larder)


def left(larder):
    with larder.client() as client:
        return sum(client.get(path, "Cache-Control: only-if-cached").status
                   == 200 for path in FAVOURITES)


def test_what_is_asked_for_stays_when_others_pass(t):
    larder = started(t)
    like(larder)
    flood(larder, 3)
    true(stats(larder)["store"]["evicted"] > 100, "the store was full")
    equal(left(larder), len(FAVOURITES), "favourites in the store")


def test_it_is_known_after_a_restart(t):
    larder = started(t)
    like(larder)
    larder.stop()
    larder.start()
    flood(larder, 3)
    equal(left(larder), len(FAVOURITES), "favourites in the store")


def test_first_in_first_out_can_be_had(t):
    larder = started(t, "CacheEviction FIFO")
    like(larder)
    flood(larder, 3)
    equal(left(larder), 0, "favourites in the store")


def test_least_recently_used_can_be_had(t):
    larder = started(t, "CacheEviction LRU")
    like(larder)
    flood(larder, 1)
    equal(left(larder), len(FAVOURITES), "favourites in the store")
    flood(larder, 3)
    equal(left(larder), 0, "favourites in the store")


def test_what_is_not_admitted_is_served_and_counted(t):
    larder = started(t)
    body = body_of("/large", 1_000_000)
    t.origins[0].on("/large", cacheable(body))
    flood(larder, 2)
    with larder.client() as client:
        for n in range(170):
            client.get(f"/0/{n}", "Cache-Control: only-if-cached")
            client.get(f"/1/{n}", "Cache-Control: only-if-cached")
        response = client.get("/large")
        true(response.body == body, "its bytes")
        wait_landed(larder)
        response = client.get("/large", "Cache-Control: only-if-cached")
        equal(response.status, 504, "it was not stored")
    equal(stats(larder)["store"]["not_admitted"], 1, "counted")


run()
