"""Random expressions of the language, of any type, over the facts of `engines`."""

from hypothesis import strategies as st

_FACTS = {
    "bool": ["p", "q"], "number": ["n", "m", "k", "x", "y"], "date": ["born", "since", "as_of"], "text": ["name", "grade"],
}  # fmt: skip
_LITERALS = {
    "bool": ["true", "false"],
    "number": ["0", "1", "3", "-2", "0.5", "12.50", "100", "2000000000", "999999999999999999", "0.0001"],
    "date": ["date '2024-02-29'", "date '2023-02-28'", "date '2000-01-01'", "date '1899-12-31'"],
    "text": ["'张三'", "'a'", "'a''b'", "'a\\b'", "'1'"],
}
_ROUNDINGS = st.sampled_from(["down", "up", "half-up"])


def expressions(kind: str, depth: int = 2) -> st.SearchStrategy[str]:
    """Texts of a kind: bool, number, date or text."""
    leaf = st.one_of(st.sampled_from(_FACTS[kind]), st.sampled_from(_FACTS[kind]), st.sampled_from(_LITERALS[kind]))
    if depth == 0:
        return leaf
    return st.one_of(leaf, _made(kind, depth - 1), _made(kind, depth - 1))


def _made(kind: str, depth: int) -> st.SearchStrategy[str]:
    same, test = expressions(kind, depth), st.deferred(lambda: expressions("bool", depth))
    choices = [
        st.builds("coalesce({}, {})".format, same, same),
        st.builds("(case when {} then {} else {} end)".format, test, same, same),
        st.builds("(case when {} then {} when {} then {} end)".format, test, same, test, same),
    ]
    return st.one_of(*choices, *_OF[kind](depth))


def _bools(depth: int) -> list[st.SearchStrategy[str]]:
    b, n, d, t = (expressions(kind, depth) for kind in ("bool", "number", "date", "text"))
    compare, equal = st.sampled_from(["=", "<>", "<", "<=", ">", ">="]), st.sampled_from(["=", "<>"])
    return [
        st.builds("({} {} {})".format, b, st.sampled_from(["and", "or"]), b),
        st.builds("({} and {} and {})".format, b, b, b),
        st.builds("(not {})".format, b),
        st.builds("({} {} {})".format, n, compare, n),
        st.builds("({} {} {})".format, d, compare, d),
        st.builds("({} {} {})".format, t, equal, t),
        st.builds("({} {} {})".format, b, equal, b),
        st.builds("({} {}in (1, -3, 0.50, 7))".format, n, st.sampled_from(["", "not "])),
        st.builds("({} in ('张三', 'a''b', '01'))".format, t),
        st.builds("({} between {} and {})".format, n, n, n),
        st.builds("({} is {}null)".format, st.one_of(b, n, d, t), st.sampled_from(["", "not "])),
    ]


def _numbers(depth: int) -> list[st.SearchStrategy[str]]:
    n, d, t = (expressions(kind, depth) for kind in ("number", "date", "text"))
    return [
        st.builds("({} {} {})".format, n, st.sampled_from(["+", "-", "*"]), n),
        st.builds("(- {})".format, n),
        st.builds("{}({}, {})".format, st.sampled_from(["least", "greatest"]), n, n),
        st.builds("least({}, {}, {})".format, n, n, n),
        st.builds("quotient({}, {}, {}, '{}')".format, n, n, st.integers(0, 4), _ROUNDINGS),
        st.builds("rounded({}, {}, '{}')".format, n, st.integers(0, 3), _ROUNDINGS),
        st.builds("{}({}, {})".format, st.sampled_from(["years_between", "days_between"]), d, d),
        st.builds("len({})".format, t),
    ]


def _dates(depth: int) -> list[st.SearchStrategy[str]]:
    d = expressions("date", depth)
    return [st.builds("{}({}, {})".format, st.sampled_from(["least", "greatest"]), d, d)]


_OF = {"bool": _bools, "number": _numbers, "date": _dates, "text": lambda depth: []}
