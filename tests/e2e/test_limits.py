"""Limits on what a client may send, with Apache's names and answers."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from http1 import Ended
from origin import chunk, reply
from runner import equal, run, true


def setup(t, conf=""):
    origin = t.origin()
    origin.on("/a", reply(body=b"fine"))
    return origin, t.larder(origin, conf)


def refused(client, status, response):
    equal(response.status, status)
    true(client.closed(), f"closed after {status}")


def test_a_request_line_too_long_gives_414(t):
    origin, larder = setup(t, "LimitRequestLine 200")
    client = t.client(larder)
    refused(client, 414, client.get("/" + "a" * 200))
    equal(larder.get("/a?" + "q" * 150).status, 200)
    equal(larder.get("/a").body, b"fine")


def test_an_endless_request_line_is_cut_off(t):
    origin, larder = setup(t)
    client = t.client(larder)
    client.send(b"GET /" + b"a" * 20_000)
    refused(client, 414, client.read())


def test_a_field_too_long_gives_431(t):
    origin, larder = setup(t, "LimitRequestFieldSize 300")
    client = t.client(larder)
    refused(client, 431, client.get("/a", "X: " + "y" * 300))
    equal(larder.get("/a", "X: " + "y" * 250).status, 200)


def test_an_endless_field_is_cut_off(t):
    origin, larder = setup(t)
    client = t.client(larder)
    client.send(b"GET /a HTTP/1.1\r\nHost: h\r\nX: " + b"y" * 40_000)
    refused(client, 431, client.read())


def test_too_many_fields_give_431(t):
    origin, larder = setup(t, "LimitRequestFields 20")
    client = t.client(larder)
    refused(client, 431, client.get("/a", *["X: y"] * 21))
    equal(larder.get("/a", *["X: y"] * 15).status, 200)


def test_a_body_too_large_gives_413(t):
    origin, larder = setup(t, "LimitRequestBody 1000")
    client = t.client(larder)
    client.send(client.head("POST", "/a", "Content-Length: 1001"))
    refused(client, 413, client.read())
    equal(origin.count(), 0, "requests at the origin")
    equal(t.client(larder).request("POST", "/a", body=b"x" * 1000).status,
          200)


def test_chunks_too_many_are_cut_off(t):
    origin, larder = setup(t, "LimitRequestBody 1000")
    client = t.client(larder)
    client.send(client.head("POST", "/a", "Transfer-Encoding: chunked")
                + chunk(b"x" * 600) + chunk(b"x" * 600) + b"0\r\n\r\n")
    try:
        refused(client, 413, client.read())
    except (Ended, ConnectionError):
        pass
    equal([r for r in origin.seen() if r.body_bytes > 1000], [],
          "such a body at the origin")


def test_a_body_without_end_is_too_large_by_default(t):
    origin, larder = setup(t)
    client = t.client(larder)
    client.send(client.head("POST", "/a",
                            "Content-Length: 9223372036854775807"))
    refused(client, 413, client.read())


def test_0_means_no_limit_and_the_bytes_are_not_waited_for(t):
    origin, larder = setup(t, "LimitRequestBody 0")
    client = t.client(larder)
    client.send(client.head("POST", "/a",
                            "Content-Length: 9223372036854775807"))
    client.send(b"x" * 1000)
    origin.wait_count(1)
    client.close()
    origin.wait_no_connections()
    equal(larder.get("/a").body, b"fine", "others are served")


def test_an_endless_trailer_section_is_cut_off(t):
    origin, larder = setup(t)
    client = t.client(larder)
    client.send(client.head("POST", "/a", "Transfer-Encoding: chunked")
                + chunk(b"x") + b"0\r\n")
    try:
        client.send(b"X-Trailer: y\r\n" * 100_000)
        response = client.read()
        true(400 <= response.status < 500, f"status {response.status}")
    except (Ended, ConnectionError):
        pass
    equal(larder.get("/a").body, b"fine", "others are served")


def test_an_endless_chunk_extension_is_cut_off(t):
    origin, larder = setup(t)
    client = t.client(larder)
    client.send(client.head("POST", "/a", "Transfer-Encoding: chunked"))
    try:
        client.send(b"1;" + b"x" * 1_000_000)
        response = client.read()
        true(400 <= response.status < 500, f"status {response.status}")
    except (Ended, ConnectionError):
        pass
    equal(larder.get("/a").body, b"fine", "others are served")


run()
