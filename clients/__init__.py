"""Clients generated from the OpenAPI document, built and tried against the service: `make clients`.

The document is linted; a TypeScript and a Python client are generated from it, type-checked or imported, and each is run
against a service with the sample plant. Nothing that is generated is committed.
"""
