"""Message bodies through larder, both ways (RFC 9112 sections 6 and 7)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, chunk, chunked, reply
from runner import equal, run, wait_hit

CHUNKED = "Transfer-Encoding: chunked"


def test_a_request_in_chunks_reaches_the_origin_whole(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"thanks"))
    client = t.client(t.larder(origin))
    client.send(client.head("POST", "/a", CHUNKED))
    for piece in (b"one ", b"two ", b"three" * 5000):
        client.send(chunk(piece))
    client.send(b"0\r\n\r\n")
    equal(client.read().body, b"thanks")
    equal(origin.seen()[0].body, b"one two " + b"three" * 5000)


def test_a_request_arriving_byte_by_byte_is_understood(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"thanks"))
    client = t.client(t.larder(origin))
    message = (client.head("POST", "/a", CHUNKED)
               + chunked(b"ab", b"c", trailers=b"X-T: v\r\n"))
    for i in range(len(message)):
        client.send(message[i:i + 1])
    equal(client.read().body, b"thanks")
    equal(origin.seen()[0].body, b"abc")


def test_chunk_extensions_are_read_over(t):  # RFC 9112 7.1.1
    origin = t.origin()
    origin.on("/a", reply(body=b"thanks"))
    client = t.client(t.larder(origin))
    client.send(client.head("POST", "/a", CHUNKED)
                + chunk(b"data", b';a=b;c="d;e"') + b"0;z\r\n\r\n")
    equal(client.read().status, 200)
    equal(origin.seen()[0].body, b"data")


def test_a_chunked_answer_streams_to_the_client(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                     b"Cache-Control: no-store\r\n\r\n", chunk(b"first"),
                     gate, chunk(b"second"), b"0\r\n\r\n"])
    client = t.client(t.larder(origin))
    client.ask("GET", "/a")
    response = client.read_head()
    equal(response.get("Transfer-Encoding"), "chunked")
    equal(client.reader.exactly(10), b"5\r\nfirst\r\n")
    gate.set()
    client.read_body(response)
    equal(response.body, b"second")


def test_a_response_in_odd_chunks_is_understood(t):
    origin = t.origin()
    head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
    for i, body in enumerate((
            b"0005\r\nhello\r\n0\r\n\r\n",
            b"5;ext=1\r\nhello\r\n0;last\r\n\r\n",
            b"1\r\nh\r\n1\r\ne\r\n3\r\nllo\r\n000\r\n\r\n")):
        origin.on(f"/{i}", head + body)
    client = t.client(t.larder(origin))
    for i in range(3):
        equal(client.get(f"/{i}").body, b"hello")


def test_trailers_of_a_response_are_passed_on(t):  # RFC 9110 6.5
    origin = t.origin()
    origin.on("/a", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
              b"Cache-Control: no-store\r\nTrailer: X-Sum\r\n\r\n"
              + chunked(b"data", trailers=b"X-Sum: 42\r\n"))
    client = t.client(t.larder(origin))
    response = client.get("/a", "TE: trailers")
    equal(response.body, b"data")
    equal(response.trailer("X-Sum"), "42")


def test_a_trailer_never_becomes_a_header(t):  # RFC 9110 6.5.1
    origin = t.origin()
    origin.on("/a", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
              b"Cache-Control: max-age=60\r\n\r\n"
              + chunked(b"data", trailers=b"Set-Cookie: evil=1\r\n"
                        b"Content-Length: 1\r\n"))
    client = t.client(t.larder(origin))
    client.get("/a")
    hit = wait_hit(client, "/a")
    equal(hit.get("Set-Cookie"), None)
    equal(hit.get("Content-Length"), "4")


def test_a_body_to_the_end_of_the_connection_is_delimited(t):
    origin = t.origin()
    origin.on("/a", [b"HTTP/1.1 200 OK\r\nCache-Control: no-store\r\n\r\n",
                     b"to the ", b"end", CLOSE])
    client = t.client(t.larder(origin))
    response = client.get("/a")
    equal(response.body, b"to the end")
    equal(response.get("Transfer-Encoding"), "chunked")
    equal(client.get("/a").body, b"to the end", "the connection goes on")


def test_an_http_1_0_backend_is_understood(t):
    origin = t.origin()
    origin.on("/a", [b"HTTP/1.0 200 OK\r\nCache-Control: max-age=60\r\n\r\n",
                     b"old style", CLOSE])
    client = t.client(t.larder(origin))
    response = client.get("/a")
    equal(response.version, "HTTP/1.1")
    equal(response.body, b"old style")
    equal(wait_hit(client, "/a").body, b"old style")


def test_a_get_with_a_body_keeps_the_connection_in_step(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"x"))
    client = t.client(t.larder(origin))
    for _ in range(4):
        equal(client.request("GET", "/a", body=b"GET /evil").status, 200)
    equal(origin.count("/evil"), 0)


def test_an_answer_before_the_request_is_complete_gets_through(t):
    origin = t.origin()
    origin.on("/a", reply(status=403, body=b"no", close=True),
              early=True)
    client = t.client(t.larder(origin))
    client.send(client.head("POST", "/a", "Content-Length: 10"), b"half")
    response = client.read()
    equal(response.status, 403)
    equal(response.body, b"no")


run()
