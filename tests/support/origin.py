"""A scripted origin server on a real socket, one thread per connection.

What it answers is a script: a list of steps, taken one after the other.

    bytes              are sent
    threading.Event    is waited for (a gate that the test opens)
    a function         is called without arguments (event.set, say)
    an iterator        its bytes are sent one by one
    CLOSE              ends the connection with FIN
    RESET              ends it with RST

on() binds a path to a script, to a Reply, to a function that makes one of a
request, or to a list of those that are used in turn (the last one stays).
Every request is kept, byte for byte.
"""

import collections
import http.client
import socket
import struct
import threading

import http1
import ports

CLOSE, RESET = "close", "reset"
WAIT_S = 30


class Reply:
    """A response with a Content-Length; fields are whole lines."""

    def __init__(self, *fields, status=200, reason="", body=b"", close=False):
        self.status, self.reason, self.body = status, reason, body
        self.fields, self.close = list(fields), close

    def has(self, name):
        return any(f.lower().startswith(name.lower() + ":")
                   for f in self.fields)

    def head(self, date):
        reason = self.reason or http.client.responses.get(self.status, "")
        lines = [f"HTTP/1.1 {self.status} {reason}"]
        lines += [f for f in self.fields if not f.endswith(": -")]
        if not self.has("Date"):
            lines.append("Date: " + date)
        if (self.status not in (204, 304) and not self.has("Content-Length")
                and not self.has("Transfer-Encoding")):
            lines.append(f"Content-Length: {len(self.body)}")
        if self.close:
            lines.append("Connection: close")
        return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")

    def script(self, method, date):
        bodiless = method == "HEAD" or self.status in (204, 304)
        return [self.head(date), b"" if bodiless else self.body,
                *([CLOSE] if self.close else [])]


def reply(*fields, **more):
    return Reply(*fields, **more)


def cacheable(body, *fields, max_age=3600):
    return Reply(f"Cache-Control: max-age={max_age}", *fields, body=body)


def revalidating(body, etag, *fields):
    """A resource with a validator: 304 when the request names it."""
    def answer(request):
        same = request.get("If-None-Match") == etag
        return Reply(f"ETag: {etag}", *fields, status=304 if same else 200,
                     body=body)
    return answer


def chunk(data, extension=b""):
    return b"%x%s\r\n%s\r\n" % (len(data), extension, data)


def chunked(*pieces, trailers=b""):
    return b"".join(chunk(p) for p in pieces) + b"0\r\n" + trailers + b"\r\n"


class Ending(Exception):
    """A step ended the connection."""


class Origin:
    def __init__(self, clock, ip=None, local_path=None):
        self.clock = clock
        self.local_path = local_path
        self.ip = ip or ports.own_ip()
        self.port = None if local_path else ports.free_port(self.ip)
        self.routes, self.fallback = {}, Reply(status=404, body=b"none\n")
        self.holds, self.early = {}, set()
        self.changed = threading.Condition()
        self.requests, self.faults = [], []
        self.accepted = 0
        self.ended = collections.Counter()  # path -> scripts run to the end
        self.sockets, self.gates = set(), set()
        self.listener = None
        self.start()

    @property
    def url(self):
        host = f"[{self.ip}]" if ":" in self.ip else self.ip
        return f"http://{host}:{self.port}"

    # ---- scripting ----

    def on(self, path, *answers, hold=None, early=False):
        """Several answers are used in turn, the last one for good.  hold is
        a gate to pass before a request's body is read; early: the answer
        does not wait for that body at all."""
        with self.changed:
            self.routes[path] = collections.deque(answers)
            self.holds[path] = hold
            self.early.discard(path)
            if early:
                self.early.add(path)

    def answer_for(self, request):
        with self.changed:
            answers = self.routes.get(request.target.partition("?")[0])
            if answers is None:
                return self.fallback
            return answers[0] if len(answers) == 1 else answers.popleft()

    # ---- what happened ----

    def seen(self, path=None, method=None):
        """The requests so far, for that path."""
        with self.changed:
            return [r for r in self.requests
                    if (path is None or r.target == path)
                    and (method is None or r.method == method)]

    def count(self, path=None, method=None):
        return len(self.seen(path, method))

    def wait(self, what, condition):
        with self.changed:
            if not self.changed.wait_for(condition, WAIT_S):
                raise AssertionError(f"the origin waited in vain for {what}")

    def wait_count(self, n, path=None):
        self.wait(f"{n} requests for {path}", lambda: self.count(path) >= n)

    def wait_ended(self, path, n=1):
        """Waits until n scripts of that path have run, or were cut off."""
        self.wait(f"{path} to end", lambda: self.ended[path] >= n)

    def wait_no_connections(self):
        self.wait("all connections to close", lambda: not self.sockets)

    def open_connections(self):
        with self.changed:
            return len(self.sockets)

    # ---- life ----

    def start(self):
        """Listens, on the same port as before."""
        if self.local_path:
            sock = socket.socket(socket.AF_UNIX)
            sock.bind(self.local_path)
        else:
            family = socket.AF_INET6 if ":" in self.ip else socket.AF_INET
            sock = socket.socket(family)
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            sock.bind((self.ip, self.port))
        sock.listen(4096)
        self.listener = sock
        threading.Thread(target=self.accept, args=(sock,),
                         daemon=True).start()

    def accept(self, listener):
        while True:
            try:
                sock, _ = listener.accept()
            except OSError:
                listener.close()
                return
            if sock.family != socket.AF_UNIX:
                sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            with self.changed:
                if listener is not self.listener:
                    sock.close()
                    continue
                self.sockets.add(sock)
                self.accepted += 1
                number = self.accepted
            threading.Thread(target=self.converse, args=(sock, number),
                             daemon=True).start()

    def stop(self):
        """Refuses connections from now on and resets those there are."""
        with self.changed:
            listener, self.listener = self.listener, None
            sockets, gates = list(self.sockets), list(self.gates)
        if listener:
            listener.shutdown(socket.SHUT_RDWR)
        for gate in gates:
            gate.set()
        for sock in sockets:
            reset_on_close(sock)
            quietly(lambda s=sock: s.shutdown(socket.SHUT_RDWR))
        self.wait("its threads", lambda: not self.sockets)

    def close_connections(self):
        """Ends the connections of now, as an idle timeout would."""
        with self.changed:
            sockets = list(self.sockets)
        for sock in sockets:
            quietly(lambda s=sock: s.shutdown(socket.SHUT_RDWR))
        self.wait("its threads",
                  lambda: not self.sockets.intersection(sockets))

    # ---- one connection ----

    def converse(self, sock, number):
        reader = http1.Reader(sock)
        try:
            while (request := http1.read_request_head(reader)):
                request.connection = number
                self.exchange(sock, reader, request)
        except Ending:
            pass
        except (http1.Ended, OSError):
            pass
        except Exception as error:  # malformed, or a mistake in the test
            with self.changed:
                self.faults.append(repr(error))
        finally:
            with self.changed:
                sock.close()
                self.sockets.discard(sock)
                self.changed.notify_all()

    def exchange(self, sock, reader, request):
        with self.changed:
            self.requests.append(request)
            hold = self.holds.get(request.target)
            self.changed.notify_all()
        try:
            if hold:
                self.pass_gate(hold)
            if request.target not in self.early:
                http1.read_body(reader, request, until_end=False)
                request.complete = True
            self.play(sock, request, self.answer_for(request))
        finally:
            with self.changed:
                self.ended[request.target] += 1
                self.changed.notify_all()

    def play(self, sock, request, answer):
        if callable(answer):
            answer = answer(request)
        if isinstance(answer, Reply):
            answer = answer.script(request.method, self.clock.date())
        for step in [answer] if isinstance(answer, bytes) else answer:
            self.step(sock, step)

    def step(self, sock, step):
        if isinstance(step, (bytes, bytearray, memoryview)):
            sock.sendall(step)
        elif isinstance(step, threading.Event):
            self.pass_gate(step)
        elif step is CLOSE:
            raise Ending
        elif step is RESET:
            reset_on_close(sock)
            raise Ending
        elif callable(step):
            step()
        else:
            for piece in step:
                sock.sendall(piece)

    def pass_gate(self, gate):
        with self.changed:
            self.gates.add(gate)
        if not gate.wait(WAIT_S):
            raise Ending
        with self.changed:
            self.gates.discard(gate)
            if self.listener is None:
                raise Ending


def quietly(action):
    try:
        action()
    except OSError:
        pass


def reset_on_close(sock):
    quietly(lambda: sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                    struct.pack("ii", 1, 0)))
