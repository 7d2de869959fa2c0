"""A draining larder does not wait for the next request on a connection
whose answer was begun before."""

import signal
import sys
import time

sys.path.insert(0, sys.path[0] + "/../support")
from runner import equal, run, true


def test_the_connection_ends_with_the_answer(t):
    origin, gate = t.origin(), t.gate()
    origin.on("/a", [b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\nhalf",
                     gate, b"half"])
    larder = t.larder(origin, "KeepAliveTimeout 300\nLogLevel notice")
    client = t.client(larder)
    client.ask("GET", "/a")
    head = client.read_head()
    client.reader.exactly(4)
    larder.signal(signal.SIGTERM)
    larder.wait_log("stopping when")
    began = time.monotonic()
    client.silent(0.3)
    gate.set()
    equal(client.reader.exactly(4), b"half")
    true(client.closed(), "it ends")
    equal(larder.wait_exit(), 0)
    true(time.monotonic() - began < 5, "and larder with it")
    larder.check_log()


run()
