"""Tells when a network appears, so that what waits is sent without anybody pressing anything."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject
from PySide6.QtNetwork import QNetworkInformation


class NetworkWatch(QObject):
    """Calls `appeared` each time the computer comes to reach something beyond itself.

    Where the system tells nobody (no backend of Qt fits), it stays silent; sync tries by its interval then.
    """

    def __init__(self, parent: QObject, appeared: Callable[[], object]) -> None:
        super().__init__(parent)
        self._appeared = appeared
        self._is_near = True
        wanted = QNetworkInformation.Feature.Reachability
        self._source = (
            QNetworkInformation.instance() if QNetworkInformation.loadBackendByFeatures(wanted) else None
        )
        if self._source is not None:
            self._is_near = self._reaches(self._source.reachability())
            self._source.reachabilityChanged.connect(self.changed)

    def stop(self) -> None:
        """Tell no more."""
        if self._source is not None:
            self._source.reachabilityChanged.disconnect(self.changed)
            self._source = None

    def changed(self, reachability: QNetworkInformation.Reachability) -> None:
        """Take what the system says now; only the way from nothing to something is told."""
        was_near, self._is_near = self._is_near, self._reaches(reachability)
        if self._is_near and not was_near:
            self._appeared()

    @staticmethod
    def _reaches(reachability: QNetworkInformation.Reachability) -> bool:
        """Return whether it may be worth trying; an office may be in a network without the internet."""
        nothing = QNetworkInformation.Reachability.Disconnected
        return reachability not in (nothing, QNetworkInformation.Reachability.Unknown)
