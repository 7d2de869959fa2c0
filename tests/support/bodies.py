"""Bodies that can be made again from a name, and so be checked."""

import random
import zlib

BLOCK = random.Random("larder").randbytes(1 << 20)


def body_of(name, n):
    """n bytes that no other name gives."""
    return random.Random(name).randbytes(n)


def size_of(name, most):
    """A size for that name: most are small, some are not."""
    return int(most * random.Random("size " + name).random() ** 4)


def blocks(megabytes):
    """That many MiB, one at a time (for what is too large to hold)."""
    for i in range(megabytes):
        yield i.to_bytes(8, "big") + BLOCK[8:]


def blocks_crc(megabytes):
    crc = 0
    for block in blocks(megabytes):
        crc = zlib.crc32(block, crc)
    return crc
