"""RequestReadTimeout is about the client: once its body is here, only the
backend is waited for."""

import sys
import time

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run


def test_no_408_while_the_backend_thinks(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [gate, b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"])
    larder = t.larder(origin, "RequestReadTimeout body=1")
    client = t.client(larder)
    client.send(client.head("POST", "/a", "Content-Length: 10"), b"first")
    origin.wait_count(1)
    client.send(b"other")
    client.silent(2)
    gate.set()
    equal(client.read().status, 200)


def test_a_backend_that_takes_the_body_slowly_is_not_the_clients_fault(t):
    origin, gate = t.origin(), t.gate()
    body = b"x" * (8 << 20)
    origin.on("/a", reply(body=b"ok"), hold=gate)
    larder = t.larder(origin, "RequestReadTimeout body=1\n"
                      "LimitRequestBody 0")
    client = t.client(larder)
    client.send(client.head("POST", "/a", f"Content-Length: {len(body)}"),
                body[:1000])
    origin.wait_count(1)
    client.sock.setblocking(False)
    sent = 1000
    end = time.monotonic() + 2
    while time.monotonic() < end:
        try:
            sent += client.sock.send(body[sent:])
        except BlockingIOError:
            time.sleep(0.05)
    client.sock.settimeout(60)
    gate.set()
    client.send(body[sent:])
    equal(client.read().status, 200)


run()
