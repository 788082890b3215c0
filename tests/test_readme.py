"""The README names what there is; what it promises is checked elsewhere, by running it."""

from __future__ import annotations

from dataclasses import fields

import pytest

from aimsgraph.settings import Settings
from cases_support import ASSETS, ROOT, catalogue

README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("theme", catalogue().themes)
def test_every_theme_is_in_the_readme(theme: str) -> None:
    assert f"| `{theme}` |" in README


@pytest.mark.parametrize("name", [field.name for field in fields(Settings)])
def test_every_setting_is_in_the_readme(name: str) -> None:
    assert f"`AIMSGRAPH_{name.upper()}`" in README


@pytest.mark.parametrize("name", ASSETS.samples())
def test_every_sample_is_in_the_readme(name: str) -> None:
    assert f"`{name}`" in README


@pytest.mark.parametrize("folder", ["ontology", "shapes", "queries", "data", "tests", "src"])
def test_every_folder_is_in_the_readme(folder: str) -> None:
    assert f"{folder}/" in README
