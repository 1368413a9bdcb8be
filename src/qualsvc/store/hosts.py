"""The hosts that a `postgresql://…` URL names, to be tried one by one.

The driver gives all of them one time-out together, and a first one that is silent (no power, no network) would use it up.
"""

from urllib.parse import parse_qs, unquote, urlsplit

Host = tuple[str | None, int | None]
"""A name, an address or a directory of sockets, None where the environment says; the port, None where it is the usual one."""


def hosts(url: str) -> list[Host]:
    """Each host with its port, in their order; empty where the URL leaves them to the environment, or the driver to refuse."""
    parts = urlsplit(url)
    query = parse_qs(parts.query)
    try:
        if "host" in query:
            found = [_named(each) for each in query["host"][-1].split(",") if each]
        else:
            found = [_in_authority(each) for each in parts.netloc.rpartition("@")[2].split(",") if each]
        ports = [int(port) if port else None for port in query.get("port", [""])[-1].split(",")]
    except ValueError:
        return []
    if len(ports) not in {1, len(found)}:
        return []
    return [(host, port or other) for (host, port), other in zip(found, ports * (len(found) // len(ports)), strict=True)]


def _in_authority(named: str) -> Host:
    if named.startswith("["):
        host, _, port = named[1:].partition("]")
        return host, int(port[1:]) if port[1:] else None
    host, _, port = named.partition(":")
    return unquote(host), int(port) if port else None


def _named(named: str) -> Host:
    """A directory, or an IPv6 address, has no port here; a name may."""
    if named.startswith("/") or named.count(":") > 1:
        return named, None
    return _in_authority(named)
