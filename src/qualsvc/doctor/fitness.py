"""Whether a database is one to start on."""

from qualsvc.doctor.findings import Finding
from qualsvc.doctor.schema import schema_findings
from qualsvc.doctor.server import server_findings
from qualsvc.store.engine import close, connect


async def unfit(url: str) -> list[Finding]:
    """The problems that a start on this database would have; its warnings a start mends or can live with."""
    connection = await connect(url)
    try:
        problems = [finding for finding in await server_findings(connection) if finding.level == "problem"]
        return problems or [finding for finding in await schema_findings(connection) if finding.level == "problem"]
    finally:
        await close(connection)
