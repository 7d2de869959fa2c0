"""A store that is full goes on serving, within its bound."""

import os
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from bodies import body_of
from origin import cacheable
from runner import equal, run, together, true, wait_hit

MIB = 1 << 20


def disk_bytes(folder):
    return sum(os.stat(os.path.join(where, name)).st_blocks * 512
               for where, _, names in os.walk(folder) for name in names)


def test_100_mb_through_a_store_of_16_mb(t):
    origin = t.origin()
    origin.fallback = lambda request: cacheable(
        body_of(request.target, 100_000))
    larder = t.larder(origin, "CacheSize 16M\nMaxKeepAliveRequests 0")

    def flood(i):
        with larder.client() as client:
            for n in range(250):
                response = client.get(f"/{i}/{n}")
                equal(response.status, 200)
                true(response.body == body_of(f"/{i}/{n}", 100_000), "body")
    together(4, flood)

    true(disk_bytes(larder.dir + "/cache") <= 17 * MIB, "the bound holds")
    equal(origin.count(), 1000, "requests at the origin")
    client = t.client(larder)
    client.get("/after")
    wait_hit(client, "/after")
    newest = [client.get(f"/{i}/{n}", "Cache-Control: only-if-cached").status
              for i in range(4) for n in range(240, 250)]
    true(200 in newest, "some of the newest are kept")


def test_an_object_larger_than_the_store_is_passed_through(t):
    origin = t.origin()
    body = body_of("large", 40_000_000)
    origin.on("/large", cacheable(body))
    origin.on("/small", cacheable(b"x"))
    larder = t.larder(origin,
                      "CacheSize 16M\nCacheMaxFileSize 100000000")
    client = t.client(larder)
    for _ in range(2):
        response = client.get("/large")
        true(response.body == body, "its bytes")
        true(not response.hit, "no hit")
    client.get("/small")
    wait_hit(client, "/small")


def test_the_store_is_full_and_restarts(t):
    origin = t.origin()
    origin.fallback = lambda request: cacheable(
        body_of(request.target, 50_000))
    larder = t.larder(origin, "CacheSize 16M\nMaxKeepAliveRequests 0")
    for round_ in range(3):
        with larder.client() as client:
            for n in range(400):
                equal(client.get(f"/{round_}/{n}").status, 200)
        larder.stop()
        larder.start()
        with larder.client() as client:
            hits = 0
            for n in range(400):
                path = f"/{round_}/{n}"
                response = client.get(path, "Cache-Control: only-if-cached")
                if response.status == 200:
                    hits += 1
                    true(response.body == body_of(path, 50_000), path)
            true(hits > 20, f"{hits} of the last round are still there")


run()
