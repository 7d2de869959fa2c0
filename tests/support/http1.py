"""HTTP/1.1 messages as they lie on a connection.

Deliberately literal: what a peer sent is kept byte for byte, and nothing is
repaired, so that a test sees what a careless recipient would not.
"""

import re
import zlib

READ_BYTES = 1 << 18
KEEP_BYTES = 1 << 20  # longer bodies are only counted and summed
FIELD_LINE = re.compile(
    rb"([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([^\r\n\0]*?)[ \t]*\r\n")


class Malformed(Exception):
    """The peer sent something that is not HTTP/1.1."""


class Ended(Exception):
    """The peer closed the connection in the middle of something."""


class Reader:
    """Bytes from a socket, taken by line or by number."""

    def __init__(self, sock):
        self.sock = sock
        self.data = bytearray()

    def fill(self):
        """Waits for more; False at the end of the stream."""
        piece = self.sock.recv(READ_BYTES)
        self.data += piece
        return bool(piece)

    def at_end(self):
        """Waits for a byte or the end; is it the end?"""
        return not self.data and not self.fill()

    def take(self, most):
        """Some bytes, at least one and at most `most`."""
        if not self.data:
            if piece := self.sock.recv(min(most, READ_BYTES)):
                return piece
            raise Ended("the stream ended")
        piece = bytes(self.data[:most])
        del self.data[:most]
        return piece

    def exactly(self, n):
        while len(self.data) < n:
            if not self.fill():
                raise Ended(f"{len(self.data)} of {n} bytes came")
        return self.take(n) if n else b""

    def line(self):
        """One line with its CRLF (or bare LF: the caller judges)."""
        while (end := self.data.find(b"\n")) < 0:
            if not self.fill():
                raise Ended(f"in the line {bytes(self.data[:80])!r}")
        return self.take(end + 1)


class Message:
    """A request or a response, with its body."""

    def __init__(self, raw_head):
        lines = raw_head.split(b"\n")
        self.raw_head = raw_head
        self.start_line = lines[0].rstrip(b"\r").decode("latin-1")
        self.fields = parse_fields(
            [line + b"\n" for line in lines[1:] if line.strip()])
        self.trailers = []
        self.pieces = []
        self.body_bytes = 0
        self.body_crc = 0
        self.chunks = []  # their sizes, when the body was chunked

    def all(self, name):
        """The values of every field of that name."""
        return [v for n, v in self.fields if n.lower() == name.lower()]

    def get(self, name):
        """Those joined by a comma, or None."""
        values = self.all(name)
        return ", ".join(values) if values else None

    def trailer(self, name):
        return next((v for n, v in self.trailers
                     if n.lower() == name.lower()), None)

    def add_body(self, piece):
        self.body_bytes += len(piece)
        self.body_crc = zlib.crc32(piece, self.body_crc)
        if self.body_bytes <= self.keep_bytes:
            self.pieces.append(piece)
        else:
            self.pieces = None

    keep_bytes = KEEP_BYTES

    @property
    def body(self):
        """None when it was too long to keep."""
        if self.pieces is not None and len(self.pieces) > 1:
            self.pieces = [b"".join(self.pieces)]
        return None if self.pieces is None else b"".join(self.pieces)


class Request(Message):
    def __init__(self, raw_head):
        super().__init__(raw_head)
        self.method, self.target, self.version = self.start_line.split(" ")
        self.connection = 0  # which connection brought it, from 1 on
        self.complete = False  # its body, too, has been read


class Response(Message):
    keep_bytes = 64 << 20

    def __init__(self, raw_head):
        super().__init__(raw_head)
        match = re.fullmatch(r"(HTTP/1\.[01]) (\d{3}) ?(.*)", self.start_line)
        if not match:
            raise Malformed(f"status line {self.start_line!r}")
        self.version, self.reason = match.group(1), match.group(3)
        self.status = int(match.group(2))
        self.interim = []

    @property
    def cache(self):
        """The last member of Cache-Status, as a dict; {} without one."""
        value = self.get("Cache-Status")
        return parse_cache_status(value) if value else {}

    @property
    def hit(self):
        return "hit" in self.cache

    @property
    def age(self):
        value = self.get("Age")
        if value is None:
            raise AssertionError(f"no Age in {self}")
        return int(value)

    def __repr__(self):
        return f"<{self.start_line!r} {dict(self.fields)}>"


def parse_fields(lines):
    fields = []
    for line in lines:
        match = FIELD_LINE.fullmatch(line)
        if not match:
            raise Malformed(f"field line {line!r}")
        fields.append(tuple(part.decode("latin-1")
                            for part in match.groups()))
    return fields


def parse_cache_status(value):
    """RFC 9211: 'larder; hit; ttl=5' -> {"": "larder", "hit": True, …}"""
    out = {}
    for part in value.split(",")[-1].split(";"):
        name, equals, text = part.strip().partition("=")
        if not out:
            out[""] = name
        else:
            out[name] = text.strip('"') if equals else True
    return out


def read_head(reader):
    """The bytes of a head up to its blank line, or None at the end."""
    if reader.at_end():
        return None
    lines = []
    while True:
        line = reader.line()
        if not line.endswith(b"\r\n"):
            raise Malformed(f"a line that ends in a bare LF: {line!r}")
        if line == b"\r\n":
            return b"".join(lines) + line
        lines.append(line)


def read_chunked(reader, message):
    while True:
        line = reader.line()
        match = re.fullmatch(rb"([0-9A-Fa-f]+)(;[^\r\n]*)?\r\n", line)
        if not match:
            raise Malformed(f"chunk size line {line!r}")
        size = int(match.group(1), 16)
        if size == 0:
            break
        message.chunks.append(size)
        read_length(reader, message, size)
        if reader.exactly(2) != b"\r\n":
            raise Malformed("no CRLF after a chunk")
    lines = []
    while (line := reader.line()) != b"\r\n":
        lines.append(line)
    message.trailers = parse_fields(lines)


def read_length(reader, message, n):
    while n > 0:
        piece = reader.take(n)
        message.add_body(piece)
        n -= len(piece)


def read_to_end(reader, message):
    while not reader.at_end():
        message.add_body(reader.take(READ_BYTES))


def content_length(message):
    values = message.all("Content-Length")
    if len(values) > 1 or not values[0].isdigit():
        raise Malformed(f"Content-Length {values}")
    return int(values[0])


def read_body(reader, message, until_end):
    """RFC 9112 6.3; until_end: without any length it ends with the stream."""
    coding, length = message.get("Transfer-Encoding"), None
    if message.all("Content-Length"):
        length = content_length(message)
    if coding is not None and length is not None:
        raise Malformed("both Transfer-Encoding and Content-Length")
    if coding is not None:
        if coding.lower() != "chunked":
            raise Malformed(f"Transfer-Encoding {coding}")
        read_chunked(reader, message)
    elif length is not None:
        read_length(reader, message, length)
    elif until_end:
        read_to_end(reader, message)


def read_request_head(reader):
    head = read_head(reader)
    return Request(head) if head else None


def read_response_head(reader):
    """The final response's head, the interim ones in its .interim."""
    interim = []
    while True:
        head = read_head(reader)
        if head is None:
            raise Ended("no response came")
        response = Response(head)
        if response.status >= 200 or response.status == 101:
            response.interim = interim
            return response
        interim.append(response)


def read_response_body(reader, response, method):
    bodiless = (method == "HEAD" or response.status in (204, 304)
                or (method == "CONNECT" and response.status == 200))
    if not bodiless:
        read_body(reader, response, until_end=True)
