"""Scripts: references, order, and what is said about a bad line."""

import pytest

from app.services.errors import AppError
from app.services.script import ScriptError, resolve, run_lines, steps


class Refused(Exception):
    pass


def echo(command, args):
    if command == "no":
        raise Refused("not today")
    return {"clip": args.get("name", command), "linked": [command, "x"], "args": args}


def run(*lines):
    return list(run_lines(lines, echo, (Refused,)))


def test_a_line_can_use_results_of_earlier_lines_at_any_depth():
    results = run('{"command": "a"}', "", "# a note",
                  '{"command": "b", "args": {"name": "$1.clip", "many": ["$1.linked.1", {"k": "$1.clip"}]}}')
    assert [line for line, _ in results] == [1, 4]
    assert results[1][1]["args"] == {"name": "a", "many": ["x", {"k": "a"}]}


def test_a_reference_names_a_field_and_other_dollars_are_text():
    texts = ["$", "$1", "$100", "$1a", "cost $1.clip", "$x.clip", "$1.50"]
    assert resolve(["$1.clip", *texts], {1: {"clip": "c"}}, 2) == ["c", *texts]


@pytest.mark.parametrize(("text", "says"), [
    ("{", "line 1: not JSON"),
    ("[1]", "line 1: write"),
    ('{"args": {}}', "line 1: write"),
    ('{"command": "a", "arguments": {}}', "line 1: unknown key 'arguments'"),
    ('{"command": "a", "args": [1]}', "line 1: args must be an object"),
    ('{"command": "a", "args": {"x": "$7.clip"}}', "refers to line 7"),
    ('{"command": "a", "args": {"x": "$1.clip"}}', "refers to line 1, which has no result before"),
    ('{"command": "no"}', "line 1: not today"),
])
def test_a_bad_line_is_named_with_its_number(text, says):
    with pytest.raises(ScriptError, match=says.replace("$", r"\$")):
        run(text)


def test_the_number_of_a_bad_line_is_said_once():
    with pytest.raises(ScriptError) as caught:
        list(run_lines(['{"command": "a"}', '{"command": "a", "args": {"x": "$9.clip"}}'], echo, (Refused, AppError)))
    assert str(caught.value).startswith("line 2: $9.clip refers")


def test_a_missing_key_says_what_there_is():
    with pytest.raises(ScriptError, match="line 1 has no 'track', only clip, linked, args"):
        run('{"command": "a"}', '{"command": "b", "args": {"t": "$1.track"}}')


def test_lines_before_a_failing_one_have_run():
    seen = []
    with pytest.raises(ScriptError) as caught:
        for line, _ in run_lines(['{"command": "a"}', '{"command": "no"}', '{"command": "c"}'], echo, (Refused,)):
            seen.append(line)
    assert seen == [1] and caught.value.line == 2


def test_an_error_that_is_not_a_refusal_is_not_dressed_up():
    def broken(command, args):
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        list(run_lines(['{"command": "a"}'], broken, (Refused,)))


def test_deeply_nested_json_is_refused_not_a_crash():
    with pytest.raises(ScriptError, match="not JSON"):
        list(steps(["[" * 100_000]))
