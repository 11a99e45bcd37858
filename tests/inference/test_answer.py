"""Answer: the JSON line's fields."""

import json

import numpy as np

from evocative.inference.answer import FIELDS, Answer


def test_to_dict_has_the_fields_of_the_json_line() -> None:
    answer = Answer(
        path="a.jpg",
        emotion="awe",
        probability=2 / 3,
        probabilities={"awe": 2 / 3, "fear": 1 / 3},
        sentiment="positive",
        valence=0.123456789,
        embedding=np.zeros(3, np.float32),
    )
    assert json.loads(json.dumps(answer.to_dict())) == {
        "path": "a.jpg",
        "emotion": "awe",
        "probability": 0.666667,
        "probabilities": {"awe": 0.666667, "fear": 0.333333},
        "sentiment": "positive",
        "valence": 0.123457,
        "arousal": None,
        "dominance": None,
        "error": None,
    }


def test_an_error_leaves_the_rest_empty() -> None:
    answer = Answer(path="a.jpg", error="a.jpg: is empty")
    assert not answer.ok
    assert answer.top() == []
    plain = answer.to_dict()
    assert tuple(plain) == FIELDS
    assert [name for name, value in plain.items() if value is not None] == ["path", "error"]


def test_top_ranks_by_probability() -> None:
    answer = Answer(probabilities={"awe": 0.2, "fear": 0.5, "sadness": 0.3})
    assert answer.top(2) == [("fear", 0.5), ("sadness", 0.3)]
    assert len(answer.top(9)) == 3


def test_answers_compare_without_their_embeddings() -> None:
    one = Answer(path="a", embedding=np.zeros(2, np.float32))
    assert one == Answer(path="a", embedding=np.ones(2, np.float32))
    assert "embedding" not in repr(one)


def test_a_line_and_a_notebook_say_what_it_is() -> None:
    answer = Answer(
        path="<b>.jpg",
        emotion="awe",
        probability=0.75,
        probabilities={"fear": 0.25, "awe": 0.75},
        valence=-0.125,
    )
    assert repr(answer) == "Answer('<b>.jpg': awe 0.75, fear 0.25, valence -0.12)"
    page = answer._repr_html_()
    assert "&lt;b&gt;.jpg" in page
    assert page.index("awe") < page.index("fear") < page.index("valence")
    assert page.count("<tr>") == page.count("</tr>") == 3
    failed = Answer(path="x.jpg", error="x.jpg: <torn>")
    assert repr(failed) == "Answer('x.jpg', error='x.jpg: <torn>')"
    assert failed._repr_html_() == "<p>x.jpg: &lt;torn&gt;</p>"
