"""The laws of the kernel. Each is a function of a drawn plant, so that hypothesis and the list of mutants try the same ones."""
