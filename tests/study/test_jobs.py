"""Which runs there are, and which candidate is chosen."""

import json
from pathlib import Path
from typing import Any

import pytest

from evocative.errors import RecipeError
from evocative.study.jobs import BROKEN, Job, arm_jobs, choose, refuse_changed, tuning_jobs
from evocative.study.load import parse_study
from evocative.study.settings import Study


def tuned(**select: Any) -> Study:
    return parse_study(
        {
            "recipe": "default",
            "folds": [0, 1],
            "seeds": [0, 1, 2],
            "select": {"seed": 7, **select},
            "arms": {"plain": {"grid": {"optimizer.lr": [0.01, 0.02, 0.03]}}},
        }
    )


def finish(job: Job, **figures: float | None) -> None:
    job.folder.mkdir(parents=True)
    (job.folder / "validation.json").write_text(json.dumps({"figures": figures}), encoding="utf-8")
    (job.folder / "recipe.json").write_text(json.dumps(job.recipe.to_dict()), encoding="utf-8")
    job.predictions.touch()


def test_names_and_settings_of_runs(tmp_path: Path) -> None:
    study = parse_study(
        {"recipe": "default", "folds": [0, "validation"], "seeds": [4], "arms": {"plain": {}}}
    )
    jobs = arm_jobs(study, tmp_path, {})
    assert [str(job.folder.relative_to(tmp_path)) for job in jobs] == [
        "runs/plain/fold-0_seed-4", "runs/plain/fold-validation_seed-4"
    ]  # fmt: skip
    assert [(job.recipe.data.fold, job.recipe.seed) for job in jobs] == [(0, 4), ("validation", 4)]


def test_candidates_are_tried_in_each_fold_or_in_the_first(tmp_path: Path) -> None:
    each = tuning_jobs(tuned(), tmp_path)
    assert [(job.fold, job.candidate) for job in each] == [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2)]
    assert {job.seed for job in each} == {7}
    first = tuning_jobs(tuned(folds="first"), tmp_path)
    assert {job.fold for job in first} == {0}
    assert arm_jobs(tuned(), tmp_path, {}) == []


@pytest.mark.parametrize(("figure", "best"), [("macro_f1", 1), ("loss", 0)])
def test_the_best_is_chosen_in_each_fold_and_the_first_of_equal_ones(
    tmp_path: Path, figure: str, best: int
) -> None:
    study = tuned(figure=figure)
    jobs = tuning_jobs(study, tmp_path)
    for job, value in zip(jobs, (0.1, 0.5, 0.5, None, 0.3, 0.2), strict=True):
        finish(job, **{figure: value})
    found = choose(study, jobs)
    assert found == {"plain": {"fold-0": best, "fold-1": 1 if figure == "macro_f1" else 2}}
    chosen = arm_jobs(study, tmp_path, found)
    assert len(chosen) == 6
    assert {(job.fold, job.candidate) for job in chosen} == {(0, best), (1, found["plain"]["fold-1"])}


def test_the_first_fold_chooses_for_all(tmp_path: Path) -> None:
    study = tuned(folds="first")
    jobs = tuning_jobs(study, tmp_path)
    for job, value in zip(jobs, (0.1, 0.2, 0.9), strict=True):
        finish(job, macro_f1=value)
    assert choose(study, jobs) == {"plain": {"fold-0": 2, "fold-1": 2}}


def test_a_broken_training_is_through_but_never_chosen(tmp_path: Path) -> None:
    study = tuned(folds="first")
    jobs = tuning_jobs(study, tmp_path)
    for job in jobs[:2]:
        job.folder.mkdir(parents=True)
        (job.folder / BROKEN).touch()
    assert [job.through for job in jobs] == [True, True, False]
    finish(jobs[2], macro_f1=0.1)
    assert choose(study, jobs)["plain"]["fold-1"] == 2
    with pytest.raises(RecipeError, match="every candidate broke"):
        choose(study, jobs[:2])


def test_a_figure_that_validation_lacks(tmp_path: Path) -> None:
    study = tuned(figure="valence_r", folds="first")
    jobs = tuning_jobs(study, tmp_path)
    for job in jobs:
        finish(job, accuracy=0.5)
    with pytest.raises(RecipeError, match=r"'valence_r', but validation gives \['accuracy'\]"):
        choose(study, jobs)


def test_runs_of_other_recipes_are_refused_and_older_ones_are_not(tmp_path: Path) -> None:
    (job, *_) = jobs = tuning_jobs(tuned(folds="first"), tmp_path)
    finish(job, macro_f1=0.5)
    refuse_changed(jobs)
    path = job.folder / "recipe.json"
    older = job.recipe.to_dict()
    del older["training"]["accumulation"]  # as if written before there was this setting; it has its default
    path.write_text(json.dumps(older), encoding="utf-8")
    refuse_changed(jobs)
    older["optimizer"]["lr"] = 0.5
    path.write_text(json.dumps(older), encoding="utf-8")
    with pytest.raises(RecipeError, match=r"(?s)1 folder\(s\) hold runs of another recipe.*optimizer\.lr"):
        refuse_changed(jobs)
