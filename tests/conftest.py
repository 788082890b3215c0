"""What tests share."""

from __future__ import annotations

import pytest

from cases_support import Workbench


@pytest.fixture(scope="session")
def workbench() -> Workbench:
    """Return a store with the ontology in it, for one case at a time."""
    return Workbench()
