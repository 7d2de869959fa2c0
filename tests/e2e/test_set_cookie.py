"""Answers that set a cookie (RFC 9111 section 7.3)."""

import http.client
import json
import socket
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, eventually, run, true, wait_hit

SOCKET = "ControlSocket {dir}/control\nWorkerThreads 1\n"


class Control(http.client.HTTPConnection):
    def __init__(self, path):
        super().__init__("larder")
        self.path = path

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.connect(self.path)


def stored(larder):
    """How many answers were stored, and how many of them with a cookie."""
    control = Control(larder.dir + "/control")
    control.request("GET", "/stats")
    total = json.loads(control.getresponse().read())["total"]
    control.close()
    return total["stored"], total["stored_set_cookie"]


def guessed(t, *fields):
    return reply(f"Last-Modified: {t.clock.date(-36000)}",
                 "Set-Cookie: a=b", *fields, body=b"x")


def test_a_cookie_keeps_no_answer_from_being_stored(t):
    origin = t.origin()
    origin.on("/a", guessed(t))
    origin.on("/b", guessed(t))
    larder = t.larder(origin, SOCKET)
    client = t.client(larder)
    for path in ("/a", "/b"):
        equal(client.get(path).get("Set-Cookie"), "a=b")
        equal(wait_hit(client, path).get("Set-Cookie"), "a=b")
    equal(stored(larder), (2, 2))
    larder.stop()
    equal(larder.log.count("stored with its Set-Cookie"), 1,
          "warnings within a minute")
    true("/a is stored with its Set-Cookie" in larder.log, "it has the URL")
    true('"CacheIgnoreHeaders Set-Cookie"' in larder.log, "what helps")


def test_the_warning_comes_again_after_a_minute(t):
    origin = t.origin()
    larder = t.larder(origin, SOCKET)
    client = t.client(larder)
    for path, later in (("/a", 10), ("/b", 60), ("/c", 0)):
        origin.on(path, guessed(t))
        client.get(path)
        t.clock.advance(later)
    eventually(lambda: "/c is stored with" in larder.log, "a warning for /c")
    true("/b is stored with" not in larder.log, "none for /b")
    true("(1 such messages held back)" in larder.log, "it is counted")


def test_cache_ignore_headers_drops_it_without_a_word(t):
    origin = t.origin()
    origin.on("/a", guessed(t))
    larder = t.larder(origin, SOCKET + "CacheIgnoreHeaders Set-Cookie")
    client = t.client(larder)
    equal(client.get("/a").get("Set-Cookie"), "a=b")
    equal(wait_hit(client, "/a").get("Set-Cookie"), None)
    equal(stored(larder), (1, 0))
    larder.stop()
    true("Set-Cookie" not in larder.log, "no warning")


def test_a_private_cookie_is_the_first_clients_alone(t):  # RFC 9111 5.2.2.7
    origin = t.origin()
    origin.on("/a", guessed(t, 'Cache-Control: private="Set-Cookie"'))
    larder = t.larder(origin, SOCKET)
    client = t.client(larder)
    equal(client.get("/a").get("Set-Cookie"), "a=b")
    equal(wait_hit(client, "/a").get("Set-Cookie"), None)
    equal(stored(larder), (1, 0))


run()
