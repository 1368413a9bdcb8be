"""Whether the log can be signed and witnessed as the settings say."""

import os

from qualsvc.audit.memory import MEMORY_FILE, Memory
from qualsvc.audit.signing import configured_key
from qualsvc.doctor.findings import Finding, ok, problem, warning
from qualsvc.settings import Settings, SettingsError

_CHECK = "audit"


def audit_findings(settings: Settings) -> list[Finding]:
    """The signing key and the witness' file; nothing is made or written."""
    try:
        key = configured_key(settings)
    except SettingsError as error:
        return [problem(_CHECK, "the signing key cannot be used", str(error), "mend it; the service does not start with it")]
    except OSError as error:
        why = f"`{error.filename}`: {error.strerror}"
        return [problem(_CHECK, "the signing key cannot be read", why, "mend it; the service does not start without it")]
    file = settings.witness_file
    if file is not None and (file.is_dir() or not os.access(file if file.exists() else file.parent, os.W_OK)):
        why = f"QUALSVC_WITNESS_FILE: `{file}` cannot be written from here"
        return [warning(_CHECK, "checkpoints will not be witnessed", why, "name a file in a directory that is there")]
    since = Memory(settings.data_dir / MEMORY_FILE).failing_since
    if since is not None:
        why = f"since {since} the service could not sign what the log says, or a witness did not take it"
        return [warning(_CHECK, "nobody outside is told what the log says", why, "its log says why, by `qualsvc.audit`")]
    signed = "a signing key is made by the first start" if key is None else f"checkpoints are signed by {key.public}"
    named = [place for place in (file and f"`{file}`", settings.witness_url and "a webhook") if place]
    witnessed = f"told to {' and '.join(named)}" if named else "no witness is named"
    return [ok(_CHECK, f"{signed}; {witnessed}")]
