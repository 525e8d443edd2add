"""Many small questions in few GraphQL requests: one alias each, batches that adapt.

A query that is too heavy comes back as a 502, as an error without data, or with null nodes. So a
batch that fails is halved and asked again, down to single questions, which then fail alone.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from basebump.errors import ForgeError
from basebump.forge.github.client import Answer, Client, TooHeavyError

_TRIES = 3  # of a single question
RATE = "rateLimit { cost remaining resetAt } viewer { login }"


@dataclass(frozen=True, slots=True)
class Question:
    """A field at the top of a query.

    `{n}` in `text` becomes the question's number, so that its variables have names of their own;
    `weight` is its share of a batch.
    """

    text: str
    variables: Mapping[str, tuple[str, Any]] = field(default_factory=dict)
    weight: int = 1

    def written(self, number: int) -> str:
        """The field as it stands in the document, under its alias."""
        return f"q{number}: {self.text.replace('{n}', str(number))}"


@dataclass(frozen=True, slots=True)
class Missing:
    """No answer to a question: `gone` when there is no such thing, otherwise GitHub failed."""

    reason: str
    gone: bool = False


Reply = dict[str, Any] | Missing
Whole = Callable[[dict[str, Any]], bool]
"""Whether a reply has everything that is known to be there."""


def document(name: str, questions: Sequence[Question], fragments: str = "") -> str:
    """The query that asks all of them."""
    declared = [
        f"${key.replace('{n}', str(number))}: {kind}"
        for number, question in enumerate(questions)
        for key, (kind, _) in question.variables.items()
    ]
    head = f"query {name}({', '.join(declared)})" if declared else f"query {name}"
    fields = "\n  ".join([RATE, *(q.written(n) for n, q in enumerate(questions))])
    return f"{head} {{\n  {fields}\n}}\n{fragments}"


def variables(questions: Sequence[Question]) -> dict[str, Any]:
    """The values that go with `document`."""
    return {
        key.replace("{n}", str(number)): value
        for number, question in enumerate(questions)
        for key, (_, value) in question.variables.items()
    }


class Asker:
    """Asks questions of one kind; remembers how large a batch GitHub has answered."""

    def __init__(
        self, client: Client, name: str, fragments: str, size: int, whole: Whole | None = None
    ) -> None:
        self._client, self._name, self._fragments = client, name, fragments
        self._size, self._whole = size, whole

    def ask(self, questions: Sequence[Question]) -> list[Reply]:
        """A reply to each, in order. Raises AuthenticationError and ForgeError for all of them."""
        replies: list[Reply] = [Missing("")] * len(questions)
        todo = [(batch, 0) for batch in self._batches(questions, range(len(questions)))]
        while todo:
            batch, attempt = todo.pop(0)
            again = self._ask_batch(questions, batch, replies)
            if len(again) == 1 and len(batch) == 1:
                if attempt + 1 < _TRIES:
                    self._client.pause(attempt)
                    todo.append((again, attempt + 1))
                continue
            half = max(1, len(batch) // 2)
            todo += [(again[at : at + half], 0) for at in range(0, len(again), half)]
        return replies

    def _batches(self, questions: Sequence[Question], numbers: range) -> list[list[int]]:
        batches: list[list[int]] = []
        weight = self._size
        for number in numbers:
            if weight + questions[number].weight > self._size:
                batches.append([])
                weight = 0
            batches[-1].append(number)
            weight += questions[number].weight
        return batches

    def _ask_batch(
        self, questions: Sequence[Question], batch: Sequence[int], replies: list[Reply]
    ) -> list[int]:
        """Fill in what was answered; give the numbers that have to be asked again."""
        chosen = [questions[number] for number in batch]
        try:
            answer = self._client.graphql(
                document(self._name, chosen, self._fragments), variables(chosen)
            )
        except TooHeavyError as error:
            for number in batch:
                replies[number] = Missing(f"GitHub could not answer in time ({error})")
            return list(batch)
        again: list[int] = []
        for at, number in enumerate(batch):
            reply = self._reply(answer, f"q{at}")
            replies[number] = reply
            if isinstance(reply, Missing) and not reply.gone:
                again.append(number)
        return again

    def _reply(self, answer: Answer, alias: str) -> Reply:
        found, error = answer.data.get(alias), answer.error_at(alias)
        said = str((error or {}).get("message", "GitHub left the answer out"))
        if found is None:
            gone = error is not None and error.get("type") in ("NOT_FOUND", "FORBIDDEN")
            return Missing(said, gone=gone)
        if self._whole is not None:
            return found if self._whole(found) else Missing(said)
        if error is not None or answer.loose_errors:
            return Missing(said)
        return dict(found)


def refuse(reply: Missing) -> ForgeError:
    """The error that a missing reply comes to."""
    return ForgeError(reply.reason)
