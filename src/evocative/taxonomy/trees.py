"""The published emotion hierarchies, as plain words: what stands under what.

A tree is `{primary: {secondary: (tertiary, …)}}`, with an empty tuple where there is no third level.

Sources:
- Plutchik 2001, "The nature of emotions", American Scientist 89(4): eight primaries in three intensities.
- Parrott 2001, "Emotions in Social Psychology", after Shaver et al. 1987: 135 words in 25 groups.
- Panda et al. 2018, "Contemplating visual emotions" (WEBEmo): the file `category.txt` of the data set. Its
  read-me speaks of six middle classes; the file has a seventh, confusion.
"""

Tree = dict[str, dict[str, tuple[str, ...]]]


def _read(text: str) -> Tree:
    """Read lines of `primary / secondary: tertiary tertiary …`."""
    tree: Tree = {}
    for line in text.strip().splitlines():
        path, _, words = line.partition(":")
        primary, secondary = (part.strip() for part in path.split("/"))
        tree.setdefault(primary, {})[secondary] = tuple(words.split())
    return tree


PLUTCHIK = {
    "joy": ("serenity", "joy", "ecstasy"),
    "trust": ("acceptance", "trust", "admiration"),
    "fear": ("apprehension", "fear", "terror"),
    "surprise": ("distraction", "surprise", "amazement"),
    "sadness": ("pensiveness", "sadness", "grief"),
    "disgust": ("boredom", "disgust", "loathing"),
    "anger": ("annoyance", "anger", "rage"),
    "anticipation": ("interest", "anticipation", "vigilance"),
}
"""Primary emotion to its mild, middle and strong intensity, in the order of Plutchik's wheel."""

PARROTT = _read("""
love / affection: adoration affection love fondness liking attraction caring tenderness compassion \
    sentimentality
love / lust: arousal desire lust passion infatuation
love / longing: longing
joy / cheerfulness: amusement bliss cheerfulness gaiety glee jolliness joviality joy delight enjoyment \
    gladness happiness jubilation elation satisfaction ecstasy euphoria
joy / zest: enthusiasm zeal zest excitement thrill exhilaration
joy / contentment: contentment pleasure
joy / pride: pride triumph
joy / optimism: eagerness hope optimism
joy / enthrallment: enthrallment rapture
joy / relief: relief
surprise / surprise: amazement surprise astonishment
anger / irritability: aggravation irritation agitation annoyance grouchiness grumpiness
anger / exasperation: exasperation frustration
anger / rage: anger rage outrage fury wrath hostility ferocity bitterness hate loathing scorn spite \
    vengefulness dislike resentment
anger / disgust: disgust revulsion contempt
anger / envy: envy jealousy
anger / torment: torment
sadness / suffering: agony suffering hurt anguish
sadness / sadness: depression despair hopelessness gloom glumness sadness unhappiness grief sorrow woe \
    misery melancholy
sadness / disappointment: dismay disappointment displeasure
sadness / shame: guilt shame regret remorse
sadness / neglect: alienation isolation neglect loneliness rejection homesickness defeat dejection \
    insecurity embarrassment humiliation insult
sadness / sympathy: pity sympathy
fear / horror: alarm shock fear fright horror terror panic hysteria mortification
fear / nervousness: anxiety nervousness tenseness uneasiness apprehension worry distress dread
""")
"""Parrott's tree: 6 primary, 25 secondary, 135 tertiary emotions."""

WEBEMO = _read("""
anger / disgust:
anger / envy:
anger / exasperation:
anger / irritability:
anger / rage:
confusion / confusion:
fear / horror:
fear / nervousness:
joy / cheerfulness:
joy / contentment:
joy / enthrallment:
joy / optimism:
joy / pride:
joy / relief:
joy / zest:
love / affection:
love / gratitude:
love / lust:
sadness / disappointment:
sadness / neglect:
sadness / sadness:
sadness / shame:
sadness / suffering:
sadness / sympathy:
surprise / surprise:
""")
"""WEBEmo's 7 middle and 25 fine classes (the owners spell two of them "cheerfullness" and "irritabilty")."""

WIKIART_HUES = {
    "happiness": "gratitude happiness optimism",
    "trust": "humility trust agreeableness",
    "anticipation": "love anticipation -",
    "surprise": "shyness surprise -",
    "anger": "- anger arrogance",
    "disgust": "shame disgust disagreeableness",
    "fear": "- fear -",
    "sadness": "regret sadness pessimism",
    "neutral": "- neutral -",
}
"""Whose colour the twenty emotions of WikiArt Emotions take: its light shade, itself, its dark shade."""

NEGATIVE = frozenset({"anger", "confusion", "disgust", "fear", "sadness"})
"""The primaries of these trees that are negative; all others are positive."""
