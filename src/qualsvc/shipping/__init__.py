"""From spool files to the database: every record once, in order, chained."""
