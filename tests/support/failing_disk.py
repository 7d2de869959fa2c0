"""A store's disk that fails under a running larder: see failing_disk.c."""

import contextlib
import ctypes
import errno
import mmap
import os
import shlex
import struct
import subprocess

from runner import Skip

SOURCE = os.path.join(os.path.dirname(__file__), "failing_disk.c")
WRITES, SYNCS, RESERVING, META = 1, 2, 4, 8
CLONE_NEWNS = 0x00020000


class FailingDisk:
    """One library and its orders, in a directory; env is for larder."""

    def __init__(self, directory):
        library = os.path.join(directory, "failing_disk.so")
        path = os.path.join(directory, "failing_disk")
        compiler = shlex.split(os.environ.get("LINT_CC") or "cc")
        subprocess.run([*compiler, "-std=c11", "-D_GNU_SOURCE", "-O2",
                        "-fPIC", "-shared", "-o", library, SOURCE],
                       check=True)
        with open(path, "wb") as file:
            file.write(bytes(mmap.PAGESIZE))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.env = {"LD_PRELOAD": library, "FAILING_DISK_FILE": path}

    def order(self, what, error=errno.EIO, first=1, last=None):
        """From now on those that are the first-th to the last-th fail."""
        self.set(0, 0)
        self.set(1, error)
        self.set(2, first)
        self.set(3, last or 0xffffffff)
        self.set(4, 0)
        self.set(0, what)

    def stop(self):
        """The disk works again.  Returns how many were counted since."""
        self.set(0, 0)
        return self.get(4)

    @property
    def failed(self):
        """How many failed in all."""
        return self.get(5)

    def set(self, index, value):
        self.map[index * 4:index * 4 + 4] = struct.pack("=I", value)

    def get(self, index):
        return struct.unpack_from("=I", self.map, index * 4)[0]

    def close(self):
        self.map.close()


# ---- a small file system ----

def small_disk(t, folder, megabytes):
    """Mounts a tmpfs there, which nobody else sees and which goes with this
    process."""
    os.makedirs(folder)
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.unshare(CLONE_NEWNS) != 0:
        raise Skip("mounting is not allowed here")
    for command in (["mount", "--make-rprivate", "/"],
                    ["mount", "-t", "tmpfs", "-o", f"size={megabytes}m",
                     "larder-test", folder]):
        if subprocess.run(command, stderr=subprocess.DEVNULL,
                          check=False).returncode != 0:
            raise Skip("mounting is not allowed here")
    t.stack.callback(subprocess.run, ["umount", "-l", folder], check=False)


def fill_up(folder):
    """Takes all that is free; returns the file that does."""
    path = os.path.join(folder, "other")
    with open(path, "wb", buffering=0) as file:
        with contextlib.suppress(OSError):
            while file.write(bytes(1 << 16)):
                pass
    return path
