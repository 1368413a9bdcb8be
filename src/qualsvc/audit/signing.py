"""The key that signs what is said about the log, and statements signed with it."""

import base64
import binascii
import contextlib
import json
import os
import re
import secrets
from collections.abc import Callable, Mapping
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import load_pem_private_key, load_pem_public_key

from qualsvc.settings import Settings, SettingsError

KEY_FILE = "signing.key"
"""In the data directory, where no key is given."""
_SEED_BYTES = 32
_HEXADECIMAL = re.compile("[0-9a-f]{64}")


class SigningKey:
    """A private Ed25519 key; it shows itself by its public half only."""

    def __init__(self, seed: bytes) -> None:
        """Of 32 bytes."""
        self._key = Ed25519PrivateKey.from_private_bytes(seed)

    @property
    def public(self) -> str:
        """The public key in hexadecimal."""
        return self._key.public_key().public_bytes_raw().hex()

    @property
    def seed(self) -> str:
        """The secret, in Base64, as it is given by QUALSVC_SIGNING_KEY."""
        return base64.b64encode(self._key.private_bytes_raw()).decode()

    def sign(self, body: str) -> str:
        """The signature of a text, in hexadecimal."""
        return self._key.sign(body.encode()).hex()


def is_signed(body: str, key: str, signature: str) -> bool:
    """Whether the signature is that of this key, given in hexadecimal, over this text."""
    try:
        Ed25519PublicKey.from_public_bytes(bytes.fromhex(key)).verify(bytes.fromhex(signature), body.encode())
    except (InvalidSignature, ValueError):
        return False
    return True


def canonical(said: Mapping[str, Any]) -> str:
    """JSON in one form only: keys in order, no space, ASCII."""
    return json.dumps(said, sort_keys=True, separators=(",", ":"))


def digest(body: str) -> str:
    """By what the next statement names this one."""
    return sha256(body.encode()).hexdigest()


def read_key(text: str) -> SigningKey:
    """A key as Base64 of 32 bytes, or as PEM (PKCS #8, no password). Raises ValueError."""
    if text.lstrip().startswith("-----"):
        try:
            key = load_pem_private_key(text.encode(), None)
        except TypeError:
            raise ValueError("the PEM file wants a password; give it without") from None
        if not isinstance(key, Ed25519PrivateKey):
            raise ValueError("it is no Ed25519 key; make one with `openssl genpkey -algorithm ed25519`")
        return SigningKey(key.private_bytes_raw())
    try:
        seed = base64.b64decode("".join(text.split()), validate=True)
    except binascii.Error:
        seed = b""
    if len(seed) != _SEED_BYTES:
        raise ValueError("neither Base64 of 32 bytes (`openssl rand -base64 32`) nor PEM")
    return SigningKey(seed)


def configured_key(settings: Settings, *, making: bool = False) -> SigningKey | None:
    """The key of this installation: given, in a file that is named, or in the data directory, where `making` makes one.

    None when there is none. Raises SettingsError and OSError.
    """
    if settings.signing_key is not None:
        if settings.signing_key_file is not None:
            raise SettingsError("QUALSVC_SIGNING_KEY and QUALSVC_SIGNING_KEY_FILE are both set; one of them is enough")
        return _read("QUALSVC_SIGNING_KEY", lambda: read_key(settings.signing_key or ""))
    place = settings.signing_key_file
    if place is not None:
        return _read(f"QUALSVC_SIGNING_KEY_FILE: `{place}`", lambda: key_in(place))
    own = settings.data_dir / KEY_FILE
    if making and not own.exists():
        _make(own)
    return _read(f"`{own}`", lambda: key_in(own)) if own.exists() else None


def key_in(file: Path) -> SigningKey:
    """The key that a file holds. Raises ValueError and OSError."""
    return read_key(file.read_text("ascii", "replace"))


def public_keys(text: str) -> list[str]:
    """Public keys as they are given: in hexadecimal, several by white space, or one as PEM. Raises ValueError."""
    if text.lstrip().startswith("-----"):
        if "PRIVATE KEY" in text:
            raise ValueError("it is a private key, which only the service may have")
        try:
            key = load_pem_public_key(text.encode())
        except (ValueError, UnsupportedAlgorithm):
            raise ValueError("PEM, but no public key") from None
        if not isinstance(key, Ed25519PublicKey):
            raise ValueError("it is no Ed25519 key")
        return [key.public_bytes_raw().hex()]
    keys = text.lower().split()
    if not keys or not all(_HEXADECIMAL.fullmatch(key) for key in keys):
        raise ValueError("neither 64 hexadecimal digits nor PEM")
    return keys


def _read(where: str, key: Callable[[], SigningKey]) -> SigningKey:
    try:
        return key()
    except ValueError as error:
        raise SettingsError(f"{where}: {error}") from None
    except OSError as error:
        raise SettingsError(f"{where} cannot be read: {error.strerror}") from None


def _make(place: Path) -> None:
    """Two who start at once end with one key: the file comes to its name whole, and only once."""
    place.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    draft = place.with_name(f".{place.name}-{secrets.token_hex(8)}")
    file = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        os.write(file, base64.b64encode(secrets.token_bytes(_SEED_BYTES)) + b"\n")
        os.fsync(file)
        with contextlib.suppress(FileExistsError):
            os.link(draft, place)
    finally:
        os.close(file)
        draft.unlink()
