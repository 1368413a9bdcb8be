"""Applications that only benchmarks serve: yardsticks, and what a user would write instead of this service."""
