"""nginx as a real origin, for a folder of files."""

import os
import shutil
import socket
import subprocess

import ports

CONFIGURATION = """
daemon off; master_process off; worker_processes 1;
pid {dir}/pid; error_log {dir}/error.log;
events {{ worker_connections 4096; }}
http {{
    include /etc/nginx/mime.types;
    log_format paths '$request_method $request_uri $status';
    access_log {dir}/access.log paths;
    keepalive_requests 1000000; sendfile on;
    client_body_temp_path {dir}/1; proxy_temp_path {dir}/2;
    fastcgi_temp_path {dir}/3; uwsgi_temp_path {dir}/4; scgi_temp_path {dir}/5;
    server {{
        listen {ip}:{port} backlog=4096; root {root}; autoindex on;
        expires 1h;
    }}
}}
"""


def nginx_program():
    return shutil.which("nginx", path=os.environ["PATH"] + ":/usr/sbin")


class Nginx:
    """Serves the folder root until stop()."""

    def __init__(self, directory, root):
        self.dir = directory
        self.ip, self.port = ports.own_ip(), ports.free_port()
        file = os.path.join(directory, "nginx.conf")
        with open(file, "w", encoding="utf-8") as out:
            out.write(CONFIGURATION.format(dir=directory, root=root,
                                           ip=self.ip, port=self.port))
        self.process = subprocess.Popen(
            [nginx_program(), "-c", file], stdin=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL)
        self.wait_ready()

    def wait_ready(self):
        """nginx does not say when; a connection tells."""
        while self.process.poll() is None:
            try:
                socket.create_connection((self.ip, self.port)).close()
                return
            except ConnectionRefusedError:
                pass
        raise AssertionError("nginx did not start: see " + self.dir)

    @property
    def url(self):
        return f"http://{self.ip}:{self.port}"

    def requests(self):
        """What its access log says, line by line."""
        with open(os.path.join(self.dir, "access.log"),
                  encoding="utf-8") as file:
            return file.read().splitlines()

    def stop(self):
        self.process.terminate()
        self.process.wait()


def files_below(root, most_bytes=1 << 62):
    """(url path, file path) of every readable file, in a fixed order."""
    for where, folders, names in os.walk(root):
        folders.sort()
        for name in sorted(names):
            path = os.path.join(where, name)
            if os.path.isfile(path) and os.path.getsize(path) <= most_bytes:
                yield os.path.relpath(path, root), path
