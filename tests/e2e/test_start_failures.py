"""What larder says when it cannot start: exit status 1, and what to do."""

import os
import resource
import shutil
import socket
import subprocess
import sys

sys.path.insert(0, sys.path[0] + "/../support")
import ports
from control import CONTROL, ask_json
from larder import program
from runner import Skip, equal, run, true


OUR_FORMAT = b"format" + (1).to_bytes(8, "little")  # a row of sys
NEWER_FORMAT = b"format" + (2).to_bytes(8, "little")
READ_ONLY = ("mount --bind $0 $0 && mount -o remount,ro,bind $0 && "
             'exec "$@"')


def fails(t, conf, *words, user=None, files=None, before=()):
    """larder does not start with conf, and names those words.  files: how
    many it may open; before: the beginning of the command."""
    path = os.path.join(t.dir, "test.conf")
    with open(path, "w", encoding="utf-8") as file:
        file.write(conf)
    result = subprocess.run([*before, program(), "-f", path],
                            capture_output=True,
                            text=True, timeout=60, user=user,
                            extra_groups=[] if user else None,
                            preexec_fn=lambda: limit(files))
    equal(result.returncode, 1, result.stderr)
    for word in words:
        true(word in result.stderr, f"{word!r} in {result.stderr!r}")
    return result.stderr


def limit(files):
    if files:
        resource.setrlimit(resource.RLIMIT_NOFILE, (files, files))


def listen(t):
    """A Listen for an address of our own."""
    ip = ports.own_ip()
    return f"ServerRoot {t.dir}\nListen {ip}:{ports.free_port(ip)}\n"


def as_nobody(t):
    if os.geteuid() != 0:
        raise Skip("only root can become somebody else")
    os.chmod(t.dir, 0o755)
    return 65534


def opening(larder):
    return ask_json(larder, "GET", "/status")["store"]["opening"]


def read_only(path):
    """What to put before a command to which path is on a file system that is
    mounted read-only."""
    words = ["unshare", "-m", "sh", "-c", READ_ONLY, path]
    if os.geteuid() != 0 or not shutil.which("unshare") or subprocess.run(
            [*words, "true"], capture_output=True).returncode != 0:
        raise Skip("a file system cannot be mounted here")
    return words


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


def test_a_cache_root_that_is_no_folder(t):
    with open(os.path.join(t.dir, "file"), "w", encoding="ascii"):
        pass
    fails(t, listen(t) + "CacheRoot file\n", f"CacheRoot {t.dir}/file",
          "something else than a folder")


def test_a_store_of_another_user(t):
    user = as_nobody(t)
    larder = t.larder(conf=CONTROL)
    larder.stop()
    cache = larder.dir + "/cache"
    os.chmod(larder.dir, 0o755)
    os.chown(cache, user, user)  # but not what is in it
    said = fails(t, listen(t) + f"CacheRoot {cache}\nCacheSize 64M\n",
                 f"CacheRoot {cache}", "must belong to", user=user)
    true("read-only" not in said, said)
    larder.start()
    equal(opening(larder)["how"], "clean")


def test_a_store_of_a_newer_larder(t):
    larder = t.larder()
    larder.stop()
    cache = larder.dir + "/cache"
    with open(cache + "/data.mdb", "r+b") as file:
        text = file.read()
        true(OUR_FORMAT in text, "the row with the format is in the file")
        file.seek(0)
        file.write(text.replace(OUR_FORMAT, NEWER_FORMAT))
    fails(t, listen(t) + f"CacheRoot {cache}\nCacheSize 64M\n",
          f"CacheRoot {cache}", "a newer larder")
    true(not [n for n in os.listdir(cache) if n.startswith("aside")],
         "it is left alone")


def test_a_read_only_file_system(t):
    path = os.path.join(t.dir, "mounted")
    os.makedirs(os.path.join(path, "there"))
    before = read_only(path)
    said = fails(t, listen(t) + f"CacheRoot {path}/there\n",
                 f"CacheRoot {path}/there", "mounted read-only", before=before)
    true("belong to" not in said, said)
    fails(t, listen(t) + f"CacheRoot {path}/not/there\n",
          f"CacheRoot {path}/not/there", "mounted read-only", before=before)


def test_too_few_open_files(t):
    conf = listen(t) + "WorkerThreads 2\nCacheRoot store\nCacheSize 16M\n"
    fails(t, conf, "34", "LimitNOFILE", files=33)


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
