"""A plant whose answers are shipped when a test says so."""

from pathlib import Path

from qualsvc.shipping.boot import Boot
from qualsvc.shipping.shipper import Shipper
from qualsvc.store.engine import connect
from tests.audit.log import KEY
from tests.serving import Running


async def ship(plant: Running | str, spool: Path | None = None) -> int:
    """Ship all there is, by a shipper that knows of nothing before; answers how many rows."""
    url, directory = (plant, spool) if isinstance(plant, str) else (plant.database_url, plant.data_dir / "spool")
    assert directory is not None
    connection = await connect(url)
    try:
        shipper, boots, number = Shipper(directory, "", KEY), dict[str, Boot](), 0
        while more := await shipper.once(connection, boots):
            number += more
        return number
    finally:
        await connection.close()
