"""Addresses that no other test uses.

All of 127.0.0.0/8 is this machine.  Each test process takes an address of
its own, so that tests which run side by side cannot race for a port, nor
can a connection's ephemeral port (those are 127.0.0.1's) get in the way.
"""

import os
import socket

_given = set()


def own_ip():
    pid = os.getpid()
    return f"127.{64 + (pid >> 16) % 64}.{(pid >> 8) % 256}.{pid % 254 + 1}"


def free_port(ip=None):
    """A port of our own address that nothing listens on."""
    ip = ip or own_ip()
    while True:
        with socket.socket() as sock:
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((ip, 0))
            port = sock.getsockname()[1]
        if (ip, port) not in _given:
            _given.add((ip, port))
            return port
