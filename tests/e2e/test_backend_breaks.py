"""A backend that breaks off in the middle of a body (RFC 9112 section 8)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from http1 import Ended
from origin import CLOSE, RESET, chunk, reply
from runner import equal, run

HEAD = b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"


def broken(t, *script):
    """Asks for /a, which breaks off: what came, and larder."""
    origin = t.origin()
    origin.on("/a", list(script))
    larder = t.larder(origin)
    client = t.client(larder)
    client.ask("GET", "/a")
    response = client.read_head()
    if response.status == 502:  # it broke before the head was passed on
        return larder, origin, response
    equal(response.status, 200)
    try:
        client.read_body(response)
    except (Ended, ConnectionError):
        return larder, origin, response
    raise AssertionError("the client was told that the body is complete")


def nothing_stored(larder):
    equal(larder.get("/a", "Cache-Control: only-if-cached").status, 504,
          "nothing is stored")


def test_too_short_a_body_closes_the_clients_connection(t):
    larder, _, response = broken(
        t, HEAD + b"Content-Length: 100\r\n\r\n", b"x" * 50, CLOSE)
    if response.status == 200:
        equal(response.body, b"x" * 50)
    nothing_stored(larder)


def test_a_reset_does_too(t):
    larder, _, _ = broken(
        t, HEAD + b"Content-Length: 100\r\n\r\n" + b"x" * 50, RESET)
    nothing_stored(larder)


def test_chunks_without_an_end_are_not_ended_for_the_client(t):
    larder, _, response = broken(
        t, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk(b"some"), CLOSE)
    if response.status == 200:
        equal(response.body, b"some")
    nothing_stored(larder)


def test_a_malformed_chunk_ends_the_exchange(t):
    for bad in (b"zz\r\nsome\r\n", b"4\nsome\r\n", b"4\r\nsomeX",
                b"4 \r\nsome\r\n", b"-4\r\nsome\r\n", b"0x4\r\nsome\r\n",
                b"ffffffffffffffff1\r\nsome\r\n"):
        larder, _, _ = broken(
            t, HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk(b"ok"),
            bad + b"0\r\n\r\n", CLOSE)
        nothing_stored(larder)


def test_bytes_beyond_the_length_are_dropped_and_the_connection_too(t):
    origin = t.origin()
    origin.on("/a", HEAD + b"Content-Length: 4\r\n\r\nbodyHTTP/1.1 200 OK\r\n"
              b"Content-Length: 4\r\n\r\nevil")
    origin.on("/b", reply("Cache-Control: max-age=60", body=b"good"))
    client = t.client(t.larder(origin))
    equal(client.get("/a").body, b"body")
    equal(client.get("/b").body, b"good")
    equal(origin.seen("/b")[0].connection, 2, "a connection of its own")


def test_after_a_broken_one_the_next_request_is_served(t):
    larder, origin, _ = broken(
        t, HEAD + b"Content-Length: 100\r\n\r\n", b"x" * 50, CLOSE)
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"whole"))
    equal(larder.get("/a").body, b"whole")


run()
