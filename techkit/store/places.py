"""What is kept for sync: the place reached in each scope this device holds, and values such as token and epoch."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from techkit.store.connection import Connection


class Places:
    """Places and values of one store; written inside the store's transactions but for `set_meta`."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def cursors(self) -> dict[str, tuple[int, str]]:
        """Return scope -> (place, digest in hex) of every scope this device may hold."""
        rows = self._connection.all("SELECT scope, seq, digest FROM _cursor ORDER BY scope")
        return {scope: (seq, digest.hex()) for scope, seq, digest in rows}

    def grant(self, scopes: Iterable[str]) -> None:
        """Begin at the start of scopes this device may hold from now on."""
        for scope in scopes:
            self._connection.execute(
                "INSERT OR IGNORE INTO _cursor (scope, seq, digest) VALUES (?, 0, ?)", (scope, b"")
            )

    def move(self, scope: str, seq: int, digest: str) -> None:
        """Keep the place reached in a scope; digest: in hex."""
        self._connection.execute(
            "UPDATE _cursor SET seq = ?, digest = ? WHERE scope = ?", (seq, bytes.fromhex(digest), scope)
        )

    def meta(self, key: str) -> str:
        """Return a value kept for sync (token, epoch), "" when there is none."""
        row = self._connection.one("SELECT value FROM _meta WHERE key = ?", (f"sync.{key}",))
        return str(row[0]) if row else ""

    def names(self, key: str) -> set[str]:
        """Return the names kept under a key."""
        return set(self.meta(key).split())

    def set_meta(self, values: Mapping[str, str]) -> None:
        """Keep values for sync."""
        with self._connection.transaction():
            for key, held in values.items():
                self._connection.execute(
                    "INSERT OR REPLACE INTO _meta (key, value) VALUES (?, ?)", (f"sync.{key}", held)
                )

    def set_names(self, key: str, names: Iterable[str]) -> None:
        """Keep names under a key."""
        self.set_meta({key: " ".join(sorted(names))})
