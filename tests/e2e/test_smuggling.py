"""Ambiguous requests are refused whole (RFC 9112 section 11.2).

Each must give a 4xx or 5xx and a closed connection, and neither it nor
what is hidden behind it may reach the origin.
"""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true

HIDDEN = b"GET /hidden HTTP/1.1\r\nHost: h\r\n\r\n"
POST = b"POST /a HTTP/1.1\r\nHost: h\r\n"


def refused(t, *requests, statuses=(400,)):
    origin = t.origin()
    origin.on("/a", reply(body=b"a"))
    origin.on("/hidden", reply(body=b"smuggled"))
    larder = t.larder(origin)
    for request in requests:
        client = t.client(larder)
        client.send(request + HIDDEN)
        response = client.read()
        true(response.status in statuses, f"{response.status}: {request!r}")
        equal((response.get("Connection") or "").lower(), "close")
        true(client.closed(), f"closed after {request!r}")
    equal(origin.count(), 0, "requests at the origin")
    equal(larder.get("/a").body, b"a", "a good one after all that")


def refused_in_the_body(t, *requests):
    """The head is fine, the body is not: the origin may have seen the
    beginning, but neither all of it nor what follows."""
    origin = t.origin()
    origin.on("/a", reply(body=b"a"))
    larder = t.larder(origin)
    for request in requests:
        client = t.client(larder)
        client.send(request + HIDDEN)
        response = client.read()
        equal(response.status, 400, repr(request))
        true(client.closed(), f"closed after {request!r}")
    equal(origin.count("/hidden"), 0, "what was hidden")
    origin.wait_no_connections()
    equal([r.body for r in origin.seen("/a") if r.complete], [],
          "bodies that looked whole")


def test_both_content_length_and_transfer_encoding(t):  # 6.3
    chunks = b"Transfer-Encoding: chunked\r\n"
    length = b"Content-Length: 5\r\n"
    refused(t, POST + length + chunks + b"\r\n0\r\n\r\n",
            POST + chunks + length + b"\r\n0\r\n\r\n",
            POST + b"content-length:0\r\ntransfer-ENCODING:chunked\r\n\r\n"
            b"0\r\n\r\n")


def test_two_content_lengths(t):
    refused(t, POST + b"Content-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
            POST + b"Content-Length: 5, 6\r\n\r\nhello",
            POST + b"Content-Length: 0\r\nContent-Length: 5\r\n\r\nhello")


def test_content_lengths_that_are_no_numbers(t):
    for value in (b"-1", b"+5", b"0x5", b"5 5", b"", b"five", b"5.0",
                  b"18446744073709551616", b"99999999999999999999999", b"5;"):
        refused(t, POST + b"Content-Length: " + value + b"\r\n\r\nhello",
                statuses=(400, 413))


def test_transfer_codings_that_cannot_be_trusted(t):
    coding = POST + b"Transfer-Encoding: "
    refused(t, *(coding + value + b"\r\n\r\n0\r\n\r\n" for value in (
        b"chunked, chunked", b"chunked, identity", b"identity", b"xchunked",
        b"chunked;q=1", b"gzip", b"chunked\x0b", b"\x00chunked", b"",
        b'"chunked"', b"chunked,,gzip")), statuses=(400, 501))
    refused(t, coding + b"chunked\r\nTransfer-Encoding: identity\r\n\r\n"
            b"0\r\n\r\n", statuses=(400, 501))


def test_transfer_encoding_in_http_1_0(t):  # 6.1
    refused(t, b"POST /a HTTP/1.0\r\nHost: h\r\n"
            b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n")


def test_blanks_around_a_field_name(t):  # 5.1
    refused(t, POST + b"Content-Length : 5\r\n\r\nhello",
            POST + b" Content-Length: 5\r\n\r\nhello",
            POST + b"Transfer-Encoding : chunked\r\n\r\n0\r\n\r\n",
            POST + b"Transfer-Encoding\t: chunked\r\n\r\n0\r\n\r\n",
            POST + b": empty\r\n\r\n", POST + b"no colon\r\n\r\n",
            POST + b"a b: c\r\n\r\n")


def test_folded_lines(t):  # 5.2
    refused(t, POST + b"X: a\r\n b\r\n\r\n", POST + b"X: a\r\n\tb\r\n\r\n",
            POST + b"Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n",
            b"POST /a HTTP/1.1\r\n X: first\r\nHost: h\r\n\r\n")


def test_bare_line_ends(t):  # 2.2
    refused(t, b"GET /a HTTP/1.1\nHost: h\n\n",
            b"GET /a HTTP/1.1\r\nHost: h\n\r\n",
            b"GET /a HTTP/1.1\r\nHost: h\r\nX: a\nY: b\r\n\r\n",
            b"GET /a HTTP/1.1\r\nHost: h\r\nX: a\rY: b\r\n\r\n",
            b"GET /a HTTP/1.1\rHost: h\r\r\n\r\n",
            b"GET /a HTTP/1.1\r\nHost: h\r\n\n")


def test_control_bytes(t):
    refused(t, *(POST + b"X: a" + bad + b"b\r\n\r\n"
                 for bad in (b"\0", b"\1", b"\x0b", b"\x7f")),
            *(POST + b"X" + bad + b": b\r\n\r\n"
              for bad in (b"\0", b"\x80", b"(", b"/", b"[", b'"')))


def test_bad_request_lines(t):
    refused(t, b"GET  /a HTTP/1.1\r\nHost: h\r\n\r\n",
            b"GET /a  HTTP/1.1\r\nHost: h\r\n\r\n",
            b"GET /a HTTP/1.1 \r\nHost: h\r\n\r\n",
            b" GET /a HTTP/1.1\r\nHost: h\r\n\r\n",
            b"GET\t/a\tHTTP/1.1\r\nHost: h\r\n\r\n",
            b"G(T /a HTTP/1.1\r\nHost: h\r\n\r\n",
            b"GET /a b HTTP/1.1\r\nHost: h\r\n\r\n",
            b"GET /a\r\nHost: h\r\n\r\n",
            b"GET /a http/1.1\r\nHost: h\r\n\r\n",
            b"GET /a HTTP/1.1x\r\nHost: h\r\n\r\n",
            b"GET /a HTTP/11\r\nHost: h\r\n\r\n", b"\0\0\0\0\r\n\r\n")


def test_versions_that_do_not_exist_here(t):
    refused(t, b"GET /a HTTP/2.0\r\nHost: h\r\n\r\n",
            b"GET /a HTTP/0.9\r\nHost: h\r\n\r\n",
            b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", statuses=(400, 505))


def test_a_host_that_is_missing_double_or_no_host(t):  # 3.2
    refused(t, b"GET /a HTTP/1.1\r\n\r\n",
            b"GET /a HTTP/1.1\r\nHost: h\r\nHost: h\r\n\r\n",
            b"GET /a HTTP/1.1\r\nHost: h\r\nhost: i\r\n\r\n",
            *(b"GET /a HTTP/1.1\r\nHost: " + host + b"\r\n\r\n" for host in (
                b"a b", b"a/b", b"u@h", b"h:x", b"h:99999", b"h:-1",
                b"[::1", b"h?x", b"h#x", b"a\\b")))


def test_chunks_that_are_none(t):  # 7.1
    head = POST + b"Transfer-Encoding: chunked\r\n\r\n"
    refused_in_the_body(t, *(head + body for body in (
        b"zz\r\nhello\r\n0\r\n\r\n", b"5\nhello\r\n0\r\n\r\n",
        b"5\r\nhello0\r\n\r\n", b"5\r\nhello\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n", b"+5\r\nhello\r\n0\r\n\r\n",
        b"0x5\r\nhello\r\n0\r\n\r\n", b"5 \r\nhello\r\n0\r\n\r\n",
        b" 5\r\nhello\r\n0\r\n\r\n", b"\r\n5\r\nhello\r\n0\r\n\r\n",
        b"10000000000000005\r\nhello\r\n0\r\n\r\n",
        b"5;a\nb\r\nhello\r\n0\r\n\r\n", b"5;\0\r\nhello\r\n0\r\n\r\n",
        b"5\r\r\nhello\r\n0\r\n\r\n", b";\r\nhello\r\n0\r\n\r\n",
        b"5\r\nhello\r\n0\r\nbad trailer\r\n\r\n",
        b"5\r\nhello\r\n0\r\nX: a\n\r\n")))


def test_fields_named_by_connection_are_not_forwarded(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"a"))
    client = t.client(t.larder(origin))
    client.get("/a", "Connection: X-Secret, close", "X-Secret: 1",
               "Keep-Alive: timeout=5", "Proxy-Connection: keep-alive",
               "Upgrade: websocket", "TE: gzip")
    request = origin.seen()[0]
    for name in ("X-Secret", "Keep-Alive", "Proxy-Connection", "Upgrade"):
        equal(request.get(name), None, name)


run()
