"""What a study found: every finished run measured, all arms compared, tables and pictures written."""

from pathlib import Path

from evocative.errors import DataError
from evocative.evaluate.compare import Comparison, compare_runs
from evocative.evaluate.results import About, write_results
from evocative.inference.predictions import read_predictions
from evocative.study.jobs import place_of
from evocative.study.load import notes
from evocative.study.measured import run_of
from evocative.study.run import Ran
from evocative.study.settings import Study

EMBEDDINGS = "embeddings.png"


def report_study(
    study: Study, ran: Ran, output: Path, *, resamples: int = 1000, pictures: bool = False
) -> Comparison:
    """Compare the finished runs of all arms, and write results.json, results.csv and results.md.

    Args:
        study: The settings.
        ran: What there is.
        output: The study's folder.
        resamples: Draws for the intervals of figures of images.
        pictures: Draw the embedding of one run of each arm, too.

    Raises:
        DataError: No run of the reference is finished.
    """
    runs = {name: [run_of(job) for job in ran.jobs if job.arm == name and job.done] for name in study.arms}
    if not runs[study.reference]:
        raise DataError(f"{study.name}: no run of the reference, {study.reference}, is finished")
    comparison = compare_runs(
        {name: some for name, some in runs.items() if some}, reference=study.reference, resamples=resamples
    )
    titles = {name: arm.title or name for name, arm in study.arms.items()}
    drawn = _pictures(study, ran, output, titles) if pictures else []
    about = About(
        title=study.title or study.name,
        titles=titles,
        notes=[*notes(study), *_missing(study, ran), *_chosen(study, ran)],
        details={"study": study.to_dict(), "choices": {name: dict(one) for name, one in ran.choices.items()}},
        pictures=drawn,
    )
    write_results(comparison, output, about)
    return comparison


def _missing(study: Study, ran: Ran) -> list[str]:
    """Say which runs the tables lack."""
    wanted = len(study.arms) * len(study.places) * len(study.seeds)
    done = sum(job.done for job in ran.jobs)
    if done == wanted:
        return []
    return [f"{wanted - done} of {wanted} runs are missing; differences are on the runs that both arms have."]


def _chosen(study: Study, ran: Ran) -> list[str]:
    """Say which candidate each arm runs with, and how it was chosen."""
    if not ran.choices:
        return []
    how = "in each fold" if study.select.folds == "each" else "in the first fold, for all"
    lines = [
        f"Candidates were chosen by {study.select.figure} on validation rows {how}, with seed "
        f"{study.select.seed}; no test row took part."
    ]
    for name, by_place in ran.choices.items():
        choices = study.arms[name].choices
        numbers = dict.fromkeys(by_place.values())
        told = [
            ", ".join(f"{key} = {value}" for key, value in choices[number].items())
            + ("" if len(numbers) == 1 else f" ({', '.join(p for p, n in by_place.items() if n == number)})")
            for number in numbers
        ]
        lines.append(f"{study.arms[name].title or name}, of {len(choices)}: {'; '.join(told)}.")
    return lines


def _pictures(study: Study, ran: Ran, output: Path, titles: dict[str, str]) -> list[tuple[str, str]]:
    """Draw the embedding of one run of each arm: of the first fold and seed."""
    from evocative.evaluate.embeddings import plot_embeddings
    from evocative.plots.style import save

    fold, seed = study.places[0], study.seeds[0]
    jobs = {job.arm: job for job in ran.jobs if job.done and (job.fold, job.seed) == (fold, seed)}
    figure = plot_embeddings(
        {titles[name]: read_predictions(jobs[name].predictions) for name in study.arms if name in jobs}
    )
    if figure is None:
        return []
    save(figure, output / EMBEDDINGS)
    told = (
        f"Test rows of one run of each arm ({place_of(fold)}, seed {seed}), coloured by true label; below "
        "each stands how it was found."
    )
    return [(EMBEDDINGS, told)]
