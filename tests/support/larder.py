"""Runs larder as a black box: configuration in, ready, log, exit status."""

import contextlib
import os
import re
import select
import signal
import socket
import subprocess
import threading

import ports
from client import Client

WAIT_S = 30
SANITIZERS = re.compile(
    r"ERROR: \w*Sanitizer|WARNING: ThreadSanitizer|runtime error:|"
    r"SUMMARY: \w*Sanitizer")

# {conf} comes last: what a test says outranks what stands here.
CONFIGURATION = """\
ServerRoot {dir}
ServerName larder.test
Listen {listen}
WorkerThreads 2
CacheRoot {dir}/cache
CacheSize 64M
CacheEnable disk /
CacheLock on
{mapping}
{conf}
"""


def program():
    """The program under test, as the build names it."""
    path = os.environ.get("LARDER", "./larder")
    if not os.access(path, os.X_OK):
        raise SystemExit(f"{path}: not a program; set LARDER to one")
    return os.path.abspath(path)


def sanitized(path=None):
    """Was it built with a sanitizer (memory figures then mean nothing)?"""
    with open(path or program(), "rb") as file:
        text = file.read()
    return b"__asan_init" in text or b"__tsan_init" in text


class Failed(AssertionError):
    """larder did not start, or did not end well."""


class Larder:
    """One configured instance; start() and stop() as often as you like.

    origin_url is what "/" is mapped to (None: nothing is); conf is further
    configuration; template replaces the usual one.  {dir}, {ip}, {port},
    {listen} and {origin} are filled in.
    """

    def __init__(self, directory, origin_url=None, conf="", clock=None,
                 template=CONFIGURATION, env=None):
        self.dir, self.clock = directory, clock
        self.ip, self.port = ports.own_ip(), None
        self.origin_url, self.conf, self.template = origin_url, conf, template
        self.file = os.path.join(directory, "larder.conf")
        self.env = dict(os.environ, **(env or {}))
        self.process = self.log_thread = None
        self.log_lines = []
        self.logged = threading.Condition()

    @property
    def address(self):
        return self.ip, self.port

    def client(self, **more):
        return Client(self.address, **more)

    def get(self, target, *fields, **more):
        """One GET on a connection of its own."""
        with self.client() as client:
            return client.get(target, "Connection: close", *fields, **more)

    # ---- starting ----

    def text(self):
        mapping = f"ProxyPass / {self.origin_url}/" if self.origin_url else ""
        values = dict(dir=self.dir, ip=self.ip, port=self.port,
                      listen=f"{self.ip}:{self.port}", mapping=mapping,
                      origin=self.origin_url)
        conf = fill_in(self.conf, values)
        return fill_in(self.template, dict(values, conf=conf))

    def configure(self, conf=None):
        """Writes the configuration, with other further lines if given."""
        if conf is not None:
            self.conf = conf
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(self.text())

    def start(self):
        """Returns when larder says that it is ready."""
        self.port = self.port or ports.free_port(self.ip)
        self.configure()
        self.notices = self.notify_socket()
        self.launch([program(), "-f", self.file])
        self.wait_ready()
        return self

    def notify_socket(self):
        path = os.path.join(self.dir, "notify")
        if os.path.exists(path):
            os.unlink(path)
        sock = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
        sock.bind(path)
        self.env["NOTIFY_SOCKET"] = path
        return sock

    def launch(self, command):
        if self.clock:
            self.env["LARDER_CLOCK_FILE"] = self.clock.path
        self.log_lines = []
        self.process = subprocess.Popen(
            command, env=self.env, stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL, stderr=subprocess.PIPE)
        self.exited = os.pidfd_open(self.process.pid)
        self.log_thread = threading.Thread(
            target=self.read_log, args=(self.process.stderr,), daemon=True)
        self.log_thread.start()

    def wait_ready(self, seconds=WAIT_S):
        """Waits for sd_notify's READY=1 (again after a reload)."""
        while True:
            ready, _, _ = select.select([self.notices, self.exited], [], [],
                                        seconds)
            if self.notices in ready:
                if b"READY=1" in self.notices.recv(4096).split(b"\n"):
                    return
            elif self.exited in ready:
                status = self.reap()
                raise Failed(f"larder exited with {status}\n{self.log}")
            else:
                raise Failed(f"larder is not ready\n{self.log}")

    # ---- its log ----

    def read_log(self, pipe):
        for line in pipe:
            with self.logged:
                self.log_lines.append(line.decode("utf-8", "replace"))
                self.logged.notify_all()
        with self.logged:
            self.logged.notify_all()

    @property
    def log(self):
        with self.logged:
            return "".join(self.log_lines[-200:])

    def wait_log(self, pattern, seconds=WAIT_S):
        """Waits until a line matches."""
        with self.logged:
            if not self.logged.wait_for(
                    lambda: re.search(pattern, "".join(self.log_lines)),
                    seconds):
                raise AssertionError(
                    f"the log never said {pattern!r}\n" + self.log)

    # ---- ending ----

    @property
    def running(self):
        return self.process is not None

    def signal(self, number):
        self.process.send_signal(number)

    def wait_exit(self, seconds=WAIT_S):
        """Its exit status, when it ended by itself."""
        if not select.select([self.exited], [], [], seconds)[0]:
            raise Failed(f"larder still runs after {seconds} s\n{self.log}")
        return self.reap()

    def reap(self):
        status = self.process.wait()
        self.log_thread.join()
        self.process.stderr.close()
        os.close(self.exited)
        self.notices.close()
        self.process = None
        return status

    def stop(self, seconds=WAIT_S):
        """SIGTERM; it must end by itself, with 0 and without complaints."""
        self.signal(signal.SIGTERM)
        status = self.wait_exit(seconds)
        if status != 0:
            raise Failed(f"larder exited with {status}\n{self.log}")
        self.check_log()

    def check_log(self):
        text = "".join(self.log_lines)
        if SANITIZERS.search(text):
            raise Failed("a sanitizer complained\n" + text)

    def kill(self):
        """kill -9; its end is awaited."""
        self.signal(signal.SIGKILL)
        self.process.wait()
        self.reap()

    # ---- what it costs ----

    def sockets(self):
        """How many sockets it has open."""
        folder = f"/proc/{self.process.pid}/fd"
        targets = []
        for name in os.listdir(folder):
            with contextlib.suppress(OSError):
                targets.append(os.readlink(os.path.join(folder, name)))
        return sum(target.startswith("socket:") for target in targets)

    def memory_bytes(self):
        """Memory of its own: anonymous pages, not the store's map."""
        kib = 0
        with open(f"/proc/{self.process.pid}/smaps_rollup") as file:
            for line in file:
                if line.startswith(("Pss_Anon:", "Pss_Shmem:")):
                    kib += int(line.split()[1])
        return kib * 1024


def fill_in(text, values):
    """Replaces {name}; other braces ("%{Host}i", "${VAR}") stay."""
    return re.sub(r"(?<![%$])\{(\w+)\}",
                  lambda m: str(values.get(m.group(1), m.group(0))), text)
