"""A home at work for each test."""

import pytest
from tests.support.desk import Desk, make_desk


@pytest.fixture
def desk(db: None) -> Desk:
    del db
    return make_desk()
