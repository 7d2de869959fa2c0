"""Stale at once, fresh behind the client's back (RFC 5861 section 3)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, reply
from runner import equal, eventually, run, together, true, wait_hit

CONTROL = "Cache-Control: max-age=60, stale-while-revalidate=300"


def stale(t, age, *answers, conf=""):
    """A larder whose /a is that old; the answers come after the first."""
    origin = t.origin()
    origin.on("/a", reply(CONTROL, 'ETag: "1"', body=b"old"), *answers)
    larder = t.larder(origin, conf)
    larder.get("/a")
    larder.stop()
    larder.start()  # now it is stored
    t.clock.advance(age)
    return larder, origin


def test_the_stale_answer_does_not_wait_for_the_origin(t):
    gate = t.gate()
    larder, origin = stale(t, 100, [gate, b"HTTP/1.1 200 OK\r\n"
                                    + CONTROL.encode() + b"\r\n"
                                    b"Content-Length: 3\r\n\r\nnew"])
    response = larder.get("/a")
    equal(response.body, b"old")
    true(response.hit, "it is a hit")
    true(int(response.cache["ttl"]) < 0, "and says that it is stale")

    origin.wait_count(2, "/a")
    equal(larder.get("/a").body, b"old", "while the origin thinks")
    gate.set()
    eventually(lambda: larder.get("/a").body == b"new", "the new body")
    equal(origin.count(), 2, "requests at the origin")


def test_a_304_refreshes_it(t):
    larder, origin = stale(t, 100, reply(CONTROL, 'ETag: "1"', status=304))
    larder.get("/a")
    eventually(lambda: int(larder.get("/a").cache.get("ttl", -1)) > 0,
               "a fresh hit")
    equal(origin.seen()[1].get("If-None-Match"), '"1"')
    equal(origin.count(), 2, "requests at the origin")


def test_a_refresh_has_no_condition_of_its_client(t):  # RFC 9111 4.3.1
    larder, origin = stale(t, 100, reply('ETag: "2"', status=304),
                           reply(CONTROL, body=b"new"))
    equal(larder.get("/a", 'If-None-Match: "1"').status, 304)
    origin.wait_count(3, "/a")  # the 304 was about something else
    equal(origin.seen()[2].get("If-None-Match"), None)
    eventually(lambda: larder.get("/a").body == b"new", "the new body")


def test_many_clients_cause_one_refresh(t):
    gate = t.gate()
    larder, origin = stale(t, 100, [gate, CLOSE])
    bodies = together(20, lambda _: larder.get("/a").body)
    equal(set(bodies), {b"old"})
    origin.wait_count(2)
    equal(origin.count(), 2, "requests at the origin")


def test_beyond_the_window_the_client_waits(t):
    larder, origin = stale(t, 400, reply(CONTROL, body=b"new"))
    equal(larder.get("/a").body, b"new")


def test_a_refresh_that_fails_leaves_the_stale_one_in_use(t):
    larder, origin = stale(t, 100, reply(status=500, body=b"oops"))
    equal(larder.get("/a").body, b"old")
    origin.wait_count(2, "/a")
    origin.wait_ended("/a", 2)
    equal(larder.get("/a").body, b"old")


def test_requests_of_every_kind_cause_one_refresh(t):
    gate = t.gate()
    larder, origin = stale(t, 100, [gate, CLOSE])
    asks = [("GET", ()), ("HEAD", ()), ("GET", ("Range: bytes=0-1",)),
            ("GET", ('If-None-Match: "1"',))] * 5

    def ask(i):
        method, fields = asks[i]
        with larder.client() as client:
            return client.request(method, "/a", *fields).status

    statuses = together(len(asks), ask)
    equal(statuses, [200, 200, 206, 304] * 5)
    origin.wait_count(2)
    equal(origin.seen()[-1].method, "GET")
    equal(origin.seen()[-1].get("Range"), None)
    equal(origin.count(), 2, "requests at the origin")


def test_without_the_lock_there_is_one_refresh_too(t):
    gate = t.gate()
    larder, origin = stale(t, 100, [gate, CLOSE], conf="CacheLock off")
    equal(set(together(20, lambda _: larder.get("/a").body)), {b"old"})
    origin.wait_count(2)
    equal(origin.count(), 2, "requests at the origin")


def test_each_variant_has_one_of_its_own(t):  # RFC 9111 4.1
    origin, gate = t.origin(), t.gate()
    gate.set()

    def answer(request):
        gate.wait(60)
        return reply(CONTROL, "Vary: X-Kind",
                     body=request.get("X-Kind").encode())

    origin.on("/a", answer)
    larder = t.larder(origin)
    kinds = ["one", "two"]
    for kind in kinds:
        with larder.client() as client:
            client.get("/a", "X-Kind: " + kind)
            wait_hit(client, "/a", "X-Kind: " + kind)
    t.clock.advance(100)
    gate.clear()
    bodies = together(20, lambda i: larder.get(
        "/a", "X-Kind: " + kinds[i % 2]).body.decode())
    equal(bodies, kinds * 10)
    origin.wait_count(4)
    equal(sorted(r.get("X-Kind") for r in origin.seen()[2:]), kinds)
    gate.set()


def test_when_the_window_ends_during_a_refresh_clients_wait_for_it(t):
    gate = t.gate()
    larder, origin = stale(t, 350, [gate, b"HTTP/1.1 200 OK\r\n"
                                    + CONTROL.encode() + b"\r\n"
                                    b"Content-Length: 3\r\n\r\nnew"])
    equal(larder.get("/a").body, b"old")
    origin.wait_count(2)
    t.clock.advance(20)  # 370 > 60 + 300
    client = t.client(larder)
    client.ask("GET", "/a")
    true(client.silent(), "it is not served stale")
    gate.set()
    equal(client.read().body, b"new")
    equal(origin.count(), 2, "requests at the origin")


def test_what_forbids_stale_content_forbids_it(t):
    # RFC 9111 5.2.2.2, 5.2.2.8, 5.2.2.10
    for more in ("must-revalidate", "proxy-revalidate", "s-maxage=60"):
        origin = t.origin()
        origin.on("/a", reply(CONTROL + ", " + more, body=b"old"),
                  reply(CONTROL, body=b"new"))
        larder = t.larder(origin)
        with larder.client() as client:
            client.get("/a")
            wait_hit(client, "/a")
        t.clock.advance(100)
        equal(larder.get("/a").body, b"new", more)


run()
