"""Header and Train page offer the same of a run: one derivation, whatever the moment."""

from __future__ import annotations

import itertools

import pytest

from cnn_explorer.core.run.history import RunState
from cnn_explorer.ui.pages.train.state import actions
from cnn_explorer.ui.session.runs.actions import RunMoment
from cnn_explorer.ui.shell.header_state import Facts, header_state

MOMENTS = [
    RunMoment(RunState(phase="training" if running else "idle"), running, paused and running, stopping and running)
    for running, paused, stopping in itertools.product((False, True), repeat=3)
]


@pytest.mark.parametrize("obstacle", ["", "There are no layers."])
@pytest.mark.parametrize("moment", MOMENTS)
def test_that_header_and_page_offer_the_same(moment: RunMoment, obstacle: str) -> None:
    header = header_state(Facts("net", 1, obstacle=obstacle, moment=moment))
    page = actions(moment, obstacle, has_run=False, weights_fit=False)
    assert (header.pause, header.stop) == (page.pause, page.stop)
    assert (header.train.enabled, header.train.text) == (page.start.enabled, page.start.text)
    assert header.train.enabled == (not obstacle)
    assert header.pause.enabled == header.stop.enabled == (moment.is_running and not moment.is_stopping)
