"""What is too large or too small to keep (CacheMaxFileSize, -MinFileSize)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable, chunk, chunked
from runner import equal, run, together, true, wait_hit

IF_STORED = "Cache-Control: only-if-cached"


def test_a_body_larger_than_the_most_is_not_kept(t):
    origin = t.origin()
    origin.on("/over", cacheable(b"x" * 1001))
    origin.on("/just", cacheable(b"x" * 1000))
    client = t.client(t.larder(origin, "CacheMaxFileSize 1000"))
    for path in ("/over", "/just"):
        client.get(path)
    wait_hit(client, "/just")
    equal(client.get("/over", IF_STORED).status, 504)
    equal(client.get("/over").body, b"x" * 1001)


def test_one_whose_length_shows_only_at_the_end_is_not_either(t):
    origin = t.origin()
    head = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")
    body = b"x" * 100_000
    origin.on("/a", head + chunk(body) * 30 + b"0\r\n\r\n")
    larder = t.larder(origin)
    equal(larder.get("/a").body, body * 30)
    equal(larder.get("/a", IF_STORED).status, 504)


def test_those_who_wait_for_one_too_large_all_get_it(t):
    origin, gate = t.origin(), t.gate()
    head = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")
    body = b"x" * 100_000
    origin.on("/a", [head, gate, chunk(body) * 30, b"0\r\n\r\n"])
    larder = t.larder(origin)
    clients = [t.client(larder) for _ in range(10)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(1)
    gate.set()
    bodies = together(10, lambda i: clients[i].read().body)
    true(all(b == body * 30 for b in bodies), "every body is right")


def test_a_body_smaller_than_the_least_is_not_kept(t):
    origin = t.origin()
    origin.on("/under", cacheable(b"x" * 99))
    origin.on("/just", cacheable(b"x" * 100))
    client = t.client(t.larder(origin, "CacheMinFileSize 100"))
    for path in ("/under", "/just"):
        client.get(path)
    wait_hit(client, "/just")
    equal(client.get("/under", IF_STORED).status, 504)


def test_so_is_one_whose_length_is_known_at_its_end_only(t):
    head = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n")
    origin = t.origin()
    origin.on("/under", head + chunked(b"x" * 99))
    origin.on("/just", head + chunked(b"x" * 100))
    client = t.client(t.larder(origin, "CacheMinFileSize 100"))
    for path in ("/under", "/just"):
        equal(client.get(path).status, 200)
    wait_hit(client, "/just")
    equal(client.get("/under", IF_STORED).status, 504)


def test_a_location_has_its_own_sizes(t):
    origin = t.origin()
    for path in ("/big/a", "/small/a"):
        origin.on(path, cacheable(b"x" * 1000))
    client = t.client(t.larder(origin, """
CacheMaxFileSize 500
<Location /big/>
    CacheMaxFileSize 5000
</Location>"""))
    for path in ("/small/a", "/big/a"):
        client.get(path)
    wait_hit(client, "/big/a")
    equal(client.get("/small/a", IF_STORED).status, 504)


run()
