"""Signatures: an Ed25519 key of the workspace, so that a changeset says who wrote the ledger.

The key proves something only where it is kept apart from the ledger: whoever
holds both can rewrite all of it and sign again.
"""

from __future__ import annotations

import base64
import os
from hashlib import sha256
from pathlib import Path

from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    load_pem_public_key,
)

from aimsgraph.errors import SettingsError


class Signer:
    """A private key that signs the digests of changesets."""

    def __init__(self, key: Ed25519PrivateKey) -> None:
        self._key = key
        self.fingerprint = fingerprint(key.public_key())

    @classmethod
    def create(cls, private: Path, public: Path) -> Signer:
        """Make a key; the private half is for its owner's eyes only.

        Raises:
            SettingsError: there is a key already.
        """
        if private.exists():
            raise SettingsError(f"{private}: there is a key already; move it away to make another")
        key = Ed25519PrivateKey.generate()
        private.parent.mkdir(parents=True, exist_ok=True)
        handle = os.open(private, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
        public.write_bytes(
            key.public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        )
        return cls(key)

    @classmethod
    def read(cls, path: Path) -> Signer:
        """Read a private key from a PEM file.

        Raises:
            SettingsError: it holds no Ed25519 key that can be read.
        """
        try:
            key = load_pem_private_key(path.read_bytes(), password=None)
        except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
            raise SettingsError(f"{path}: the signing key cannot be read: {error}") from error
        if not isinstance(key, Ed25519PrivateKey):
            raise SettingsError(f"{path}: the signing key is not an Ed25519 key")
        return cls(key)

    def sign(self, digest: str) -> str:
        """Return the signature of a digest, in base64."""
        return base64.b64encode(self._key.sign(bytes.fromhex(digest))).decode()


class PublicKeys:
    """Public keys by fingerprint."""

    def __init__(self, keys: dict[str, Ed25519PublicKey]) -> None:
        self._keys = keys

    @classmethod
    def read(cls, paths: list[Path]) -> PublicKeys:
        """Read public keys from PEM files.

        Raises:
            SettingsError: one holds no Ed25519 public key.
        """
        keys: dict[str, Ed25519PublicKey] = {}
        for path in paths:
            try:
                key = load_pem_public_key(path.read_bytes())
            except (OSError, ValueError, UnsupportedAlgorithm) as error:
                raise SettingsError(f"{path}: the public key cannot be read: {error}") from error
            if not isinstance(key, Ed25519PublicKey):
                raise SettingsError(f"{path}: the public key is not an Ed25519 key")
            keys[fingerprint(key)] = key
        return cls(keys)

    def __bool__(self) -> bool:
        """Return whether there is any key."""
        return bool(self._keys)

    def knows(self, name: str) -> bool:
        """Return whether there is a key of a fingerprint."""
        return name in self._keys

    def holds(self, name: str, digest: str, signature: str) -> bool:
        """Return whether a signature of a digest is that of the key with a fingerprint."""
        try:
            self._keys[name].verify(base64.b64decode(signature), bytes.fromhex(digest))
        except (InvalidSignature, ValueError):
            return False
        return True


def fingerprint(key: Ed25519PublicKey) -> str:
    """Return the SHA-256 of a public key, by which a changeset names it."""
    return sha256(key.public_bytes(Encoding.Raw, PublicFormat.Raw)).hexdigest()
