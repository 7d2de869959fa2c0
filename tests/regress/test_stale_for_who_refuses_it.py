"""A stale answer in place of an error is not for those who waited for it and
want nothing stale (RFC 9111 5.2.1, RFC 5861 4)."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, wait_hit


def test_a_reload_behind_a_request_that_is_covered_for(t):
    for demand in ("no-cache", "max-age=0", "min-fresh=5"):
        origin, gate = t.origin(), t.gate()
        origin.on("/a", reply("Cache-Control: max-age=60, "
                              "stale-if-error=600", body=b"stored"),
                  [gate, b"HTTP/1.1 503 No\r\nContent-Length: 2\r\n\r\nno"],
                  reply(status=503, body=b"no"))
        larder = t.larder(origin)
        with larder.client() as client:
            client.get("/a")
            wait_hit(client, "/a")
        t.clock.advance(100)
        leader, reload, other = (t.client(larder) for _ in range(3))
        leader.ask("GET", "/a")
        origin.wait_count(2)
        reload.ask("GET", "/a", "Cache-Control: " + demand)
        other.ask("GET", "/a")
        other.silent()
        gate.set()
        equal(leader.read().body, b"stored")
        equal(other.read().body, b"stored", "who takes it")
        equal(reload.read().status, 503, demand)
        equal(origin.count(), 3, "requests at the origin")


run()
