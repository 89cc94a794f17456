"""From plain questions to 3x5x2, against the table of the College of Policing."""

import pytest

from peoplelink.errors import InvalidInputError
from peoplelink.intelligence.grading import QUESTIONS, Grade, check_reason, propose
from peoplelink.intelligence.models import Handling, InformationGrade, SourceGrade


@pytest.mark.parametrize(
    ("source", "knows", "sharing", "grade"),
    [
        ("first", "saw", "yes", "2AP"),
        ("proved", "told-backed", "yes", "1BP"),
        ("first", "told", "conditions", "2CC"),
        ("first", "unclear", "yes", "2DP"),
        ("doubted", "false", "conditions", "3EC"),
        ("", "", "", "2DP"),
        ("nonsense", "saw", "nonsense", "2AP"),
    ],
)
def test_answers_come_to_a_grade(source, knows, sharing, grade):
    assert str(propose(source, knows, sharing)) == grade


def test_every_grade_can_be_proposed():
    proposed = {
        str(propose(source, knows, sharing))
        for source in QUESTIONS["source"][1]
        for knows in QUESTIONS["knows"][1]
        for sharing in QUESTIONS["sharing"][1]
    }

    assert proposed == {f"{s.value}{i.value}{h.value}" for s in SourceGrade for i in InformationGrade for h in Handling}


@pytest.mark.parametrize("source", SourceGrade)
@pytest.mark.parametrize("information", InformationGrade)
@pytest.mark.parametrize("handling", Handling)
def test_a_reason_is_needed_for_3_for_e_and_for_conditions(source, information, handling):
    needed = source.value == "3" or information.value == "E" or handling.value == "C"
    grade = Grade(source, information, handling)

    check_reason(grade, "They said otherwise before")
    if needed:
        with pytest.raises(InvalidInputError):
            check_reason(grade, "  ")
    else:
        check_reason(grade, "")
