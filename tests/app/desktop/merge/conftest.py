"""The window for tests of the merge preview."""

from tests.app.desktop.desk import desk, film

__all__ = ["desk", "film"]
