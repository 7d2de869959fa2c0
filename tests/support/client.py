"""A client that sends exactly the bytes it is told to."""

import select
import socket

import http1

WAIT_S = 30


class Client:
    """One connection.  address is (ip, port)."""

    def __init__(self, address, receive_buffer=None):
        family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.sock = socket.socket(family)
        if receive_buffer:
            self.sock.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF,
                                 receive_buffer)
        self.sock.settimeout(WAIT_S)
        self.sock.connect(address)
        self.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.reader = http1.Reader(self.sock)
        host = f"[{address[0]}]" if ":" in address[0] else address[0]
        self.authority = f"{host}:{address[1]}"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.sock.close()

    # ---- sending ----

    def send(self, *pieces):
        for piece in pieces:
            self.sock.sendall(piece)

    def head(self, method, target, *fields, version="HTTP/1.1"):
        """A request head; Host is added unless a field gives it, "Host: -"
        leaves it out."""
        lines = [f"{method} {target} {version}"]
        if not any(f.lower().startswith("host:") for f in fields):
            lines.append("Host: " + self.authority)
        lines += [f for f in fields if f != "Host: -"]
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def ask(self, method, target, *fields, body=None, version="HTTP/1.1"):
        """Sends a request and does not wait for the answer."""
        if body is not None:
            fields += (f"Content-Length: {len(body)}",)
        self.send(self.head(method, target, *fields, version=version)
                  + (body or b""))

    # ---- receiving ----

    def read_head(self):
        return http1.read_response_head(self.reader)

    def read_body(self, response, method="GET"):
        http1.read_response_body(self.reader, response, method)
        return response

    def read(self, method="GET"):
        return self.read_body(self.read_head(), method)

    def request(self, method, target, *fields, **more):
        self.ask(method, target, *fields, **more)
        return self.read(method)

    def get(self, target, *fields, **more):
        return self.request("GET", target, *fields, **more)

    def closed(self):
        """Waits for the end of the connection: True when nothing more came
        before it, by FIN or RST."""
        try:
            return self.reader.at_end()
        except ConnectionError:
            return True

    def silent(self, seconds=0.2):
        """Does nothing come for a moment?  (That nothing happens is not an
        event; use sparingly.)"""
        return (not self.reader.data
                and not select.select([self.sock], [], [], seconds)[0])
