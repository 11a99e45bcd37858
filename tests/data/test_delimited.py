"""CSV and TSV of other programs: the rows that a person sees there are the rows that are read."""

from pathlib import Path

import pytest

from evocative.data.delimited import found_separator, parse_csv, read_delimited
from evocative.data.storage import read_rows
from evocative.errors import DataError


def cells(tmp_path: Path, content: str | bytes, *, name: str = "t.csv") -> list[list[str]]:
    """Return the header and the rows; a missing cell is empty."""
    file = tmp_path / name
    file.write_bytes(content.encode() if isinstance(content, str) else content)
    frame = read_delimited(file).frame
    return [list(frame.columns), *(row for row in frame.fillna("").to_numpy().tolist())]


TWO = [["path", "label"], ["a, b.jpg", "x;y"], ["c.jpg", ""]]


@pytest.mark.parametrize(
    "content",
    [
        'path,label\n"a, b.jpg",x;y\nc.jpg,\n',
        'path;label\na, b.jpg;"x;y"\nc.jpg;\n',
        "path\tlabel\na, b.jpg\tx;y\nc.jpg\t\n",
        'sep=;\r\npath;label\r\na, b.jpg;"x;y"\r\nc.jpg;\r\n',
        '\ufeff"sep=;"\npath;label\na, b.jpg;"x;y"\nc.jpg;\n',
        '\n\npath,label\r\r"a, b.jpg",x;y\r\rc.jpg\r',
        'path,label,,\n"a, b.jpg",x;y,,\nc.jpg,,,\n,,,\n,,,\n',
        "\ufeffpath\tlabel\r\na, b.jpg\tx;y\r\nc.jpg\t\r\n".encode("utf-16-le"),
        "\ufeffpath\tlabel\na, b.jpg\tx;y\nc.jpg\t\n".encode("utf-16-be"),
        "path\tlabel\na, b.jpg\tx;y\nc.jpg\t\n".encode("utf-32"),
        '"path"\t"label"\n"a, b.jpg"\t"x;y"\n"c.jpg"\t""\n',
    ],
)
def test_one_table_as_many_programs_write_it(tmp_path: Path, content: str | bytes) -> None:
    assert cells(tmp_path, content) == TWO
    assert cells(tmp_path, content, name="t.tsv") == TWO


def test_a_title_that_begins_with_a_quotation_mark_swallows_no_rows(tmp_path: Path) -> None:
    text = 'path\ttitle\nb.jpg\t"Untitled\nc.jpg\tx\nd.jpg\t"Foo"\ne.jpg\tbar"\n'
    expected = [
        ["path", "title"],
        ["b.jpg", '"Untitled'],
        ["c.jpg", "x"],
        ["d.jpg", '"Foo"'],
        ["e.jpg", 'bar"'],
    ]
    assert cells(tmp_path, text, name="t.tsv") == expected
    semicolons = text.replace("\t", ";")
    assert cells(tmp_path, semicolons) == expected


def test_quoted_cells_hold_separators_line_ends_and_marks(tmp_path: Path) -> None:
    for mark in (",", ";", "\t"):
        text = f'path{mark}title\na{mark}"one{mark}two\nthree ""4"""\nb{mark}x\n'
        assert cells(tmp_path, text)[1:] == [["a", f'one{mark}two\nthree "4"'], ["b", "x"]]


def test_an_unclosed_quotation_mark_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"line 2: a quotation mark opens a cell"):
        cells(tmp_path, 'path,title,x\na,"b" c,d\ne,f\n')
    with pytest.raises(DataError, match="a quotation mark opens a cell"):
        cells(tmp_path, 'path,title,x\na,"b,d\ne,f\n')


def test_rows_longer_than_the_header_are_refused_and_shorter_ones_end_in_missing_cells(
    tmp_path: Path,
) -> None:
    with pytest.raises(DataError, match=r"row 2 has 3 cells, the header 2\); is a comma unquoted"):
        cells(tmp_path, "path,label\na,b\nc,d,e\n")
    assert cells(tmp_path, "path,label\na\nb,c\n")[1:] == [["a", ""], ["b", "c"]]


def test_columns_without_a_name(tmp_path: Path) -> None:
    assert cells(tmp_path, ",path,,x,\n1,a,,b,z\n") == [
        ["Unnamed: 0", "path", "x", "Unnamed: 4"],
        ["1", "a", "b", "z"],
    ]
    assert cells(tmp_path, ",Unnamed: 0,path\n1,2,a\n")[0] == ["Unnamed: 0.", "Unnamed: 0", "path"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (
            "path;label\na.jpg;Überraschung\n".encode("cp1252"),
            r"is not UTF-8 text \(byte 17: 0xDC\); save it as UTF-8",
        ),
        ("path,label\n".encode("utf-16-le"), r"holds a zero byte \(character 2\).*UTF-16 without"),
        (b"\xff\xfep\x00a", "is not UTF-16 text"),
        (b"\xef\xbb\xbf", "is empty"),
        (b"# name: x\n\n", "is empty"),
        (b"path,label\na,\0\n", "holds a zero byte"),
    ],
)
def test_what_is_no_text_is_refused(tmp_path: Path, content: bytes, message: str) -> None:
    with pytest.raises(DataError, match=message):
        cells(tmp_path, content)


@pytest.mark.parametrize(
    ("text", "separator"),
    [
        ("path\n", ","),
        ("path,a;b;c;d\n", ","),  # ours, with a column of that name
        ("path;a,b,c,d\n", ";"),
        ("bild;valenz\na.jpg;0,5\n", ";"),
        ("bild\tx, y\na\tb, c\n", "\t"),
        ("image;note, long\na;b\nc;d\n", ";"),
        (" Path ;label\n", ";"),
        ("image,a;b\nx,1;2\n", ","),
    ],
)
def test_the_separator_is_the_one_of_the_header(text: str, separator: str) -> None:
    assert found_separator(text) == separator


def test_what_a_spreadsheet_makes_of_our_first_lines_is_read_back(tmp_path: Path) -> None:
    file = tmp_path / "t.csv"
    file.write_text(
        '"# name: ""walks""";;\n# taxonomy: mikels8;;\n"# text: [""id""";" ""code""]";\n'
        ";;\npath;id;code\na;7;8\n",
        encoding="utf-8",
    )
    frame, metadata = read_rows(file)
    assert metadata == {"name": "walks", "taxonomy": "mikels8"}
    assert frame.to_dict("list") == {"path": ["a"], "id": ["7"], "code": ["8"]}


def test_a_long_cell_is_no_error() -> None:
    assert parse_csv("path,text\na," + "x" * 200_000 + "\n", name="t")["text"].str.len().tolist() == [200_000]
