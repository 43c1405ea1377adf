"""What makes a vault cheap enough for tests."""

from __future__ import annotations

from techkit.credentials.slots import Cost, Limits

#: argon2id made cheap for tests; everywhere else a vault like this is refused (tested below).
CHEAP = Cost(memory_kib=64, passes=1, lanes=1)
TEST_LIMITS = Limits(floor_kib=64)

PASSPHRASE = "three invented words"
