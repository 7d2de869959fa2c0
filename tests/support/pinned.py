"""Servers that keep to one processor, and the processor time they use.

Each class is a server that listens at address when it is made: the bare
loop, larder, and what else there is to compare it with.
"""

import contextlib
import json
import os
import shutil
import signal
import socket
import subprocess

import ports
from larder import Larder, program

NGINX = """
daemon off; worker_processes 1; user root;
pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 4096; }}
http {{
    access_log off;
    keepalive_requests 1000000; sendfile on; tcp_nopush on;
    open_file_cache max=100000 inactive=600s;
    client_body_temp_path {dir}/1; proxy_temp_path {dir}/2;
    fastcgi_temp_path {dir}/3; uwsgi_temp_path {dir}/4; scgi_temp_path {dir}/5;
    proxy_cache_path {dir}/cache levels=1:2 use_temp_path=off
        keys_zone=all:64m max_size={megabytes}m inactive=600m;
    upstream origin {{
        server {origin}; keepalive 64; keepalive_requests 1000000;
    }}
    server {{
        listen {ip}:{port} backlog=4096;
        location / {{
            proxy_pass http://origin; proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_cache all; proxy_cache_lock on;
        }}
    }}
}}
"""

# A buffer holds what is cached; megabytes of them would slow all else down.
HAPROXY = """
global
    nbthread 1
    maxconn 4000
    tune.bufsize 131072
defaults
    mode http
    timeout connect 5s
    timeout client 60s
    timeout server 60s
cache all
    total-max-size {megabytes}
    max-object-size 2000000
    max-age 86400
frontend clients
    bind {ip}:{port}
    http-request cache-use all
    http-response cache-store all
    default_backend origins
backend origins
    http-reuse always
    server origin {origin}
"""

LARDER = """
WorkerThreads 1
MaxKeepAliveRequests 0
CacheSize {megabytes}M
CacheMaxFileSize 100M
ControlSocket {{dir}}/control
"""


@contextlib.contextmanager
def on_cpu(cpu):
    """What is started in here keeps to that processor."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def find(name):
    """The path of a program of the system, None without."""
    return shutil.which(name, path=os.environ["PATH"] + ":/usr/sbin")


def processor_ns(session):
    """What the processes of that session have used so far."""
    used = 0
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):  # it has ended
            if os.getsid(int(pid)) == session:
                used += process_ns(pid)
    return used


def process_ns(pid):
    used = 0
    for task in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(OSError):
            with open(f"/proc/{pid}/task/{task}/schedstat") as file:
                used += int(file.read().split()[0])
    return used


class Server:
    """A program with a configuration, in a session of its own."""

    def __init__(self, cpu):
        self.ip, self.port, self.cpu = ports.own_ip(), ports.free_port(), cpu

    @property
    def address(self):
        return f"{self.ip}:{self.port}"

    def launch(self, command):
        with on_cpu(self.cpu):
            self.process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL, start_new_session=True)
        while self.process.poll() is None:
            try:
                socket.create_connection((self.ip, self.port)).close()
                return
            except ConnectionRefusedError:
                pass
        raise AssertionError("did not start: " + " ".join(command))

    def configure(self, directory, text, **values):
        """Returns the name of the file."""
        path = os.path.join(directory, "configuration")
        with open(path, "w", encoding="utf-8") as file:
            file.write(text.format(dir=directory, ip=self.ip, port=self.port,
                                   **values))
        return path

    def processor_ns(self):
        return processor_ns(self.process.pid)

    def stop(self):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGTERM)
        self.process.wait()


class BareLoop(Server):
    """Built beside larder; it answers, and does nothing else."""

    def __init__(self, cpu, body_bytes, cache_control="no-store"):
        super().__init__(cpu)
        self.launch([bare_loop(), self.ip, str(self.port), str(body_bytes),
                     cache_control])


def bare_loop():
    return os.path.join(os.path.dirname(program()), "tests/bench/bare_loop")


class NginxCache(Server):
    def __init__(self, cpu, directory, origin, megabytes):
        super().__init__(cpu)
        file = self.configure(directory, NGINX, origin=origin,
                              megabytes=megabytes)
        self.launch([find("nginx"), "-c", file])


class Haproxy(Server):
    def __init__(self, cpu, directory, origin, megabytes):
        super().__init__(cpu)
        # It holds more than two gigabytes nowhere.
        file = self.configure(directory, HAPROXY, origin=origin,
                              megabytes=min(megabytes, 2000))
        self.launch([find("haproxy"), "-db", "-f", file])


class PinnedLarder(Larder):
    """larder as everywhere in the tests, but on one processor."""

    def __init__(self, cpu, directory, origin, megabytes):
        super().__init__(directory, origin_url="http://" + origin,
                         conf=LARDER.format(megabytes=megabytes))
        with on_cpu(cpu):
            self.start()

    @property
    def address(self):
        return f"{self.ip}:{self.port}"

    def processor_ns(self):
        return process_ns(self.process.pid)

    def figures(self):
        """What its control socket says of the store."""
        with socket.socket(socket.AF_UNIX) as sock:
            sock.connect(os.path.join(self.dir, "control"))
            sock.sendall(b"GET /stats HTTP/1.1\r\nHost: larder\r\n"
                         b"Connection: close\r\n\r\n")
            with sock.makefile("rb") as answer:
                return json.loads(answer.read().partition(b"\r\n\r\n")[2])
