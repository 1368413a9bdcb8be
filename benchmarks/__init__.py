"""Measurements. Absolute times belong to the machine; what is promised is a ratio measured in one run."""
