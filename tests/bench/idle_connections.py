#!/usr/bin/env python3
"""What an idle keep-alive connection costs larder in memory of its own.

    LARDER=… idle_connections.py [--connections 10000] [--bytes 8192]
"""

import argparse
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../support")
from origin import cacheable
from runner import demonstrate, equal, true, wait_hit


def main(t):
    parser = argparse.ArgumentParser()
    parser.add_argument("--connections", type=int, default=10000)
    parser.add_argument("--bytes", type=int, default=8192)
    options = parser.parse_args()
    origin = t.origin()
    origin.on("/a", cacheable(b"x" * 1000))
    larder = t.larder(origin, "KeepAliveTimeout 600")
    first = t.client(larder)
    first.get("/a")
    wait_hit(first, "/a")
    before = larder.memory_bytes()
    clients = []
    for _ in range(options.connections):
        client = t.client(larder)
        equal(client.get("/a").status, 200)
        clients.append(client)
    grown = larder.memory_bytes() - before
    each = grown / options.connections
    print(f"{options.connections} connections after one request each: "
          f"{grown / 1e6:.1f} MB, {each:.0f} bytes each")
    for client in clients:
        true(client.get("/a").hit, "each is still served")
    print(f"after a second one: {larder.memory_bytes() / 1e6:.1f} MB in all")
    true(each <= options.bytes, f"at most {options.bytes} bytes each")


demonstrate(main)
