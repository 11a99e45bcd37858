"""`evocative predict`: images in, their emotions out."""

import itertools
import os
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, closing, contextmanager, nullcontext
from enum import StrEnum
from io import BufferedReader
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, cast

import typer

from evocative.cli import beforehand
from evocative.cli.loudness import note
from evocative.cli.options import BatchSize, Device, Flip, Model, Precision, Workers
from evocative.errors import DataError

if TYPE_CHECKING:
    from evocative.data.find import Search
    from evocative.inference.answer import Answer
    from evocative.inference.predictor import Predictor
    from evocative.inference.resume import Kept
    from evocative.inference.stream import Written

PIPE_CLOSED = 128 + 13
"""Exit status when nobody reads stdout any more: what a shell reports of a program that SIGPIPE ended."""


Read = Callable[[int], bytes]


class Format(StrEnum):
    """How answers are written."""

    table = "table"
    json = "json"
    csv = "csv"
    parquet = "parquet"


def predict(
    paths: Annotated[
        list[str],
        typer.Argument(metavar="PATH...", help="Images and folders; - reads file names from stdin."),
    ],
    *,
    model: Model = None,
    format: Annotated[
        Format | None,
        typer.Option(help="Else as the ending of --output says, and a table where there is none."),
    ] = None,
    output: Annotated[
        Path | None,
        typer.Option(
            "--output", "-o", callback=beforehand.output_file, help="Write to this file; else to stdout."
        ),
    ] = None,
    batch_size: BatchSize = 32,
    workers: Workers = None,
    precision: Precision = "auto",
    device: Device = "auto",
    flip: Flip = False,
    embedding: Annotated[bool, typer.Option(help="Keep embeddings, in Parquet.")] = True,
    maps: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            callback=beforehand.output_folder,
            help="Write where in each image its emotion rests: maps and overlays.",
        ),
    ] = None,
    null: Annotated[
        bool, typer.Option("--null", "-0", help="Names on stdin end in a zero byte (find -print0).")
    ] = False,
    resume: Annotated[
        bool,
        typer.Option("--resume", help="Keep what is finished beside --output; go on with what was kept."),
    ] = False,
) -> None:
    """Say which emotions images evoke.

    Folders are searched for images, in the order of their names. An image that cannot be read gets a row with
    an error, and the others are done all the same.

    Exit status: 0 all well, 1 some images failed, 2 nothing could be done as it was asked for.
    """
    from evocative.data.find import Search

    chosen = _checked_format(format, output)
    beforehand.pictures(paths)
    _check_resume(output, maps, resume=resume)
    drawn = _drawn(maps, paths)
    search = Search(outputs=drawn)
    sources = _at_least_one(list_sources(paths, _stdin(paths), null=null, search=search))
    embedding = embedding and chosen is Format.parquet
    begun = {"the batch size": batch_size, "--flip": flip, "embeddings in the file": embedding, **_versions()}

    with _kept(output, resume=resume) as kept:
        if kept is not None:
            kept.agree(begun)
            sources = kept.after(sources, every=batch_size)

        from evocative.inference.predictor import load

        predictor = load(
            model, device=device, precision=precision, batch_size=batch_size, workers=workers, flip=flip
        )
        if kept is not None:
            kept.agree(_of_model(predictor))
        with closing(predictor.stream(sources)) as answers:
            told = answers if kept is None else kept.joined(answers, embedding=embedding)
            told = told if maps is None else _mapped(told, maps)
            shown = told if output is None and sys.stdout.isatty() else _watched(told, paths, drawn)
            with _broken_off(kept, output):
                written = _write(shown, output, chosen, predictor, embedding=embedding)
        if kept is not None:
            kept.finish()
    _close(written, output, search.told())


def list_sources(
    paths: Iterable[str], stdin: Read | None, *, null: bool = False, search: "Search | None" = None
) -> Iterator[str]:
    """Yield the images that arguments name, lazily: folders searched, `-` replaced by the names on stdin.

    Args:
        paths: The arguments.
        stdin: What reads stdin; without it `-` is a name like others.
        null: Names on stdin end in a zero byte.
        search: Counts what is passed over.
    """
    from evocative.data.find import Search

    search = search or Search()
    for is_stdin, named in itertools.groupby(paths, lambda path: path == "-" and stdin is not None):
        if is_stdin and stdin is not None:
            yield from names_on(stdin, end=b"\0" if null else b"\n")
        else:
            yield from map(str, search.images(named))


def names_on(read: Read, *, end: bytes) -> Iterator[str]:
    """Yield file names as they arrive, each closed by `end`; empty ones are passed over.

    Bytes that are no UTF-8 are kept, as Python keeps them in file names. A line may end in CR LF.

    Args:
        read: Gives at most so many bytes, as soon as there are some; none at the end.
        end: One byte.
    """
    rest = b""
    while block := read(1 << 16):
        *names, rest = (rest + block).split(end)
        yield from _decoded(names, end)
    yield from _decoded([rest], end)


def _decoded(names: Iterable[bytes], end: bytes) -> Iterator[str]:
    for name in names:
        clean = name.removesuffix(b"\r") if end == b"\n" else name
        if clean:
            yield os.fsdecode(clean)


def _checked_format(format: Format | None, output: Path | None) -> Format:
    """Settle the format, and refuse what would fail only after the work."""
    from evocative.inference.stream import format_of

    if output is None:
        if format is Format.parquet:
            raise DataError("--format parquet needs a file to write: add --output answers.parquet")
        return format or Format.table
    if format is Format.table:
        raise DataError("--format table is for reading; give --output a format of json, csv or parquet")
    return format or Format(format_of(output))


def _check_resume(output: Path | None, maps: Path | None, *, resume: bool) -> None:
    """Refuse to resume what keeps nothing.

    Raises:
        DataError: Answers go to stdout, or maps are drawn.
    """
    if resume and output is None:
        raise DataError("--resume goes on with a file: name it by --output, as answers.csv")
    if resume and maps is not None:
        raise DataError(
            "--maps draws while images are answered, and keeps no progress: leave out one of both"
        )


def _kept(output: Path | None, *, resume: bool) -> "AbstractContextManager[Kept | None]":
    """Open what is kept for an output, where that is wanted."""
    if not resume or output is None:
        return nullcontext()
    from evocative.inference.resume import resuming

    return resuming(output)


@contextmanager
def _broken_off(kept: "Kept | None", output: Path | None) -> Iterator[None]:
    """End without a word where nobody reads stdout any more, and say what is kept after an interruption."""
    try:
        yield
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())  # Python flushes stdout at the end
        raise typer.Exit(PIPE_CLOSED) from None
    except BaseException:
        if kept is not None and kept.rows:
            typer.echo(f"{output}: {kept.rows:,} answers are kept; the same command goes on", err=True)
        raise


def _versions() -> dict[str, str]:
    """Return the versions of what decides an answer's last digits; nothing is imported for it."""
    from importlib.metadata import version

    from evocative import __version__

    decisive = ("torch", "timm", "pillow", "pillow-heif", "simplejpeg")
    return {"evocative": __version__, **{name: version(name) for name in decisive}}


def _of_model(predictor: "Predictor") -> dict[str, Any]:
    """Return what answers depend on and only a loaded model tells."""
    about = predictor.metadata.to_dict()
    named = {
        "weights": "the model's weights", "taxonomy": "its labels", "preprocessing": "the preprocessing",
        "precision": "--precision",
    }  # fmt: skip
    return {told: about[name] for name, told in named.items()} | {"--device": predictor.device.type}


def _stdin(paths: Iterable[str]) -> Read | None:
    """Return what reads stdin without waiting for a full buffer, if an argument asks for it."""
    if "-" not in paths:
        return None
    if sys.stdin is None:  # python has none where it is closed
        raise DataError("-: stdin is closed; give it file names, one a line")
    return cast("BufferedReader", sys.stdin.buffer).read1


def _at_least_one(sources: Iterator[str]) -> Iterator[str]:
    first = next(sources, None)
    if first is None:
        raise DataError("nothing to predict: no file name came on stdin; expected one a line")
    return itertools.chain([first], sources)


def _watched(answers: "Iterator[Answer]", paths: list[str], drawn: tuple[Path, ...]) -> "Iterator[Answer]":
    """Show progress; images are counted beforehand only if somebody sees it."""
    from evocative.cli.progress import watched
    from evocative.data.find import Search

    known = sys.stderr.isatty() and "-" not in paths
    counted = list_sources(paths, None, search=Search(outputs=drawn)) if known else ()
    return watched(answers, total=sum(1 for _ in counted) if known else None)


def _drawn(maps: Path | None, paths: list[str]) -> tuple[Path, ...]:
    """Return the folders of pictures that are drawn, and not to be answered for the next time."""
    if maps is None:
        return ()
    from evocative.cli.explain_map import map_folders

    return map_folders(maps, paths)


def _mapped(answers: "Iterator[Answer]", folder: Path) -> "Iterator[Answer]":
    """Write a map of each image as its answer passes."""
    from evocative.cli.explain_map import write_maps

    return write_maps(answers, folder)


def _write(
    answers: "Iterator[Answer]",
    output: Path | None,
    format: Format,
    predictor: "Predictor",
    *,
    embedding: bool,
) -> "Written":
    from evocative.cli.listing import print_answers
    from evocative.inference.stream import Written, write_answers

    stdout = sys.stdout
    if hasattr(stdout, "reconfigure"):
        stdout.reconfigure(encoding="utf-8", errors="backslashreplace")
    if format is not Format.table:
        return write_answers(
            answers, output or stdout, metadata=predictor.metadata, format=format.value, embedding=embedding
        )
    written = Written()
    print_answers(
        written.count(answers), stdout, taxonomy=predictor.taxonomy, dimensions=predictor.dimensions
    )
    return written


def _close(written: "Written", output: Path | None, passed_over: str) -> None:
    """Say on stderr what was written, passed over and failed, and end with the status that fits."""
    said = [f"{output}: {written.rows} images"] if output is not None else []
    if said := [*said, passed_over] if passed_over else said:
        note("; ".join(said))
    if written.failed:
        where = "their rows say why"
        typer.echo(f"{written.failed} of {written.rows} images could not be answered for; {where}", err=True)
        raise typer.Exit(1)
