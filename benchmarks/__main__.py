"""`python -m benchmarks`: measure; `--check` fails where a promised ratio is missed."""

import sys

from benchmarks import http, kernel

PROMISED = {"ask throughput / bare ASGI": 0.08}
"""Least acceptable ratios. The ask path has not been made fast yet; these only notice when it gets much slower."""


def main() -> int:
    """Print every figure, and the promises that were missed."""
    figures = kernel.measure() | http.measure()
    for name, value in figures.items():
        print(f"{name:<36}{value:10.2f}")
    missed = {name: least for name, least in PROMISED.items() if figures[name] < least}
    for name, least in missed.items():
        print(f"missed: {name} is {figures[name]:.2f}, promised at least {least}")
    return 1 if missed and "--check" in sys.argv[1:] else 0


if __name__ == "__main__":
    sys.exit(main())
