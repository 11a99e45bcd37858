"""Processes that are killed: what was given to them is told, and the others' jobs are done all the same."""

import os
from dataclasses import replace
from pathlib import Path, PosixPath
from typing import Any

import torch

from evocative.study.crew import crew
from evocative.study.jobs import Job, arm_jobs
from evocative.study.load import parse_study
from evocative.study.work import Places


class Deadly(PosixPath):
    """A folder that ends the process that unpickles it, as a lack of memory would."""

    def __reduce__(self) -> Any:
        return os._exit, (9,)


def jobs(tmp_path: Path, **features: bool) -> list[Job]:
    study = parse_study(
        {
            "recipe": "default", "folds": [0], "seeds": [0, 1, 2, 3], "arms": {"plain": {}},
            "set": {
                "training.head_start": False, "training.head_emotions_band": False,
                "training.head_group_effect": False, "features": features,
            },
        }
    )  # fmt: skip
    return arm_jobs(study, tmp_path, {})


def test_a_killed_process_ends_neither_the_study_nor_the_jobs_that_wait(tmp_path: Path) -> None:
    some = jobs(tmp_path)
    some[0] = replace(some[0], folder=Deadly(tmp_path))
    with crew(2, 1, Places(tmp_path), keep_models=False) as do:
        told = {one.job.seed: str(one.error) for one in do(some[:3], measured=False)}
        later = [str(one.error) for one in do(some[3:], measured=False)]
    assert sorted(told) == [0, 1, 2]
    assert "a process of the study was killed" in told[0]
    assert "--data-root" in told[2]  # done, as far as it goes without data
    assert "--data-root" in later[0]


def test_the_first_that_keeps_features_goes_alone_and_when_killed_the_others_go_on(tmp_path: Path) -> None:
    some = jobs(tmp_path, stored=True)[:2]
    some[0] = replace(some[0], folder=Deadly(tmp_path))
    with crew(2, 1, Places(tmp_path), keep_models=False) as do:
        errors = [str(one.error) for one in do(some, measured=False)]
    assert "was killed" in errors[0]
    assert "--data-root" in errors[1]


def test_jobs_in_this_process_leave_its_threads_as_they_were(tmp_path: Path) -> None:
    before = torch.get_num_threads()
    with crew(1, before + 1, Places(tmp_path), keep_models=False):
        assert torch.get_num_threads() == before + 1
    assert torch.get_num_threads() == before
