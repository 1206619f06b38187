"""Made-up evenings: event files of any size, for trying things out, for measuring, and for the demo."""

from api.simulate.evening import Evening

__all__ = ["Evening"]
