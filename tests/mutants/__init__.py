"""Small wrong kernels, each of which some check here must tell from the right one."""
