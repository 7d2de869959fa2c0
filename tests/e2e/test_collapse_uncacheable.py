"""Who waited for an answer that cannot be shared asks for itself."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import CLOSE, reply
from runner import equal, run, together, true


def private(number):
    return reply("Cache-Control: private", body=b"page %d" % number)


def test_a_private_answer_goes_to_the_leader_alone(t):
    origin, gate, pages = t.origin(), t.gate(), iter(range(100))

    def answer(_):
        number = next(pages)
        if number == 0:
            gate.wait(60)
        return private(number)

    origin.on("/a", answer)
    larder = t.larder(origin)
    clients = [t.client(larder) for _ in range(20)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(1)
    gate.set()
    bodies = together(20, lambda i: clients[i].read().body)
    equal(len(set(bodies)), 20, "different pages")
    equal(origin.count(), 20, "requests at the origin")


def test_all_are_released_at_once(t):
    origin, first, second = t.origin(), t.gate(), t.gate()
    turn = iter([first])

    def answer(_):
        gate = next(turn, second)
        gate.wait(60)
        return private(0)

    origin.on("/a", answer)
    larder = t.larder(origin)
    clients = [t.client(larder) for _ in range(20)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(1)
    first.set()
    origin.wait_count(20)  # none of them waits for another's answer
    second.set()
    for client in clients:
        equal(client.read().status, 200)


def test_the_next_ones_do_not_queue_at_all(t):  # hit-for-miss
    origin, gate = t.origin(), t.gate()
    origin.on("/a", private(0), lambda _: gate.wait(60) and private(1))
    larder = t.larder(origin)
    larder.get("/a")
    clients = [t.client(larder) for _ in range(10)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(11)  # while not one of them is answered
    gate.set()
    for client in clients:
        equal(client.read().body, b"page 1")


def test_what_becomes_cacheable_is_cached_again(t):
    origin = t.origin()
    origin.on("/a", private(0), reply("Cache-Control: max-age=60", body=b"x"))
    larder = t.larder(origin)
    larder.get("/a")
    t.clock.advance(3600)
    client = t.client(larder)
    client.get("/a")
    for _ in range(100):
        if client.get("/a").hit:
            return
    raise AssertionError("never a hit")


def test_a_failed_fetch_leaves_nobody_waiting(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [gate, CLOSE], reply("Cache-Control: max-age=60",
                                         body=b"fine"))
    larder = t.larder(origin)
    clients = [t.client(larder) for _ in range(10)]
    for client in clients:
        client.ask("GET", "/a")
    origin.wait_count(1)
    gate.set()
    statuses = {client.read().status for client in clients}
    true(statuses <= {200, 502}, f"statuses {statuses}")
    equal(larder.get("/a").body, b"fine", "who comes later")


def test_a_private_answer_while_streaming_is_not_shared(t):
    origin, gate = t.origin(), t.gate()
    first = (b"HTTP/1.1 200 OK\r\nCache-Control: private\r\n"
             b"Content-Length: 4\r\n\r\nle")
    origin.on("/a", [first, gate, b"ad"], private(1))
    larder = t.larder(origin)
    leader, other = t.client(larder), t.client(larder)
    leader.ask("GET", "/a")
    leader.read_head()
    equal(other.get("/a").body, b"page 1")
    gate.set()
    equal(leader.reader.exactly(4), b"lead")


run()
