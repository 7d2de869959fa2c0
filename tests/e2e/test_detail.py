"""Cache-Status tells why, and which rule decided (RFC 9211 2.2 and 2.8)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, reply, revalidating
from runner import equal, run, true, wait_hit


def said(response):
    return response.cache.get("fwd"), response.cache.get("detail")


def stored(t, *answers, conf=""):
    """A client of a larder that has the first answer to /a, 60 s old."""
    origin = t.origin()
    origin.on("/a", *answers)
    client = t.client(t.larder(origin, conf))
    client.get("/a")
    wait_hit(client, "/a")
    t.clock.advance(60)
    return client


def test_what_the_cache_is_not_asked_for(t):
    origin = t.origin()
    client = t.client(t.larder(origin, "CacheDisable /off/"))
    equal(said(client.request("POST", "/a", body=b"x")), ("method", "method"))
    equal(said(client.request("PUT", "/a", body=b"")), ("method", "method"))
    equal(said(client.request("GET", "/a", body=b"x")),
          ("bypass", "request body"))
    equal(said(client.get("/off/a")), ("bypass", "caching is off"))
    equal(said(client.request("POST", "/off/a", body=b"x")),
          ("bypass", "caching is off"))


def test_what_is_stale_by_a_hair_was_not_forwarded_for_the_request(t):
    origin = t.origin()
    origin.on("/a", cacheable(b"x", 'ETag: "1"', "Age: 60", max_age=60))
    larder = t.larder(origin)
    larder.get("/a")
    larder.stop()
    larder.start()  # now it is stored
    equal(said(larder.get("/a"))[0], "stale")


def test_no_cache_in_a_response_is_not_the_requests_wish(t):
    origin = t.origin()
    origin.on("/a", revalidating(b"x", '"1"',
                                 "Cache-Control: no-cache, max-age=60"))
    larder = t.larder(origin)
    larder.get("/a")
    larder.stop()
    larder.start()  # now it is stored
    equal(said(larder.get("/a")), ("stale", "no-cache"))


def test_what_lets_a_stale_answer_stand_in_for_an_error(t):
    error = reply(status=503)
    client = stored(t, cacheable(b"x", max_age=60), error)
    equal(said(client.get("/a")), ("stale", "CacheStaleOnError"))
    client = stored(
        t, reply("Cache-Control: max-age=60, stale-if-error=60", body=b"x"),
        error)
    equal(said(client.get("/a")), ("stale", "stale-if-error"))


def test_why_a_304_is_not_stored(t):
    client = stored(
        t, cacheable(b"x", 'ETag: "1"', max_age=60),
        reply('ETag: "1"', "Cache-Control: no-store", status=304))
    response = client.get("/a")
    equal(said(response), ("stale", "no-store"))
    true("stored" not in response.cache, "it is not said to be stored")


def test_what_was_found_first_is_no_reason_for_what_came_of_it(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", cacheable(b"x", 'ETag: "1"', max_age=60),
              [gate, b"HTTP/1.1 304 Not Modified\r\nVary: X-A\r\n\r\n"],
              cacheable(b"x", max_age=60))
    larder = t.larder(origin)
    larder.get("/a")
    wait_hit(t.client(larder), "/a")
    t.clock.advance(100)
    first, second = t.client(larder), t.client(larder)
    first.ask("GET", "/a")
    origin.wait_count(2)
    second.ask("GET", "/a")
    second.silent(0.3)
    gate.set()
    equal(said(first.read()), ("stale", "vary"))
    equal(said(second.read()), ("uri-miss", None))


def test_an_invalidation_during_the_fetch_is_the_reason(t):  # RFC 9111 4.4
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [gate, b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
                           b"Content-Length: 1\r\n\r\nx"], reply(body=b""))
    larder = t.larder(origin)
    client = t.client(larder)
    client.ask("GET", "/a")
    origin.wait_count(1)
    t.client(larder).request("POST", "/a", body=b"x")
    gate.set()
    response = client.read()
    equal(said(response), ("uri-miss", "invalidated"))
    true("stored" not in response.cache, "it is not said to be stored")


run()
