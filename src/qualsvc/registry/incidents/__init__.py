"""Incidents: evidence frozen when one is reported, measures written with its conclusion."""

from qualsvc.registry.incidents.routes import incidents_router

__all__ = ["incidents_router"]
