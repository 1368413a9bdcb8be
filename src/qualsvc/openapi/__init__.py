"""The OpenAPI document: what the routes say of themselves, put together with schemas, codes and real examples.

`qualsvc openapi` builds it; the committed one is what is served, so that no request ever builds it.
"""
