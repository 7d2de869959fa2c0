"""Time for tests: an offset that larder and the scripted origin share.

See store/base/clock.h: LARDER_CLOCK_FILE holds one little-endian int64 of
milliseconds, which larder maps and adds to every reading of its clocks.
"""

import email.utils
import mmap
import struct
import time


class SystemClock:
    """The real time, for who needs no other."""

    def now(self):
        return time.time()

    def date(self, seconds_from_now=0):
        """An HTTP-date."""
        return email.utils.formatdate(self.now() + seconds_from_now,
                                      usegmt=True)


class Clock(SystemClock):
    def __init__(self, path):
        self.path = path
        with open(path, "wb") as file:
            file.write(bytes(8))
        with open(path, "r+b") as file:
            self.map = mmap.mmap(file.fileno(), 8)
        self.offset_s = 0

    def advance(self, seconds):
        """Moves time on, for timers too: idle connections may time out."""
        self.offset_s += seconds
        self.map[:] = struct.pack("<q", int(self.offset_s * 1000))

    def now(self):
        return super().now() + self.offset_s

    def close(self):
        self.map.close()
