import pytest

from basebump.bots import managed_by


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("README.md", "renovate"),
        ("docs/renovate.json", "{}"),
        ("renovate.json", '{"enabled": false}'),
        ("renovate.json", '{"enabledManagers": ["npm"]}'),
        ("renovate.json", '{"extends": ["config:base", "docker:disable"]}'),
        ("renovate.json", '{"dockerfile": {"enabled": false}}'),
        (".github/dependabot.yml", "version: 2\nupdates: [{package-ecosystem: npm}]"),
        (".github/dependabot.yml", "version: 2"),
    ],
)
def test_other_bots_that_leave_dockerfiles_alone_do_not_count(path: str, content: str) -> None:
    assert managed_by({path: content.encode()}) is None


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("renovate.json", '{"extends": ["config:recommended"]}'),
        (".github/renovate.json", '{"enabledManagers": ["npm", "dockerfile"]}'),
        pytest.param("renovate.json5", "{extends: ['x'], // why\n}", id="not read, so respected"),
        (".github/dependabot.yml", "version: 2\nupdates: [{package-ecosystem: docker}]"),
        pytest.param(".github/dependabot.yml", "a: b: c", id="broken, so respected"),
    ],
)
def test_names_the_file_by_which_another_bot_manages_dockerfiles(path: str, content: str) -> None:
    assert managed_by({path: content.encode(), "Dockerfile": b"FROM a"}) == path
