"""A backend that answers at once adds nothing to Age (RFC 9111 4.2.3), also
when a second begins between the request and its answer."""

import sys
import time

sys.path.insert(0, sys.path[0] + "/../support")
from origin import reply
from runner import equal, run, true

TICK_S = 0.05  # what the answer takes, by the clock that larder sees
QUICK_S = 0.45


def test_a_tick_of_the_clock_is_no_second(t):
    origin = t.origin()
    larder = t.larder(origin)
    client = t.client(larder)

    def answer(_):
        t.clock.advance(TICK_S)
        return reply("Cache-Control: max-age=600", "Age: 30", body=b"x")

    def ask(path):
        origin.on(path, answer)
        t.clock.advance((1 - TICK_S / 2 - t.clock.now()) % 1)
        before = time.monotonic()
        age = client.get(path).age
        return age, time.monotonic() - before + TICK_S

    for n in range(5):
        age, took_s = ask(f"/{n}")
        if took_s < QUICK_S:
            equal(age, 30, "Age")
        else:
            true(age <= 32 + took_s, f"Age {age} after {took_s} s")


run()
