"""Programs that run beside us, each in the environment of its engine: they import that, the standard library and each other."""
