"""Answers as lines for people."""

import io

from evocative.cli.listing import print_answers, printable
from evocative.inference.answer import Answer
from evocative.taxonomy.labels import taxonomy

MIKELS = taxonomy("mikels8")


def test_columns_stand_below_each_other() -> None:
    file = io.StringIO()
    long = "a" * 200 + ".jpg"
    answers = [
        Answer(
            path="a.jpg", probabilities={"contentment": 0.7, "awe": 0.3}, sentiment="positive", valence=-1.0
        ),
        Answer(path=long, probabilities={"awe": 1.0, "fear": 0.0}, sentiment="positive", valence=0.123),
        Answer(path="b.jpg", error="b.jpg: is empty"),
    ]
    print_answers(answers, file, taxonomy=MIKELS, dimensions=["valence"])
    assert file.getvalue().splitlines() == [
        "emotion       prob  next          prob  sentiment    valence  image",
        "contentment   0.70  awe           0.30  positive       -1.00  a.jpg",
        f"awe           1.00  fear          0.00  positive       +0.12  {long}",
        "-                -  -                -  -                  -  b.jpg: is empty",
    ]


def test_a_model_without_emotions_has_no_such_columns() -> None:
    file = io.StringIO()
    print_answers([Answer(path="a.jpg", arousal=0.5)], file, taxonomy=None, dimensions=["arousal"])
    assert file.getvalue().splitlines() == ["  arousal  image", "    +0.50  a.jpg"]


def test_names_cannot_move_the_cursor() -> None:
    assert printable("a\x1b[2Jb\n\udce4ü.jpg") == "a\ufffd[2Jb\ufffd\ufffdü.jpg"
