"""The peers: other decision engines, each given the same plant and asked the same questions.

`python -m benchmarks.peers.install` puts them into `.peers/`, away from our own environment; `python -m benchmarks.peers`
checks that all answer as the kernel does, and measures them.
"""
