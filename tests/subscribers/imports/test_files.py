import pytest

from peoplelink.errors import InvalidInputError
from peoplelink.subscribers.imports import files, refused
from tests.subscribers.imports.lists import HEAD, file_of, in_pieces, row


def records(data, *, size=7, after=0):
    form = files.recognise(in_pieces(data, size)())
    return form, list(files.rows(in_pieces(data, size)(), form, after=after))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_the_usual_ways_to_write_a_file_are_recognised(encoding, delimiter, ending):
    lines = [HEAD, "07700900123,zo\u00eb@example.org,Zo\u00eb,New Parks,,,Fair,2025-07-12,I agree"]
    data = ending.join(line.replace(",", delimiter) for line in lines).encode(encoding)

    form, [found] = records(data)

    assert (form.delimiter, form.encoding) == (delimiter, "cp1252" if encoding == "cp1252" else "utf-8-sig")
    assert found.line == 2
    assert files.named(found, form.columns)["name"] == "Zo\u00eb"


def test_columns_are_found_by_many_names_in_any_order():
    columns = files.columns_of(["Consent wording", "E-MAIL ", "Date", "Where", "Phone number", "Zone", "Shoe size"])

    assert columns == {"wording": 0, "email": 1, "date": 2, "source": 3, "mobile": 4, "zones": 5}


@pytest.mark.parametrize(
    ("head", "missing"),
    [
        ("mobile,zones,date,wording", "source"),
        ("mobile,zones,source,wording", "date of consent"),
        ("mobile,zones,source,date", "wording"),
        ("name,zones,source,date,wording", "mobile or email"),
        ("07700900123,Sam,New Parks", "mobile or email, zones, source"),
    ],
)
def test_a_missing_column_is_named(head, missing):
    with pytest.raises(InvalidInputError, match=f"did not find: .*{missing}"):
        files.recognise([head.encode() + b"\nx\n"])


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "empty"),
        (b"\xef\xbb\xbf \n", "empty"),
        (HEAD.encode("utf-16"), "not a CSV"),
        (b"PK\x03\x04", "not a CSV"),
        (b"%PDF-1.7", "not a CSV"),
        (b"a\x00b", "not a CSV"),
        (b"," * 100, "columns"),
    ],
)
def test_what_is_no_list_is_refused_with_a_sentence(data, says):
    with pytest.raises(InvalidInputError, match=says):
        files.recognise([data] if data else [])


def test_lines_are_counted_as_an_editor_counts_them():
    data = file_of("", row(name="Line\nbreak"), "", row(name="Ash"), ",,,,,,,,")

    _, found = records(data)

    assert [record.line for record in found] == [3, 6]


def test_reading_goes_on_after_a_line():
    _, found = records(file_of(row(), row(), row()), after=3)

    assert [record.line for record in found] == [4]


def test_words_cut_at_a_comma_are_refused_and_empty_cells_at_the_end_are_not():
    data = file_of("07700900123,,,New Parks,,,Fair,2025-07-12,I agree to texts, and emails", row() + ",,")

    form, found = records(data)

    assert [record.problem for record in found] == [files.TOO_MANY_CELLS, None]
    assert files.named(found[0], form.columns)["mobile"] == "07700900123"


def test_a_quotation_mark_that_is_not_closed_costs_fifty_lines_and_no_more():
    data = file_of('"open', *["07700900123,,,New Parks,,,Fair,2025-07-12,I agree to it"] * 60)

    _, found = records(data, size=4096)

    assert (found[0].line, found[0].problem) == (2, files.UNREADABLE)
    assert [record.line for record in found[1:]] == list(range(52, 63))


@pytest.mark.parametrize("size", [1000, 300_000])
def test_a_line_without_an_end_is_refused_and_not_held(size):
    data = file_of("x" * 1_000_000, row())

    _, found = records(data, size=size)

    assert [bool(record.problem) for record in found] == [True, False]


@pytest.mark.parametrize("cell", ["=1+1", "+447700900123", "-1", "@SUM(A1)", "\t=1", "  =1", "|cmd", "%x"])
def test_no_cell_becomes_a_formula(cell):
    assert refused.harmless(cell) == f"'{cell}"


def test_other_cells_stay_as_they_are():
    assert [refused.harmless(cell) for cell in ("Sam", "sam@example.org", "07700", "")] == [
        "Sam", "sam@example.org", "07700", "",
    ]  # fmt: skip
