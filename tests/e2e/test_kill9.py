"""kill -9 while storing: never a wrong byte, and it opens at once."""

import sys

sys.path.insert(0, sys.path[0] + "/../support")
from killing import Rounds
from runner import run, true


def test_every_body_is_right_after_kill_9_while_storing(t):
    rounds = Rounds(t)
    for _ in range(6):
        rounds.play()
    true(rounds.survived > 0, "objects outlived a kill")
    true(rounds.parts > 0, "and so did parts")


run()
