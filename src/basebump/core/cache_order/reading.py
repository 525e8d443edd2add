"""What a command does, as far as the order of the copies is concerned."""

from collections.abc import Iterable
from dataclasses import dataclass

from basebump.core.cache_order.ecosystem import (
    Arguments,
    Ecosystem,
    Kind,
    Operands,
    Step,
    arguments,
    meaning,
    word_set,
)
from basebump.core.cache_order.places import inside, join, same_file
from basebump.core.cache_order.shell import Command
from basebump.core.cache_order.table import row_of

# Commands that read nothing of the project, or whose result no install depends on.
_NEUTRAL = word_set(
    "apt-get apt apk yum dnf microdnf zypper pacman dpkg rpm curl wget mkdir useradd adduser "
    "groupadd addgroup usermod echo printf true false set export : test [ exit return which "
    "type locale-gen update-ca-certificates ldconfig gem rustup corepack nvm n sleep date "
    "whoami id pwd ls cat head grep chmod chown chgrp umask add-apt-repository apt-key "
    "apt-mark debconf-set-selections docker-php-ext-install docker-php-ext-configure "
    "docker-php-ext-enable pecl pear a2enmod a2dismod install-php-extensions "
    "update-alternatives setcap hash passwd chpasswd shopt read uname nproc free node-gyp "
    "venv virtualenv ensurepip localedef easy_install pipx python3-config sync fc-cache "
    "phpenmod phpdismod a2ensite a2dissite a2enconf"
)
# Commands that work on the files they are given: harmless away from the project.
_ON_FILES = word_set(
    "cp mv ln sed tar unzip gunzip touch rm find tee install xz gpg sha256sum dos2unix"
)
# What an install or a build leaves behind, so that removing it changes no manifest.
_RESULTS = word_set(
    "node_modules target vendor build dist bin obj .venv venv __pycache__ .cache .npm tmp"
)
_SCRATCH = ("/var/", "/tmp/", "/root/", "/dev/")  # noqa: S108 - a path in the image
_SYSTEM = (*_SCRATCH, "/usr/", "/etc/", "/opt/", "/home/", "/bin/", "/lib/")
# Harmless, but what they do to the files they are given depends on when.
_ON_THEIR_PATHS = word_set(
    "chmod chown chgrp cat ls head grep test [ setcap mkdir venv virtualenv node-gyp"
)
# Scripts that only set a shell up, by their names: `. /venv/bin/activate`.
_SETTING_UP = frozenset({"activate", "nvm.sh", "cargo/env", ".profile", ".bashrc"})
_PYTHON = frozenset({"pip", "uv"})
_FETCHERS = frozenset({"curl", "wget"})
_SCRIPTS = frozenset({"-e", "-f", "--expression", "--file"})
# PHP asked about itself, or running Composer's installer from the network.
_PHP_ASIDE = frozenset({"-v", "-i", "-m", "-r", "--", "--ini", "composer-setup.php"})
_VERSION_FLAGS = frozenset({"--version", "-version", "--help", "-V"})


@dataclass(frozen=True, slots=True)
class Use:
    """An install or a build from source: the row, the folder it is for, and its manifests there.

    `manifests` are places in the image, possibly patterns; `explicit` tells that the command
    names them all, otherwise one of them is enough.
    """

    row: Ecosystem
    step: Step
    folder: str
    manifests: tuple[str, ...]
    explicit: bool
    given: Arguments
    command: Command

    @property
    def key(self) -> tuple[str, str, tuple[str, ...]]:
        """What tells one install from another; npm and yarn in one folder are the same."""
        return self.row.family, self.folder, self.manifests if self.explicit else ()


def use_of(command: Command) -> Use | None:
    """The install or the build that a command is; None for any other command."""
    row = row_of(command.words[0])
    if row is None:
        return None
    given = arguments(command.words[1:], row.valued)
    step, rest = meaning(row, given)
    if step is None or step.kind not in (Kind.INSTALL, Kind.BUILD):
        return None
    folder = _folder(row, given, command.cwd)
    named = given.of(step.manifest_options) + _operand_manifests(step, rest)
    if any(not path.endswith("Gemfile") for path in given.of(["--gemfile"])):
        return None  # a Gemfile of another name has a lock of another name
    if row.family in _PYTHON and any(map(_is_relative, given.of(["--find-links", "-f"]))):
        return None  # packages that lie in the project are installed with it
    if named:
        places = tuple(join(folder, name) for name in named)
        folder = places[0].rpartition("/")[0] or "/"
        if row.name == ".NET" and not _is_project(places[0]):
            return Use(
                row, step, places[0], _in(places[0], row.manifests), explicit=False,
                given=given, command=command,
            )  # fmt: skip
        return Use(row, step, folder, places, explicit=True, given=given, command=command)
    manifests = _in(folder, step.manifests or row.manifests)
    return Use(row, step, folder, manifests, explicit=False, given=given, command=command)


def _is_relative(place: str) -> bool:
    return "://" not in place and not place.startswith(("/", "$"))


def _in(folder: str, names: Iterable[str]) -> tuple[str, ...]:
    return tuple(join(folder, name) for name in names)


def _is_project(path: str) -> bool:
    return path.endswith(("proj", ".sln", ".slnx", ".slnf")) or "$" in path


def _operand_manifests(step: Step, rest: tuple[str, ...]) -> tuple[str, ...]:
    if step.operands is not Operands.MANIFESTS:
        return ()
    return tuple(word for word in rest if not word.startswith("/p:"))


def _folder(row: Ecosystem, given: Arguments, cwd: str) -> str:
    """Where the project is: `--prefix dir`, `-f dir/pom.xml`, or the working directory."""
    for path in given.of(row.folders):
        place = join(cwd, path)
        name = place.rsplit("/", 1)[-1]
        if any(same_file(name, manifest) for manifest in row.manifests):
            return place.rpartition("/")[0] or "/"
        return place
    return cwd


def is_harmless(command: Command, copied: Iterable[str]) -> bool:
    """Whether an install after this command could as well run without the source.

    `copied` are the folders that the source was copied to. Installs themselves are harmless.
    """
    folders = tuple(copied)
    if any(_in_project(place, folders) and not _is_result(place) for place in command.writes):
        return False
    name = command.words[0].rsplit("/", 1)[-1]
    if name in _NEUTRAL or _VERSION_FLAGS & frozenset(command.words[1:2]):
        return True
    if name in (".", "source") and len(command.words) > 1:
        return command.words[1].endswith(tuple(_SETTING_UP))
    if name == "php" and command.words[1:2] and command.words[1] in _PHP_ASIDE:
        return True
    if name in _ON_FILES:
        return _away(command, folders)
    row = row_of(name)
    if row is None:
        return name in _NEUTRAL
    given = arguments(command.words[1:], row.valued)
    step, _ = meaning(row, given)
    return step is not None and step.kind in (Kind.INSTALL, Kind.NEUTRAL)


def touches_source(command: Command, copied: Iterable[str]) -> bool:
    """Whether a harmless command may still touch copied files, so that its place matters."""
    folders = tuple(copied)
    name = command.words[0].rsplit("/", 1)[-1]
    if name in _FETCHERS:
        return _fetches_into(command, folders)
    return name in _ON_THEIR_PATHS and not _away(command, folders)


def _fetches_into(command: Command, folders: tuple[str, ...]) -> bool:
    """Whether curl or wget may write into a copied folder; when in doubt, yes."""
    named = [word for word in command.words[1:] if not word.startswith("-") and "://" not in word]
    flags = [word for word in command.words[1:] if word.startswith("-") and word != "-"]
    to_here = "O" in "".join(flag for flag in flags if not flag.startswith("--"))
    if command.words[0].endswith("wget"):
        to_here = not to_here  # `-O file` and `-qO-` say where to; without them it is here
    if to_here and _in_project(command.cwd, folders):
        return True
    return any(_in_project(join(command.cwd, word), folders) for word in named if word != "-")


def _away(command: Command, folders: tuple[str, ...]) -> bool:
    """Whether none of the command's paths lies in a copied folder, but for what installs leave."""
    paths = [word for word in command.words[1:] if not word.startswith("-")]
    if command.words[0].rsplit("/", 1)[-1] == "sed" and not _SCRIPTS & set(command.words):
        paths = paths[1:]  # the first is sed's script
    return all(
        _is_result(word) or not _in_project(join(command.cwd, word), folders) for word in paths
    )


def _in_project(place: str, folders: tuple[str, ...]) -> bool:
    return any(
        inside(place, folder) is not None
        for folder in folders
        if folder != "/" or not place.startswith(_SYSTEM)
    )


def _is_result(word: str) -> bool:
    parts = word.rstrip("/*").split("/")
    return bool(_RESULTS & set(parts)) or word.startswith(_SCRATCH)
