"""qualsvc: qualification decisions for factories."""
