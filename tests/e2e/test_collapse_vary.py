"""Collapsing never gives a client another variant than its own."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, together


def test_followers_of_another_variant_go_their_own_way(t):
    origin, gate = t.origin(), t.gate()

    def answer(request):
        gate.wait(60)
        return reply("Cache-Control: max-age=60", "Vary: X-Kind",
                     body=request.get("X-Kind").encode())

    origin.on("/a", answer)
    larder = t.larder(origin)
    kinds = ["one", "two", "three"] * 10
    clients = [t.client(larder) for _ in kinds]
    for client, kind in zip(clients, kinds):
        client.ask("GET", "/a", "X-Kind: " + kind)
    origin.wait_count(1)
    gate.set()
    bodies = together(len(kinds), lambda i: clients[i].read().body)
    equal([b.decode() for b in bodies], kinds)


def test_each_variant_is_fetched_once_when_vary_is_known(t):
    origin, gate = t.origin(), t.gate()
    gate.set()

    def answer(request):
        gate.wait(60)
        return reply("Cache-Control: max-age=60", "Vary: X-Kind",
                     body=request.get("X-Kind").encode())

    origin.on("/a", answer)
    larder = t.larder(origin)
    larder.get("/a", "X-Kind: zero")
    gate.clear()
    kinds = ["one", "two"] * 20
    clients = [t.client(larder) for _ in kinds]
    for client, kind in zip(clients, kinds):
        client.ask("GET", "/a", "X-Kind: " + kind)
    origin.wait_count(3)
    gate.set()
    bodies = together(len(kinds), lambda i: clients[i].read().body)
    equal([b.decode() for b in bodies], kinds)
    equal(origin.count(), 3, "requests at the origin")


run()
