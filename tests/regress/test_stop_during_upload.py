"""Ending at once, in the middle of everything, leaves nothing behind (the
leak sanitizer looks)."""

import signal
import sys

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run


def test_a_second_signal_during_an_upload(t):
    origin = t.origin()
    origin.on("/a", reply(body=b"ok"))
    larder = t.larder(origin, "LogLevel notice")
    clients = [t.client(larder) for _ in range(8)]
    for client in clients:
        client.send(client.head("POST", "/a", "Content-Length: 1000"), b"x")
    origin.wait_count(8)
    larder.signal(signal.SIGTERM)
    larder.wait_log("stopping when")
    larder.signal(signal.SIGTERM)
    equal(larder.wait_exit(), 0)
    larder.check_log()


run()
