"""The registry: maintaining records over HTTP, one by one and in bulk."""
