"""What larder says when it cannot start: exit status 1, and what to do."""

import os
import resource
import socket
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/../support")
import ports
from larder import program
from runner import Skip, equal, run, true


def fails(t, conf, *words, user=None, files=None):
    """larder does not start with conf, and names those words.  files: it
    may open no more than so many."""
    def limit():
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))
    path = os.path.join(t.dir, "test.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(conf)
    result = subprocess.run([program(), "-f", path], capture_output=True,
                            text=True, timeout=60, user=user,
                            extra_groups=[] if user else None,
                            preexec_fn=limit if files else None)
    equal(result.returncode, 1, result.stderr)
    for word in words:
        true(word in result.stderr, f"{word!r} in {result.stderr!r}")
    return result.stderr


def listen(t):
    """A Listen for an address of our own."""
    ip = ports.own_ip()
    return f"ServerRoot {t.dir}\nListen {ip}:{ports.free_port(ip)}\n"


def as_nobody(t):
    if os.geteuid() != 0:
        raise Skip("only root can become somebody else")
    os.chmod(t.dir, 0o755)
    return 65534


def test_a_busy_port(t):
    with socket.socket() as taken:
        taken.bind((ports.own_ip(), 0))
        taken.listen()
        ip, port = taken.getsockname()
        fails(t, f"Listen {ip}:{port}\n", f"{ip}:{port}", "another program")


def test_a_second_larder_on_the_same_port(t):
    larder = t.larder()
    ip, port = larder.address
    fails(t, f"Listen {ip}:{port}\n", f"{ip}:{port}", "another program")
    equal(larder.get("/").status, 404, "the first one serves")


def test_an_address_of_another_machine(t):
    fails(t, "Listen 192.0.2.1:8080\n", "192.0.2.1", "no such address")


def test_a_port_that_is_roots(t):
    user = as_nobody(t)
    with open("/proc/sys/net/ipv4/ip_unprivileged_port_start",
              encoding="ascii") as file:
        if int(file.read()) < 1024:
            raise Skip("every port is everybody's here")
    fails(t, f"Listen {ports.own_ip()}:81\n", ":81", "root", user=user)


def test_a_cache_root_that_cannot_be_made(t):
    with open(os.path.join(t.dir, "file"), "w", encoding="ascii"):
        pass
    fails(t, listen(t) + "CacheRoot file/store\n", "CacheRoot",
          f"{t.dir}/file/store")


def test_a_cache_root_that_may_not_be_written(t):
    user = as_nobody(t)
    os.mkdir(os.path.join(t.dir, "store"), 0o755)
    fails(t, listen(t) + "CacheRoot store\n", "CacheRoot", f"{t.dir}/store",
          "permission", user=user)
    fails(t, listen(t) + "CacheRoot sub/store\n", "CacheRoot",
          f"{t.dir}/sub/store", user=user)


def test_a_cache_root_in_use(t):
    larder = t.larder()
    fails(t, listen(t) + f"CacheRoot {larder.dir}/cache\n", "CacheRoot",
          "another larder")


def test_a_store_larger_than_the_disk(t):
    fails(t, listen(t) + "CacheRoot store\nCacheSize 60T\n", "CacheRoot",
          "no room for CacheSize")


def test_a_store_of_a_newer_larder(t):
    larder = t.larder()
    larder.stop()
    path = larder.dir + "/cache/data.mdb"
    with open(path, "rb") as file:
        data = file.read()
    row = b"format" + (1).to_bytes(8, "little")
    true(row in data, "what says the format")
    with open(path, "wb") as file:
        file.write(data.replace(row, b"format" + (2).to_bytes(8, "little")))
    fails(t, listen(t) + f"CacheRoot {larder.dir}/cache\n", "CacheRoot",
          "a newer larder wrote it")
    equal([name for name in os.listdir(larder.dir + "/cache")
           if name.startswith("aside")], [], "it is left alone")


def test_too_few_files_may_be_open(t):
    fails(t, listen(t) + "WorkerThreads 2\nCacheRoot store\n",
          "may open 40 files", "needs 48", "ulimit -n", files=40)


def test_an_unknown_user(t):
    fails(t, listen(t) + "User nosuchuser\n", "nosuchuser")


def test_a_control_socket_in_use(t):
    larder = t.larder(conf="ControlSocket {dir}/control")
    fails(t, listen(t) + f"ControlSocket {larder.dir}/control\n",
          "ControlSocket", "another larder")


def test_a_control_socket_whose_name_is_taken(t):
    path = os.path.join(t.dir, "control")
    with open(path, "w", encoding="ascii") as file:
        file.write("precious")
    fails(t, listen(t) + f"ControlSocket {path}\n", "ControlSocket")
    with open(path, encoding="ascii") as file:
        equal(file.read(), "precious")


def test_a_pid_file_that_cannot_be_written(t):
    fails(t, listen(t) + "PidFile none/pid\n", "PidFile")


def test_nothing_is_left_behind(t):
    path = os.path.join(t.dir, "control")
    fails(t, listen(t) + f"ControlSocket {path}\nPidFile pid\n"
          "CacheRoot test.conf\n", "CacheRoot")
    true(not os.path.exists(path), "no socket stays")
    true(not os.path.exists(os.path.join(t.dir, "pid")), "no pid file stays")


run()
