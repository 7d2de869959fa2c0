"""Memory that runs out in a running larder: see failing_malloc.c."""

import mmap
import os
import shlex
import struct
import subprocess

SOURCE = os.path.join(os.path.dirname(__file__), "failing_malloc.c")
MAIN, OTHERS = 1, 2  # threads


class FailingMalloc:
    """One library and its orders, in a directory; env is for larder."""

    def __init__(self, directory):
        library = os.path.join(directory, "failing_malloc.so")
        path = os.path.join(directory, "failing_malloc")
        compiler = shlex.split(os.environ.get("LINT_CC") or "cc")
        subprocess.run([*compiler, "-std=c11", "-D_GNU_SOURCE", "-O2",
                        "-fno-builtin", "-fPIC", "-shared", "-o", library,
                        SOURCE], check=True)
        with open(path, "wb") as file:
            file.write(bytes(mmap.PAGESIZE))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.env = {"LD_PRELOAD": library, "FAILING_MALLOC_FILE": path}

    def order(self, threads, every=0, at=0):
        """From now on, of those threads' allocations, each every-th fails,
        and the at-th."""
        self.set(0, 0)
        self.set(1, every)
        self.set(2, at)
        self.set(3, 0)
        self.set(0, threads)

    def stop(self):
        """There is memory again.  Returns how many were counted since."""
        self.set(0, 0)
        return self.get(3)

    @property
    def failed(self):
        """How many failed in all."""
        return self.get(4)

    def set(self, index, value):
        self.map[index * 4:index * 4 + 4] = struct.pack("=I", value)

    def get(self, index):
        return struct.unpack_from("=I", self.map, index * 4)[0]

    def close(self):
        self.map.close()
