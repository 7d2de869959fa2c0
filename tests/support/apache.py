"""An Apache of our own: nothing of the system's is read, used or disturbed."""

import os
import shutil
import signal
import socket
import subprocess

import ports
from client import Client

MODULES = "/usr/lib/apache2/modules"
LOADED = ("mpm_worker", "authz_core", "cache", "cache_disk", "proxy",
          "proxy_http")
CONFIGURATION = """\
ServerRoot {dir}
DefaultRuntimeDir {dir}
PidFile {dir}/pid
ErrorLog {dir}/error_log
ServerName apache.test
Listen {listen}
StartServers 1
MaxKeepAliveRequests 0
KeepAliveTimeout 60
{user}
{modules}
{conf}
"""


def program():
    """The server, or None where there is none."""
    path = shutil.which("apache2", path=os.environ.get("PATH", "")
                        + ":/usr/sbin")
    return path if os.path.isdir(MODULES) else None


class Apache:
    """One instance with its files in directory; conf is the rest of its
    configuration."""

    def __init__(self, directory, conf):
        self.dir = directory
        self.ip = ports.own_ip()
        self.port = ports.free_port(self.ip)
        self.file = os.path.join(directory, "apache.conf")
        self.conf, self.process = conf, None

    def text(self):
        modules = "\n".join(f"LoadModule {name}_module {MODULES}/mod_{name}.so"
                            for name in LOADED)
        # its children must not be root's
        user = "User nobody\nGroup nogroup" if os.geteuid() == 0 else ""
        return CONFIGURATION.format(
            dir=self.dir, listen=f"{self.ip}:{self.port}", user=user,
            modules=modules, conf=self.conf)

    def start(self):
        with open(self.file, "w", encoding="utf-8") as file:
            file.write(self.text())
        self.process = subprocess.Popen(
            [program(), "-f", self.file, "-DFOREGROUND"],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
            stderr=subprocess.PIPE)

    def answers(self):
        """Does it accept connections yet?"""
        if self.process.poll() is not None:
            raise AssertionError("apache2 ended: "
                                 + self.process.stderr.read().decode())
        with socket.socket() as sock:
            return sock.connect_ex((self.ip, self.port)) == 0

    def client(self):
        return Client((self.ip, self.port))

    def stop(self):
        if self.process:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait()
            self.process.stderr.close()
