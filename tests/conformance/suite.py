"""The public suite http-cache-tests: its tests, its origin, its client.

It is no part of larder.  What is run is one version, known by its hash; it
is fetched from the npm registry when it is first needed, and kept in the
build folder.  See https://cache-tests.fyi/.
"""

import base64
import contextlib
import hashlib
import json
import os
import re
import shutil
import subprocess
import tempfile
import threading

from larder import program

NAME, VERSION = "http-cache-tests", "0.4.5"
SHA512 = ("DjuwN9nUZXLTW+wav1LRESCZNVxl8SshwOy4z1pxuWbWt5/ay6sM9QQ1lebBaDO6"
          "P1IMBoK6mdf+PuVP/QNL8A==")
FETCH = "node-fetch@2.7.0"  # all that its client needs of its dependencies
NPM = ["npm", "--silent", "--ignore-scripts", "--no-audit", "--no-fund"]
NODE = ["node", "--no-warnings"]
CLIENT_S = 240
HERE = os.path.dirname(os.path.abspath(__file__))


class Suite:
    """The suite, fetched."""

    def __init__(self):
        self.folder = os.path.join(fetched(), "package")

    def tests(self):
        """What there is: id -> {"kind", "depends_on", "group"}."""
        return json.loads(output(
            NODE + [os.path.join(HERE, "kinds.mjs"), self.folder]))

    def results(self, url):
        """Runs its client on a cache: id -> True, or [kind, message]."""
        env = dict(os.environ, npm_config_base=url, npm_config_id="",
                   npm_package_config_id="")
        return json.loads(output(NODE + ["cli.mjs"], cwd=self.folder,
                                 env=env, timeout=CLIENT_S))

    @contextlib.contextmanager
    def origin(self, directory):
        """Its origin, on a port that is free; gives the URL."""
        env = dict(os.environ, npm_config_protocol="http",
                   npm_config_port="0",
                   npm_config_pidfile=os.path.join(directory, "origin.pid"))
        with subprocess.Popen(
                NODE + ["server/server.mjs"], cwd=self.folder, env=env,
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                encoding="utf-8") as process:
            try:
                yield f"http://127.0.0.1:{port_of(process.stdout)}"
            finally:
                process.terminate()


def port_of(pipe):
    """The port that it says it listens on; what it says later is read so
    that it can go on."""
    for line in pipe:
        if found := re.match(r"Listening on http:.*:(\d+)/$", line):
            threading.Thread(target=pipe.read, daemon=True).start()
            return int(found[1])
    raise RuntimeError("the suite's server did not start")


def output(command, **more):
    return subprocess.run(command, check=True, stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, encoding="utf-8",
                          **more).stdout


# ---- fetching ----

def fetched():
    """The folder of the suite, which is filled when it is not there."""
    parent = os.path.join(os.path.dirname(program()), "tests", "conformance")
    folder = os.path.join(parent, f"{NAME}-{VERSION}")
    if not os.path.isdir(folder):
        os.makedirs(parent, exist_ok=True)
        fetch(parent, folder)
    return folder


def fetch(parent, folder):
    """Appears under its name when all of it is there, and not before."""
    part = tempfile.mkdtemp(prefix="fetching-", dir=parent)
    try:
        output(NPM + ["pack", f"{NAME}@{VERSION}"], cwd=part)
        archive = os.path.join(part, f"{NAME}-{VERSION}.tgz")
        check_hash(archive)
        output(["tar", "-x", "-z", "-f", archive, "-C", part])
        os.unlink(archive)
        output(NPM + ["install", "--no-save", "--no-package-lock",
                      "--prefix", part, FETCH], cwd=part)
        os.rename(part, folder)
    finally:
        shutil.rmtree(part, ignore_errors=True)


def check_hash(path):
    with open(path, "rb") as file:
        found = hashlib.sha512(file.read()).digest()
    if found != base64.b64decode(SHA512):
        raise RuntimeError(f"{os.path.basename(path)}: not the one known here")
