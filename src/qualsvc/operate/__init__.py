"""What operators and their tools ask a process: alive, ready, how much."""
