"""Each question is answered once, however many threads ask it."""

import threading
from collections.abc import Callable, Hashable
from concurrent.futures import Future
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class Once(Generic[K, V]):
    """A memo: the first to ask computes, whoever asks meanwhile waits for that very answer."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._answers: dict[K, Future[V]] = {}

    def get(self, key: K, compute: Callable[[], V]) -> V:
        """Return the answer for `key`, computed at most once; what `compute` raises is kept too."""
        with self._lock:
            future = self._answers.get(key)
            mine = future is None
            if future is None:
                future = self._answers[key] = Future()
        if mine:
            try:
                future.set_result(compute())
            except BaseException as error:
                future.set_exception(error)
                raise
        return future.result()

    def peek(self, key: K) -> V | None:
        """Return the answer for `key` where there is one already."""
        with self._lock:
            future = self._answers.get(key)
        return future.result() if future is not None and future.done() else None
