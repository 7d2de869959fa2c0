"""A client's connection to larder and the origin behind it, in one thread.

For tests that make very many exchanges, one after the other: what the
origin answers is dictated exchange by exchange.
"""

import json
import select
import socket
import time

WAIT_S = 30
BEHIND_S = 5  # for what comes behind an answer
READ_BYTES = 1 << 16


class Silence(Exception):
    """Nothing came that was waited for."""


class Message:
    """A head (start line, fields in lower case) and a body."""

    def __init__(self, head, body):
        lines = head.decode("latin-1").split("\r\n")
        self.start, self.fields, self.body = lines[0], {}, body
        for line in lines[1:]:
            name, _, value = line.partition(":")
            name, value = name.lower(), value.strip()
            if name in self.fields:
                value = self.fields[name] + ", " + value
            self.fields[name] = value

    @property
    def status(self):
        return int(self.start[9:12])

    @property
    def method(self):
        return self.start.split(" ")[0]

    @property
    def target(self):
        return self.start.split(" ")[1]


def take_message(data, bodiless=False):
    """The first message of data (a bytearray), taken off; None: it is not
    complete."""
    end = data.find(b"\r\n\r\n")
    if end < 0:
        return None
    message = Message(bytes(data[:end]), b"")
    none = bodiless or message.start[9:12] in ("204", "304")
    length = 0 if none else int(message.fields.get("content-length", 0))
    if len(data) < end + 4 + length:
        return None
    message.body = bytes(data[end + 4:end + 4 + length])
    del data[:end + 4 + length]
    return message


def head_bytes(start, fields, body=b""):
    lines = [start] + [f"{n}: {v}" for n, v in fields.items()]
    return "\r\n".join(lines).encode("latin-1") + b"\r\n\r\n" + body


def answer_bytes(answer):
    """An origin's answer; status 0 is none that anybody could read."""
    if answer.status == 0:
        return b"nonsense\r\n\r\n"
    fields = dict(answer.fields)
    if answer.status in (204, 304):
        return head_bytes(f"HTTP/1.1 {answer.status} X", fields)
    fields["content-length"] = len(answer.body)
    return head_bytes(f"HTTP/1.1 {answer.status} X", fields, answer.body)


class Wire:
    def __init__(self, ip, port):
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind((ip, port))
        self.listener.listen(64)
        self.poll = select.poll()
        self.poll.register(self.listener, select.POLLIN)
        self.origin = {}  # descriptor -> (socket, bytes that came)
        self.client, self.came = None, bytearray()
        self.requests = []  # that the origin saw, of this exchange
        self.answer = None  # a function of a Message

    def close(self):
        self.drop_client()
        for fd in list(self.origin):
            self.drop(fd)
        self.listener.close()

    # ---- the client's side ----

    def exchange(self, address, data, answer):
        """Sends a request; its response.  answer makes the origin's."""
        self.answer, self.requests = answer, []
        if self.client is None:
            self.connect(address)
        self.client.sendall(data)
        end = time.monotonic() + WAIT_S
        while True:
            self.turn(end)
            if response := take_message(self.came):
                if response.fields.get("connection") == "close":
                    self.drop_client()
                return response
            if self.client is None:
                raise Silence("larder closed the connection")

    def connect(self, address):
        self.client = socket.create_connection(address)
        self.client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.poll.register(self.client, select.POLLIN)
        self.came = bytearray()

    def drop_client(self):
        if self.client:
            self.poll.unregister(self.client)
            self.client.close()
            self.client = None

    # ---- the origin's side ----

    def wait_requests(self, n):
        """Until the origin has answered n, in this exchange.  False: they
        did not come."""
        end = time.monotonic() + BEHIND_S
        try:
            while len(self.requests) < n:
                self.turn(end)
        except Silence:
            return False
        return True

    def turn(self, end):
        """Waits for something and does what it asks for."""
        ready = self.poll.poll(max(0, end - time.monotonic()) * 1000)
        if not ready:
            raise Silence("nothing came in time")
        for fd, _ in ready:
            if self.client and fd == self.client.fileno():
                piece = receive(self.client)
                self.came += piece
                if not piece:
                    self.drop_client()
            elif fd == self.listener.fileno():
                self.accept()
            elif fd in self.origin:
                self.serve(fd)

    def accept(self):
        sock, _ = self.listener.accept()
        sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.origin[sock.fileno()] = (sock, bytearray())
        self.poll.register(sock, select.POLLIN)

    def serve(self, fd):
        sock, data = self.origin[fd]
        piece = receive(sock)
        data += piece
        if not piece:
            return self.drop(fd)
        while request := take_message(data):
            answer = self.answer(request)
            self.requests.append(request)
            sock.sendall(answer_bytes(answer))
            if answer.status == 0:
                return self.drop(fd)

    def drop(self, fd):
        sock, _ = self.origin.pop(fd)
        self.poll.unregister(sock)
        sock.close()


class Control:
    """larder's control socket, on one connection."""

    def __init__(self, path):
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(WAIT_S)
        self.sock.connect(path)
        self.came = bytearray()

    def flights(self):
        """Fetches that go on, or whose object is on its way to the store."""
        self.sock.sendall(b"GET /stats HTTP/1.1\r\nHost: larder\r\n\r\n")
        while not (response := take_message(self.came)):
            piece = self.sock.recv(READ_BYTES)
            if not piece:
                raise Silence("the control socket was closed")
            self.came += piece
        return json.loads(response.body)["flights"]

    def close(self):
        self.sock.close()


def receive(sock):
    try:
        return sock.recv(READ_BYTES)
    except ConnectionError:
        return b""
