"""`python -m benchmarks`: measure; `--check` fails where a promised ratio is missed."""

import sys

from benchmarks import evidence, http, kernel

PROMISED = {"ask throughput / bare ASGI": 0.08}
"""Least acceptable ratios. The ask path has not been made fast yet; these only notice when it gets much slower."""
AT_MOST = {"put on record, us a decision": 5.0}
"""Most acceptable figures, on a machine that does nothing else."""


def main() -> int:
    """Print every figure, and the promises that were missed."""
    figures = kernel.measure() | evidence.measure() | http.measure()
    for name, value in figures.items():
        print(f"{name:<36}{value:10.2f}")
    missed = {name: least for name, least in PROMISED.items() if figures[name] < least}
    for name, least in missed.items():
        print(f"missed: {name} is {figures[name]:.2f}, promised at least {least}")
    exceeded = {name: most for name, most in AT_MOST.items() if figures[name] > most}
    for name, most in exceeded.items():
        print(f"missed: {name} is {figures[name]:.2f}, promised at most {most}")
    return 1 if (missed or exceeded) and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
