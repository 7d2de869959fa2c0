"""SIGTERM and SIGINT: what is under way may finish; a second one cuts."""

import os
import signal
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from http1 import Ended
from origin import reply
from runner import equal, eventually, run, true


def held(t, conf=""):
    """larder with a request under way that waits for the gate."""
    gate, origin = t.gate(), t.origin()
    origin.on("/held", [b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nfour",
                        gate, b"more"])
    larder = t.larder(origin, conf="LogLevel notice\n" + conf)
    client = t.client(larder)
    client.ask("GET", "/held")
    equal(client.read_head().status, 200)
    return larder, client, gate


def refused(larder):
    try:
        larder.client().close()
        return False
    except ConnectionRefusedError:
        return True


def test_both_signals_end_it_with_0(t):
    for number in (signal.SIGTERM, signal.SIGINT):
        larder = t.larder()
        larder.signal(number)
        equal(larder.wait_exit(), 0)
        larder.check_log()
        true(refused(larder), "nobody listens any more")


def test_a_request_under_way_finishes(t):
    larder, client, gate = held(t)
    larder.signal(signal.SIGTERM)
    larder.wait_log("stopping")
    gate.set()
    equal(client.reader.exactly(8), b"fourmore")
    true(client.closed(), "and its connection is closed")
    equal(larder.wait_exit(), 0)


def test_nobody_new_is_served_meanwhile(t):
    larder, client, gate = held(t)
    idle = t.client(larder)
    idle.get("/x")
    larder.signal(signal.SIGTERM)
    true(idle.closed(), "an idle connection is closed at once")
    eventually(lambda: refused(larder), "no new one is taken")
    gate.set()
    equal(client.reader.exactly(8), b"fourmore")
    equal(larder.wait_exit(), 0)


def test_the_grace_period_ends(t):
    larder, client, _ = held(t, "GracefulShutdownTimeout 1")
    larder.signal(signal.SIGTERM)
    equal(larder.wait_exit(), 0)
    try:
        client.reader.exactly(8)
        raise AssertionError("the answer was whole")
    except (Ended, ConnectionError):
        pass


def test_a_second_signal_cuts(t):
    larder, _, _ = held(t, "GracefulShutdownTimeout 600")
    larder.signal(signal.SIGTERM)
    larder.wait_log("stopping")
    larder.signal(signal.SIGTERM)
    equal(larder.wait_exit(), 0)


def test_what_was_stored_is_there_after_the_restart(t):
    origin = t.origin()
    larder = t.larder(origin)
    for i in range(20):
        origin.on(f"/{i}", reply("Cache-Control: max-age=60",
                                 body=b"%d" % i * 1000))
        larder.get(f"/{i}")
    larder.stop()
    larder.start()
    for i in range(20):
        response = larder.get(f"/{i}")
        true(response.hit, f"/{i} is a hit")
        equal(response.body, b"%d" % i * 1000)
    equal(origin.count(), 20)


def test_the_pid_file_comes_and_goes(t):
    larder = t.larder(conf="PidFile {dir}/larder.pid")
    path = os.path.join(larder.dir, "larder.pid")
    with open(path, encoding="ascii") as file:
        equal(file.read(), f"{larder.process.pid}\n")
    larder.stop()
    true(not os.path.exists(path), "it is gone")


def test_the_service_manager_hears_of_the_end(t):
    larder = t.larder()
    larder.notices.settimeout(60)
    larder.signal(signal.SIGTERM)
    equal(larder.notices.recv(4096), b"STOPPING=1")
    equal(larder.wait_exit(), 0)


run()
