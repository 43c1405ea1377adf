"""The error family: trouble of the world that techkit expects and can explain.

| family | raised by | means |
|---|---|---|
| ProbeError | probes, diagnostics | a reading could not be had |
| StoreError | store | the local store could not read or write |
| SyncError | sync | the exchange with the central service did not happen |
| CentralError | central | the service refuses or cannot serve a request |
| CredentialError | credentials | a key, passphrase or keyring did not open |
| InputError | records, presenters | what was entered cannot be kept as it is |
| SummaryError | summary | the paper could not be made |

Anything that is not a TechkitError is a fault of techkit and reaches the crash page.
"""

from __future__ import annotations


class TechkitError(Exception):
    """Tell a person what happened, what is safe and what to do now.

    title: what happened, one sentence. safe: what is not lost. advice: the next step.
    context: facts for the log only (no secrets, no customer text).
    """

    #: Short and stable; shown in small print and used on the wire.
    code = "techkit"

    def __init__(self, title: str, *, safe: str = "", advice: str = "", **context: object) -> None:
        super().__init__(title)
        self.title = title
        self.safe = safe
        self.advice = advice
        self.context = context

    def sentences(self) -> str:
        """Return title, what is safe and the advice as one text of up to three sentences."""
        return " ".join(part for part in (self.title, self.safe, self.advice) if part)


class ProbeError(TechkitError):
    """A reading could not be had; `reason` is a value of records.findings.Reason."""

    code = "probe"

    def __init__(self, title: str, *, reason: str = "failed", **context: object) -> None:
        safe, advice = str(context.pop("safe", "")), str(context.pop("advice", ""))
        super().__init__(title, safe=safe, advice=advice, **context)
        self.reason = reason


class StoreError(TechkitError):
    """The local store could not read or write."""

    code = "store"


class StoreFullError(StoreError):
    """The disk or stick has no room for the change."""

    code = "store_full"


class FileDamagedError(StoreError):
    """A photo or file does not read; the store itself does."""

    code = "file_damaged"


class StoreBusyError(StoreError):
    """Another techkit has this store open."""

    code = "store_busy"


class StoreDamagedError(StoreError):
    """The store's file is not readable as a store (flipped bit, truncated, foreign file)."""

    code = "store_damaged"


class StoreNewerError(StoreError):
    """The store was written by a newer techkit than this one."""

    code = "store_newer"


class SyncError(TechkitError):
    """The exchange with the central service did not happen; the outbox is intact."""

    code = "sync"


class UnreachableError(SyncError):
    """The central service did not answer."""

    code = "unreachable"


class CutError(UnreachableError):
    """The central service was reached, and the connection ended in the middle."""


class ForeignServiceError(SyncError):
    """Something answered that is not the service this device was enrolled with."""

    code = "foreign_service"


class RefusedError(SyncError):
    """The service answered and refused this device or this request."""

    code = "refused"


class CentralError(TechkitError):
    """The service refuses or cannot serve a request; `status` is the HTTP status."""

    code = "central"
    status = 500

    def __init__(self, title: str, *, status: int = 500, **context: object) -> None:
        safe, advice = str(context.pop("safe", "")), str(context.pop("advice", ""))
        super().__init__(title, safe=safe, advice=advice, **context)
        self.status = status


class CredentialError(TechkitError):
    """A key, passphrase or keyring did not open."""

    code = "credential"


class WrongPassphraseError(CredentialError):
    """The passphrase or recovery code opens no slot."""

    code = "wrong_passphrase"


class VaultNewerError(CredentialError):
    """The key file was written by a newer techkit; nothing may be written over it."""

    code = "vault_newer"


class InputError(TechkitError):
    """What was entered cannot be kept as it is; `field` names where."""

    code = "input"

    def __init__(self, title: str, *, field: str = "", safe: str = "", advice: str = "") -> None:
        super().__init__(title, safe=safe, advice=advice)
        self.field = field


class SummaryError(TechkitError):
    """The paper could not be made."""

    code = "summary"
