"""What is being fetched while the resource changes is not stored, whether
others could have joined that fetch or not (RFC 9111 4.4)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run

OLD = (b"HTTP/1.1 200 OK\r\nCache-Control: max-age=60\r\n"
       b"Content-Length: 6\r\n\r\n")
NEW = OLD + b"newnew"


def changed_meanwhile(t, conf, *fields):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [OLD, b"old", gate, b"old"], reply(body=b"done"), NEW)
    larder = t.larder(origin, conf)
    reader = t.client(larder)
    reader.ask("GET", "/a", *fields)
    head = reader.read_head()
    with larder.client() as writer:
        equal(writer.request("POST", "/a", body=b"x").body, b"done")
    gate.set()
    equal(reader.read_body(head).body, b"oldold")
    reader.silent(0.5)
    equal(larder.get("/a").body, b"newnew", "what comes after the change")


def test_with_the_lock(t):
    changed_meanwhile(t, "")


def test_without_the_lock(t):
    changed_meanwhile(t, "CacheLock off")


def test_after_the_wait_for_it_was_given_up(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [gate, OLD, b"oldold"], [OLD, b"second"],
              reply(body=b"done"), NEW)
    larder = t.larder(origin, "CacheLockMaxAge 1")
    reader, other = t.client(larder), t.client(larder)
    reader.ask("GET", "/a")
    origin.wait_count(1)
    other.ask("GET", "/a")
    equal(other.read().body, b"second")
    with larder.client() as writer:
        equal(writer.request("POST", "/a", body=b"x").body, b"done")
    gate.set()
    equal(reader.read().body, b"oldold")
    reader.silent(0.5)
    equal(larder.get("/a").body, b"newnew", "what comes after the change")


run()
