"""Words and figures of reports."""


def count(number: int, one: str, many: str | None = None) -> str:
    """`1 repository`, `2 repositories`, `1,200 files`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"
