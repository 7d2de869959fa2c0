"""A response may be shared with those who waited for it only where it may be
reused (RFC 9111 4): not one that must be validated before each use."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, eventually, run, together


def pages(t, control):
    """Each of 8 users asks at the same time; what they get."""
    origin, gate = t.origin(), t.gate()

    def answer(request):
        user = request.get("Cookie")
        if user == "user=0":
            gate.wait(60)
        return reply(control, f'ETag: "{user}"', body=user.encode())

    origin.on("/account", answer)
    larder = t.larder(origin)
    clients = [t.client(larder) for _ in range(8)]
    clients[0].ask("GET", "/account", "Cookie: user=0")
    origin.wait_count(1)
    for i, client in enumerate(clients[1:], 1):
        client.ask("GET", "/account", f"Cookie: user={i}")
    clients[1].silent(0.3)
    gate.set()
    bodies = together(8, lambda i: clients[i].read().body)
    equal(bodies, [b"user=%d" % i for i in range(8)], "the pages")


def test_no_cache_is_not_shared(t):
    pages(t, "Cache-Control: no-cache")


def test_nor_what_is_stale_at_once(t):
    pages(t, "Cache-Control: max-age=0")


def test_each_validates_for_itself(t):
    origin, gate = t.origin(), t.gate()

    def answer(request):
        user = request.get("Cookie")
        if request.get("If-None-Match") and user == "user=0":
            gate.wait(60)
            return reply("Cache-Control: no-cache", status=304)
        return reply("Cache-Control: no-cache", 'ETag: "0"',
                     body=user.encode())

    origin.on("/account", answer)
    larder = t.larder(origin)
    with larder.client() as client:
        client.get("/account", "Cookie: user=0")
        eventually(lambda: "If-None-Match" in dict(
            client.get("/account", "Cookie: user=1")
            and origin.seen()[-1].fields), "it is stored")
    before = origin.count()
    clients = [t.client(larder) for _ in range(4)]
    for i, client in enumerate(clients):
        client.ask("GET", "/account", f"Cookie: user={i}")
        if i == 0:
            origin.wait_count(before + 1)
    clients[1].silent(0.3)
    gate.set()
    bodies = [client.read().body for client in clients]
    equal(bodies[1:], [b"user=1", b"user=2", b"user=3"])


run()
