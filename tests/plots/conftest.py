"""What every picture must be: drawn without pyplot, all of its text inside the figure and readable."""

from collections.abc import Callable

import numpy as np
import pytest
from matplotlib.axes import Axes
from matplotlib.backend_bases import RendererBase
from matplotlib.figure import Figure
from matplotlib.text import Text

Check = Callable[[Figure | Axes], list[str]]


@pytest.fixture
def drawn(monkeypatch: pytest.MonkeyPatch) -> Check:
    """Draw a figure, check that no text is cut off or smaller than 5 points, and return what it says."""
    seen: list[Text] = []
    draw = Text.draw

    def record(text: Text, renderer: RendererBase) -> None:
        seen.append(text)
        draw(text, renderer)

    def check(drawing: Figure | Axes) -> list[str]:
        figure = drawing.get_figure(root=True)
        assert isinstance(figure, Figure)
        seen.clear()
        with monkeypatch.context() as patch:
            patch.setattr(Text, "draw", record)
            figure.canvas.draw()
        for text in seen:
            if text.get_visible() and text.get_text().strip():
                box, whole = text.get_window_extent(), figure.bbox
                inside = min(box.x0, box.y0) >= -1 and box.x1 <= whole.x1 + 1 and box.y1 <= whole.y1 + 1
                assert inside, f"{text.get_text()!r} is cut off: {box.extents} of {whole.extents}"
                assert float(text.get_fontsize()) >= 5
        return [text.get_text() for text in seen if text.get_visible()]

    return check


@pytest.fixture
def photograph() -> np.ndarray:
    """A picture wider than high, of random noise."""
    return np.random.default_rng(0).integers(0, 256, (60, 90, 3), dtype=np.uint8)
