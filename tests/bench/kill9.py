#!/usr/bin/env python3
"""kill -9 during heavy storing, many times; every body is checked.

    LARDER=… kill9.py [--rounds 50] [--answers 1000]
"""

import argparse
import sys

sys.dont_write_bytecode = True
sys.path.insert(0, sys.path[0] + "/../support")
from killing import Rounds
from runner import demonstrate


def main(t):
    parser = argparse.ArgumentParser()
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--answers", type=int, default=1000)
    options = parser.parse_args()
    rounds = Rounds(t, size="2G", nothing_evicted=False)
    for _ in range(options.rounds):
        rounds.play(options.answers)
        print(f"round {rounds.number}: {rounds.checked} objects asked for, "
              f"{rounds.survived} outlived the kill, all of them right",
              flush=True)


demonstrate(main)
