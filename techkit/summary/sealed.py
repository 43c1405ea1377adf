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


def unpacked(kept: str, content_hash: str) -> Document | None:
    """Return the page that was kept; None where there is none, or it is not the one the hash is of."""
    if not kept:
        return None
    import msgspec  # loaded late: not needed before the first paint

    try:
        unpacker = zlib.decompressobj()
        data = json.loads(unpacker.decompress(base64.b64decode(kept, validate=True), _MOST_BYTES))
        # As it was written, so that a page of a techkit that knew fewer parts of it is still itself.
        return msgspec.convert(data, Document) if hash_of(data) == content_hash else None
    except (ValueError, zlib.error, msgspec.ValidationError, RecursionError) as error:
        _log.info("a kept page does not read: %s", type(error).__name__)
        return None


def of(bundle: VisitBundle) -> Document | None:
    """Return the page this visit ended on: the signed one, or the one nobody signed; None while it is open.

    None as well where no page was kept (an earlier techkit's visit), and where its customer was removed.
    """
    if bundle.is_customer_removed:
        return None
    seal = bundle.valid_signature() or bundle.valid_waiver()
    return unpacked(seal.page, seal.content_hash) if seal is not None else None
