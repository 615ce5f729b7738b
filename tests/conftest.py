"""What every test stands on."""

import pytest


@pytest.fixture(autouse=True)
def _blobs_in_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each test starts with an empty blob store."""
    from liaison.apps.blobs import store
    from liaison.apps.blobs.storage import MemoryStorage

    own = store.BlobStore(MemoryStorage(), store.master_key())
    monkeypatch.setattr(store, "default_store", lambda: own)
