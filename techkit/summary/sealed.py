"""The page as it was signed, kept with the signature: whatever is changed afterwards, it can be shown and printed again.

The records a page is made of go on living: a rate changes, a customer gets another name, two that were entered twice
become one. What was signed does not.
"""

from __future__ import annotations

import base64
import json
import logging
import zlib

from techkit.records.bundle import VisitBundle
from techkit.summary.blocks import Document, as_data, hash_of

_log = logging.getLogger(__name__)

#: No page is larger than this; what claims to be is not unpacked. A page of six computers takes about 200 kB.
_MOST_BYTES = 8 * 1024 * 1024


def packed(document: Document) -> str:
    """Return a page as the signature keeps it."""
    plain = json.dumps(as_data(document), ensure_ascii=False, separators=(",", ":")).encode("utf-8")
    return base64.b64encode(zlib.compress(plain, 9)).decode("ascii")


def plain(kept: str, most_bytes: int = _MOST_BYTES) -> bytes | None:
    """Return a kept page as text, b"" for what does not read; None where it is larger than that."""
    try:
        text = zlib.decompressobj().decompress(base64.b64decode(kept, validate=True), most_bytes + 1)
    except (ValueError, zlib.error) as error:
        _not_read(error)
        return b""
    return text if len(text) <= most_bytes else None


def read(text: bytes, content_hash: str) -> Document | None:
    """Return the page a text is; None where it is none, or not the one the hash is of."""
    import msgspec  # loaded late: not needed before the first paint

    try:
        data = json.loads(text)
        # As it was written, so that a page of a techkit that knew fewer parts of it is still itself.
        return msgspec.convert(data, Document) if hash_of(data) == content_hash else None
    except (ValueError, msgspec.ValidationError, RecursionError) as error:
        _not_read(error)
        return None


def unpacked(kept: str, content_hash: str) -> Document | None:
    """Return the page that was kept; None where there is none, or it is not the one the hash is of."""
    text = plain(kept) if kept else b""
    return read(text, content_hash) if text else None


def _not_read(error: Exception) -> None:
    _log.info("a kept page does not read: %s", type(error).__name__)


def of(bundle: VisitBundle) -> Document | None:
    """Return the page this visit ended on: the signed one, or the one nobody signed; None while it is open.

    None as well where no page was kept (an earlier techkit's visit), and where its customer was removed.
    """
    if bundle.is_customer_removed:
        return None
    seal = bundle.valid_signature() or bundle.valid_waiver()
    return unpacked(seal.page, seal.content_hash) if seal is not None else None
