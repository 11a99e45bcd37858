"""A text's words: which count, by which norms, and what their mean is."""

from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("simplemma")

from evocative.taxonomy.lexicon import Lexicon, read_lexicon
from evocative.taxonomy.text import TextReader, opposition

WORDS = {
    "painting": (0.5, -0.4, 0.6),
    "storm": (0.2, 0.3, -0.3),
    "be": (0.3, -0.3, 0.1),
    "snake": (-0.4, 0.5, -0.2),
    "coral snake": (-0.2, 0.4, 0.0),
    "coral": (0.4, -0.4, 0.2),
    "blue": (0.6, -0.5, 0.4),
    "AIDS": (-0.9, 0.3, -0.8),
    "aids": (0.1, 0.0, 0.1),
    "t-shirt": (0.5, -0.2, 0.3),
    "exciting": (0.7, 0.5, 0.5),
    "excite": (0.6, 0.4, 0.2),
}


@pytest.fixture(scope="module")
def reader() -> TextReader:
    sds = np.full((len(WORDS), 3), 0.3)
    return TextReader(Lexicon(tuple(WORDS), np.array(list(WORDS.values())), sds))


@pytest.mark.parametrize(
    ("text", "found", "words"),
    [
        ("Two PAINTINGS of a storm, 1887", ("painting", "storm"), 5),
        ("Exciting! It excites.", ("exciting", "excite"), 3),
        ("coral snakes; a snake and corals", ("coral snake", "snake", "coral"), 6),
        ("blue-black #storm t-shirt", ("blue", "storm", "t-shirt"), 4),
        ("AIDS and what aids", ("AIDS", "aids"), 4),
        ("Mr. O'Neill's I. J. Repin 3.5", (), 4),
        ("L’orage (storm's end)", ("storm",), 3),
        ("It was a storm that had been blue", ("storm", "blue"), 8),
        ("To be: is, are, am, were, being, isn't, wasn’t", (), 9),
        ("won't, shan't, can't, don't; a storm", ("storm",), 6),
        ("", (), 0),
        ("… !? 12", (), 0),
    ],
)
def test_words_and_entries(reader: TextReader, text: str, found: tuple[str, ...], words: int) -> None:
    rating = reader.rate(text)
    assert rating.found == found
    assert rating.words == words
    assert rating.known == sum(len(entry.split()) for entry in found)


def test_mean_and_deviation_by_hand(reader: TextReader) -> None:
    rating = reader.rate("the painting, the storm, the storm")
    assert rating.vad == pytest.approx((0.9 / 3, 0.2 / 3, 0.0))
    spread = np.std([0.5, 0.2, 0.2])
    assert rating.between == pytest.approx(spread)
    assert rating.sd[0] == pytest.approx(np.sqrt(0.09 + spread**2))
    alone = reader.rate("storm")
    assert alone.vad == (0.2, 0.3, -0.3)
    assert [*alone.sd, alone.between] == pytest.approx([0.3, 0.3, 0.3, 0])


def test_the_deviation_is_that_of_pooled_ratings() -> None:
    """Many ratings of two words, pooled: their standard deviation is what the norms alone give."""
    rng = np.random.default_rng(0)
    ratings = {"storm": rng.normal(0.2, 0.1, 40_000), "blue": rng.normal(-0.4, 0.3, 40_000)}
    means = np.array([[each.mean()] * 3 for each in ratings.values()])
    sds = np.array([[each.std()] * 3 for each in ratings.values()])
    rating = TextReader(Lexicon(tuple(ratings), means, sds)).rate("blue storm")
    assert rating.sd[0] == pytest.approx(np.concatenate(list(ratings.values())).std())


def test_nothing_known_is_missing(reader: TextReader) -> None:
    rating = reader.rate("Untitled")
    assert (rating.words, rating.known) == (1, 0)
    assert np.isnan([*rating.vad, *rating.sd, rating.between]).all()


@pytest.mark.parametrize(
    ("text", "negated"),
    [
        ("not a storm", True),
        ("It doesn’t storm", True),
        ("Can't", True),
        ("No storm. No. 5", True),
        ("Composition No. 5, no.6", False),
        ("a knot, nothingness, nota", False),
        ("dont storm", True),
        ("It never ends", True),
        ("anything but a storm", True),
        ("a notable canticle by Nora", False),
        ("nobody's storm", True),
        ("Nothing’s blue", True),
        ("It isn′t blue", True),
        ("w/o a storm", True),
        ("storm-free, far-from blue", True),
        ("She failed to storm", True),
        ("unable to storm", True),
        ("failing, unable", False),
        ("the storm's canvas", False),
    ],
)
def test_negation_is_said_and_changes_no_figure(reader: TextReader, text: str, negated: bool) -> None:
    assert reader.rate(text).negated is negated
    assert reader.rate("never storm").vad == reader.rate("storm").vad


@pytest.mark.parametrize(
    ("text", "denied"),
    [
        ("not a blue storm", 2),
        ("No storm. Blue!", 1),
        ("No. 5 blue", 0),
        ("storm\nnever blue", 1),
        ("A storm it is not; blue", 1),
        ("blue", 0),
        ("Untitled, not dated", 0),
    ],
)
def test_entries_of_negated_sentences_are_counted(reader: TextReader, text: str, denied: int) -> None:
    assert reader.rate(text).denied == denied


def test_opposition_by_hand() -> None:
    assert opposition(np.array([0.6, -0.2])) == pytest.approx(0.25)
    assert opposition(np.array([-0.6, -0.2])) == 0
    assert opposition(np.array([0.0])) == 0
    assert opposition(np.array([0.3, -0.5, 0.2])) == 0.5


def test_no_function_verb_counts_in_the_published_norms(shared_data: Path) -> None:
    reader = TextReader(read_lexicon(shared_data / "warriner" / "Ratings_Warriner_et_al.csv"))
    for word in ("was", "has", "does", "will", "can't", "won't", "being", "may", "MUST", "isn’t"):
        assert reader.rate(word).found == (), word
    assert reader.rate("It was a picture that I will find").found == ("picture", "find")


def test_the_printed_comments(shared_data: Path) -> None:
    """Figure 1 of Zhao et al. 2016 (AAAI); its list of words is not published, these fit."""
    norms = read_lexicon(shared_data / "warriner" / "Ratings_Warriner_et_al.csv")
    reader = TextReader(norms.only(["exciting", "frightened", "scared"]))
    exciting = reader.rate("Yup a fave for me as well. Exciting drama at its best.")
    assert 4 * np.array(exciting.vad) + 5 == pytest.approx([7.950, 6.950, 7.210])
    scared = reader.rate("Hey, it really frightened me! My little daughter just looked scared.")
    assert 4 * np.array(scared.vad) + 5 == pytest.approx([2.625, 5.855, 3.625])  # printed arousal: 5.805
