"""The registry as the core sees it: one lookup for each question and run, troubles as values."""

from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor, wait
from types import TracebackType
from typing import Any, Self, TypeVar

from basebump.core.facts import ImageDescription, Manifest, Missing, Trouble, Unknown
from basebump.core.reference import ImageReference, InvalidReferenceError
from basebump.registry.api import Api, read_object
from basebump.registry.cache import Cache, Kept, is_digest
from basebump.registry.documents import (
    Index,
    Single,
    config_platform,
    describe,
    read_manifest,
)
from basebump.registry.once import Once
from basebump.registry.settings import Endpoint, RegistrySettings, endpoint
from basebump.registry.trouble import NotFoundError, RegistryError

T = TypeVar("T")


class Registry:
    """`basebump.core.facts.Facts` over HTTP, safe to share between threads.

    Tags cost one request an image (a page each thousand), a manifest one `GET`, or one `HEAD`
    where the cache knows an older digest; a `HEAD` is free on Docker Hub and a `GET` is not.
    """

    def __init__(self, settings: RegistrySettings | None = None) -> None:
        self._settings = settings or RegistrySettings()
        self._api = Api(self._settings)
        self._cache = Cache(self._settings.cache_dir)
        self._tags: Once[str, tuple[str, ...] | Missing | Unknown] = Once()
        self._pins: Once[tuple[str, str], str | Missing | Unknown] = Once()
        self._bodies: Once[tuple[str, str], tuple[str, bytes] | Missing | Unknown] = Once()
        self._manifests: Once[tuple[str, str], Manifest | Missing | Unknown] = Once()
        self._configs: Once[tuple[str, str], bytes | Missing | Unknown] = Once()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Give the connections back; what was learned stays."""
        self._api.close()

    def prefetch(
        self, *, tags: Iterable[str] = (), manifests: Iterable[tuple[str, str]] = ()
    ) -> None:
        """Ask for many images at once; the answers wait for whoever asks for them later."""
        with ThreadPoolExecutor(max_workers=self._settings.parallel) as pool:
            asked: list[Future[Any]] = [
                *(pool.submit(self.tags, image) for image in dict.fromkeys(tags)),
                *(pool.submit(self.manifest, *which) for which in dict.fromkeys(manifests)),
            ]
            try:
                wait(asked)
            except BaseException:  # an interrupt: what has not begun need not begin
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    def tags(self, image: str) -> tuple[str, ...] | Missing | Unknown:
        """Return every tag of the image, in the registry's order."""
        return self._tags.get(image, lambda: self._value(image, None, self._load_tags))

    def exists(self, image: str, tag: str) -> bool | None:
        """Return whether the registry has the tag; None when nobody knows."""
        answer = self.pin(image, tag)
        return None if isinstance(answer, Unknown) else isinstance(answer, str)

    def digest(self, image: str, tag: str) -> str | None:
        """Return the digest that the tag points to now, where there is one."""
        answer = self.pin(image, tag)
        return answer if isinstance(answer, str) else None

    def pin(self, image: str, tag: str) -> str | Missing | Unknown:
        """Return the digest that the tag points to now."""
        body = self._bodies.peek((image, tag))
        if body is not None:
            return body[0] if isinstance(body, tuple) else body
        return self._pins.get(
            (image, tag), lambda: self._value(image, tag, lambda at: self._load_digest(at, tag))
        )

    def manifest(self, image: str, reference: str) -> Manifest | Missing | Unknown:
        """Return the digest and the platforms of a tag, or of a digest."""
        return self._manifests.get(
            (image, reference),
            lambda: self._value(
                image, reference, lambda at: self._load_manifest(image, at, reference)
            ),
        )

    def description(
        self, image: str, reference: str, platform: str | None = None
    ) -> ImageDescription | Missing | Unknown:
        """Return what the image behind a tag or digest looks like on `platform`."""
        return self._value(
            image, reference, lambda at: self._load_description(image, at, reference, platform)
        )

    def _value(
        self, image: str, reference: str | None, load: Callable[[Endpoint], T]
    ) -> T | Missing | Unknown:
        """Turn what goes wrong into a value; only bugs of ours get past this line."""
        try:
            written = image
            if reference is not None:
                written += ("@" if ":" in reference else ":") + reference
            ImageReference.parse(written)
            return load(endpoint(image, self._settings))
        except InvalidReferenceError as error:
            return Unknown(Trouble.NAME_REFUSED, f"{image} cannot be asked for: {error}")
        except NotFoundError as error:
            return Missing(str(error))
        except RegistryError as error:
            return error.unknown

    def _load_tags(self, where: Endpoint) -> tuple[str, ...]:
        key = f"tags {where.url('')}"
        kept = self._cache.answer(key)
        if kept is not None and self._good_enough(kept):
            return tuple(kept.values)
        self._refuse_offline(where, "tags")
        answer = self._api.tags(where, kept.etag if kept else None)
        if answer is None:
            assert kept is not None  # noqa: S101 - only a kept ETag brings "not modified"
            answer = (kept.values, kept.etag)
        self._cache.keep_answer(key, *answer)
        return tuple(answer[0])

    def _load_digest(self, where: Endpoint, tag: str) -> str:
        if is_digest(tag):
            return tag
        kept = self._cache.answer(_digest_key(where, tag))
        if kept is not None and kept.values and self._good_enough(kept):
            return kept.values[0]
        self._refuse_offline(where, f"tag {tag}")
        digest = self._api.digest(where, tag) or self._api.manifest(where, tag)[0]
        self._cache.keep_answer(_digest_key(where, tag), [digest])
        return digest

    def _load_body(self, where: Endpoint, reference: str) -> tuple[str, bytes]:
        """Return the manifest's bytes, from the cache where its digest is known."""
        digest = reference if is_digest(reference) else None
        if digest is None and self._cache.answer(_digest_key(where, reference)):
            digest = self._load_digest(where, reference)
        if digest is not None and (body := self._cache.document(digest)) is not None:
            return digest, body
        self._refuse_offline(where, f"manifest of {reference}")
        digest, body = self._api.manifest(where, reference)
        self._cache.keep_document(digest, body)
        if not is_digest(reference):
            self._cache.keep_answer(_digest_key(where, reference), [digest])
        return digest, body

    def _body(self, image: str, where: Endpoint, reference: str) -> tuple[str, Index | Single]:
        digest, body = _unwrap(
            self._bodies.get(
                (image, reference),
                lambda: self._value(image, reference, lambda at: self._load_body(at, reference)),
            )
        )
        return digest, read_manifest(read_object(body, where))

    def _load_manifest(self, image: str, where: Endpoint, reference: str) -> Manifest:
        digest, document = self._body(image, where, reference)
        if isinstance(document, Index):
            return Manifest(digest, frozenset(child.platform for child in document.children))
        if document.config is None:
            return Manifest(digest, frozenset())
        config = read_object(self._config(image, document.config), where)
        platform = config_platform(config)
        return Manifest(digest, frozenset({platform} if platform else ()))

    def _load_description(
        self, image: str, where: Endpoint, reference: str, platform: str | None
    ) -> ImageDescription:
        whole = _unwrap(self.manifest(image, reference))
        digest, document = self._body(image, where, reference)
        annotations = document.annotations
        if isinstance(document, Index):
            child = document.child(platform)
            if child is None:
                raise NotFoundError(
                    f"{where.host} has {where.repository} {reference} not for {platform}"
                )
            _, document = self._body(image, where, child.digest)
            annotations = {**annotations, **child.annotations, **document.annotations}
        if isinstance(document, Index) or document.config is None:
            raise RegistryError(
                Trouble.INVALID_ANSWER, f"{where.repository} {reference} is no image"
            )
        return describe(
            read_object(self._config(image, document.config), where),
            digest=digest,
            platforms=whole.platforms,
            size=document.size,
            annotations=annotations,
        )

    def _config(self, image: str, digest: str) -> bytes:
        return _unwrap(
            self._configs.get(
                (image, digest),
                lambda: self._value(image, digest, lambda at: self._load_config(at, digest)),
            )
        )

    def _load_config(self, where: Endpoint, digest: str) -> bytes:
        if (body := self._cache.document(digest)) is not None:
            return body
        self._refuse_offline(where, f"config {digest}")
        body = self._api.config(where, digest)
        self._cache.keep_document(digest, body)
        return body

    def _good_enough(self, kept: Kept) -> bool:
        return self._settings.offline or kept.age < self._settings.cache_age.total_seconds()

    def _refuse_offline(self, where: Endpoint, what: str) -> None:
        if self._settings.offline:
            raise RegistryError(
                Trouble.OFFLINE,
                f"offline: the cache has nothing about the {what} of {where.repository}",
            )


def _digest_key(where: Endpoint, tag: str) -> str:
    return f"digest {where.url(tag)}"


def _unwrap(answer: T | Missing | Unknown) -> T:
    if isinstance(answer, Missing):
        raise NotFoundError(answer.reason)
    if isinstance(answer, Unknown):
        raise RegistryError(answer.trouble, answer.reason)
    return answer
