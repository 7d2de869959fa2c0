"""Backends that refuse, are silent, or talk nonsense: 502, 503, 504."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, RESET, reply
from runner import equal, run, true


def is_error_page(response, status):
    equal(response.status, status)
    true("html" in response.get("Content-Type"), "an HTML page")
    true(str(status).encode() in response.body, "the page names the status")


def test_a_backend_that_refuses_gives_503(t):
    origin = t.origin()
    larder = t.larder(origin)
    origin.stop()
    client = t.client(larder)
    is_error_page(client.get("/a"), 503)
    origin.on("/a", reply(body=b"back"))
    origin.start()
    equal(client.get("/a").body, b"back", "as soon as it is there again")


def test_a_silent_backend_gives_504(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [gate, CLOSE])
    client = t.client(t.larder(origin, "Timeout 600\nProxyTimeout 30"))
    client.ask("GET", "/a")
    origin.wait_count(1)
    t.clock.advance(31)
    is_error_page(client.read(), 504)


def test_bytes_from_the_backend_extend_its_deadline(t):
    origin = t.origin()
    gates = [t.gate(), t.gate(), t.gate()]
    origin.on("/a", [b"HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n",
                     gates[0], b"a", gates[1], b"b", gates[2], b"c"])
    client = t.client(t.larder(origin, "Timeout 600\nProxyTimeout 30"))
    client.ask("GET", "/a")
    response = client.read_head()
    for gate, byte in zip(gates, (b"a", b"b", b"c")):
        t.clock.advance(20)
        gate.set()
        equal(client.reader.exactly(1), byte)
    equal(response.status, 200)


def test_a_backend_that_closes_without_an_answer_gives_502(t):
    for ending in (CLOSE, RESET):
        origin = t.origin()
        origin.on("/a", [ending])
        is_error_page(t.larder(origin).get("/a"), 502)


def test_nonsense_from_the_backend_gives_502(t):
    origin = t.origin()
    larder = t.larder(origin)
    for i, nonsense in enumerate((
            b"What?\r\n\r\n",
            b"HTTP/1.1 2x0 OK\r\n\r\n",
            b"HTTP/1.1 99 Low\r\n\r\n",
            b"HTTP/2.0 200 OK\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nNo colon here\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n"
            b"Content-Length: 6\r\n\r\nhello!",
            b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, nosuch\r\n\r\nxx",
            b"HTTP/1.1 200 OK\r\nX: a\0b\r\nContent-Length: 0\r\n\r\n",
            b"HTTP/1.1 200 OK\r\nX: " + b"y" * 100_000 + b"\r\n\r\n",
            b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 5000 + b"\r\n",
            b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03")):
        origin.on(f"/{i}", [nonsense, CLOSE])
        is_error_page(larder.get(f"/{i}"), 502)
        equal(larder.get(f"/{i}", "Cache-Control: only-if-cached").status,
              504, "nothing is stored")


def test_a_head_cut_off_gives_502(t):
    origin = t.origin()
    origin.on("/a", [b"HTTP/1.1 200 OK\r\nContent-Le", CLOSE])
    is_error_page(t.larder(origin).get("/a"), 502)


def test_an_error_page_for_head_has_no_body(t):
    origin = t.origin()
    larder = t.larder(origin)
    origin.stop()
    client = t.client(larder)
    response = client.request("HEAD", "/a")
    equal(response.status, 503)
    equal(client.get("/a").status, 503, "the connection goes on")


def test_a_name_that_does_not_resolve_gives_an_error(t):
    larder = t.larder(origin_url="http://no-such-host.invalid")
    true(larder.get("/a").status in (502, 503), "an error page")


def test_an_error_is_not_stored(t):
    origin = t.origin()
    origin.on("/a", reply("Cache-Control: max-age=60", body=b"fine"))
    larder = t.larder(origin)
    origin.stop()
    equal(larder.get("/a").status, 503)
    origin.start()
    equal(larder.get("/a").body, b"fine")


def test_an_ambiguous_response_is_never_passed_on(t):  # RFC 9112 6.3
    origin = t.origin()
    origin.on("/a", [b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n"
                     b"Content-Length: 3\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
              reply(body=b"next"))
    client = t.client(t.larder(origin))
    response = client.get("/a")
    true(response.status == 502 or response.body == b"abc", "safe either way")
    equal(client.get("/a").body, b"next")
    equal(origin.seen()[1].connection, 2, "on a connection of its own")


run()
