"""What was fetched once is answered from the store (RFC 9111 section 4)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, chunked, reply
from runner import equal, run, true, wait_hit


def test_the_first_request_is_a_miss_and_the_second_a_hit(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", "X-Own: kept",
                          "Content-Type: text/plain", body=b"hello"))
    client = t.client(t.larder(origin))

    first = client.get("/a")
    equal(first.status, 200)
    equal(first.body, b"hello")
    equal(first.cache.get("fwd"), "uri-miss", "Cache-Status fwd")
    true(not first.hit, "the first is no hit")

    second = wait_hit(client, "/a")
    equal(second.status, 200)
    equal(second.body, b"hello")
    equal(second.get("X-Own"), "kept")
    equal(second.get("Content-Type"), "text/plain")
    equal(second.get("Content-Length"), "5")
    equal(origin.count(), 1, "requests at the origin")


def test_a_hit_says_its_age_and_what_is_left(t):  # RFC 9111 5.1, RFC 9211 2.4
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=100", body=b"x"))
    larder = t.larder(origin)
    larder.get("/a")
    wait_hit(t.client(larder), "/a")

    t.clock.advance(30)
    hit = larder.get("/a")
    equal(hit.cache[""], "larder", "the cache's name in Cache-Status")
    true(hit.hit, "it is a hit")
    true(30 <= hit.age <= 33, f"Age {hit.age} is about 30")
    equal(int(hit.cache["ttl"]), 100 - hit.age, "ttl")


def test_a_miss_has_no_age(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=100", body=b"x"))
    equal(t.larder(origin).get("/a").get("Age"), None)


def test_the_age_an_upstream_cache_gave_counts(t):  # RFC 9111 4.2.3
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=100", "Age: 40", body=b"x"))
    larder = t.larder(origin)
    true(larder.get("/a").age >= 40, "the miss passes the Age on")
    hit = wait_hit(t.client(larder), "/a")
    true(40 <= hit.age <= 43, f"Age {hit.age} is about 40")


def test_bodies_of_every_length_come_back_whole(t):
    sizes = (0, 1, 2019, 2020, 4079, 4080, 4081, 8160, 65535, 65536, 300001)
    origin = t.origin()
    bodies = {n: bytes(i * 7 % 251 for i in range(n)) for n in sizes}
    for n, body in bodies.items():
        origin.on(f"/{n}", reply("Cache-Control: max-age=60", body=body))
    client = t.client(t.larder(origin))

    for n, body in bodies.items():
        true(client.get(f"/{n}").body == body, f"{n} bytes from the origin")
    for n, body in bodies.items():
        true(wait_hit(client, f"/{n}").body == body,
             f"{n} bytes from the store")
    equal(origin.count(), len(sizes), "requests at the origin")


def test_a_body_of_unknown_length_is_stored_too(t):
    origin = t.origin()
    head = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
    origin.on("/chunked", head + b"Transfer-Encoding: chunked\r\n\r\n"
              + chunked(b"some ", b"pieces"))
    origin.on("/close", [head + b"\r\nto the end", CLOSE])
    client = t.client(t.larder(origin))

    for path, body in (("/chunked", b"some pieces"),
                       ("/close", b"to the end")):
        equal(client.get(path).body, body)
        hit = wait_hit(client, path)
        equal(hit.body, body)
        equal(hit.get("Content-Length"), str(len(body)))
    equal(origin.count(), 2, "requests at the origin")


run()
