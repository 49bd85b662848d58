"""A folder of immutable versions of models, one of which is served."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

from novin_ml.exceptions import RegistryConflictError, RegistryError
from novin_ml.files import create_whole, locked
from novin_ml.lifecycle.registry.contents import content_faults, copy_files, files_in, hash_of
from novin_ml.lifecycle.registry.layout import CONTENT, NAME, PROMOTION, RECORD, Layout, listed
from novin_ml.lifecycle.registry.records import Promotion, Version, now, record_text, user
from novin_ml.lifecycle.registry.release import RECORD as RELEASE
from novin_ml.lifecycle.registry.release import is_build, read_release, release_facts
from novin_ml.plain import plain


class Registry:
    """A folder of immutable versions of models, one of which is served.

    A version is added with all its files, and never changes. A promotion decides which version is
    served. Both are folders that move to their place in one step, so a process that is killed at
    any moment leaves the registry as it was before or after. Readers need no lock and no permission
    to write.

    Parameters
    ----------
    folder : str or path-like
        The registry; `add` creates it. It may be on a shared disk.

    See Also
    --------
    novin_ml.lifecycle.publish : Write the files of a version.

    Notes
    -----
    ::

        registry.json
        models/NAME/versions/000001/version.json     hashes, facts, parent, who and when
        models/NAME/versions/000001/content/...      the files
        models/NAME/promotions/000001/promotion.json

    The promotion with the highest number counts. Of two writers who promote at the same time, one
    gets the next number and the other gets a `RegistryConflictError`.

    Examples
    --------
    >>> import tempfile
    >>> from pathlib import Path
    >>> from novin_ml.lifecycle import Registry
    >>> release = Path(tempfile.mkdtemp())
    >>> _ = (release / "thresholds.json").write_text('{"delivery": 0.9}')
    >>> registry = Registry(tempfile.mkdtemp() + "/registry")
    >>> version = registry.add("delivery", release, facts={"accuracy": 0.96})
    >>> registry.served("delivery") is None
    True
    >>> promotion = registry.promote("delivery", version.number, reason="first release")
    >>> registry.served("delivery").path("thresholds.json").read_text()
    '{"delivery": 0.9}'
    """

    def __init__(self, folder: str | os.PathLike[str]) -> None:
        self.folder = Path(folder)
        self._layout = Layout(self.folder)

    def __repr__(self) -> str:
        return f"Registry({str(self.folder)!r})"

    def names(self) -> list[str]:
        """Return the names of all models, sorted.

        Returns
        -------
        names : list of str
            Names of the models.
        """
        return self._layout.names()

    def versions(self, name: str) -> list[Version]:
        """Return all versions of a model, the oldest first.

        Parameters
        ----------
        name : str
            Name of the model.

        Returns
        -------
        versions : list of Version
            Records of the versions.

        Raises
        ------
        RegistryError
            If the registry does not have the model, or a record is damaged.
        """
        self._layout.model(name)
        known = self._layout.numbers(name, "versions")
        return [self._layout.read_version(name, number) for number in known]

    def version(self, name: str, number: int | str = "served") -> Version:
        """Return a version of a model.

        Parameters
        ----------
        name : str
            Name of the model.
        number : int, "served" or "latest", default="served"
            Number of the version.

        Returns
        -------
        version : Version
            Record of the version.

        Raises
        ------
        RegistryError
            If there is no such version, or its record is damaged.
        """
        self._layout.model(name)
        known = self._layout.numbers(name, "versions")
        if number == "served":
            served = self.served(name)
            if served is None:
                raise RegistryError(
                    f"{name} must have a served version. Got none in {self.folder}. Promote one."
                )
            return served
        wanted = (known[-1] if known else None) if number == "latest" else number
        if isinstance(wanted, bool) or wanted not in known:
            raise RegistryError(
                f"The 'number' parameter must be a version of {name}: {listed(known)}. "
                f"Got {number!r}."
            )
        return self._layout.read_version(name, int(wanted))

    def served(self, name: str) -> Version | None:
        """Return the version that is served, or None if none was promoted yet.

        Parameters
        ----------
        name : str
            Name of the model.

        Returns
        -------
        version : Version or None
            Record of the version.

        Raises
        ------
        RegistryError
            If the registry does not have the model, or a record is damaged.
        """
        self._layout.model(name)
        last = self._layout.last_promotion(name)
        return None if last is None else self._layout.read_version(name, last.version)

    def promotions(self, name: str) -> list[Promotion]:
        """Return all promotions and rollbacks of a model, the oldest first.

        Parameters
        ----------
        name : str
            Name of the model.

        Returns
        -------
        promotions : list of Promotion
            Records of the changes.
        """
        self._layout.model(name)
        known = self._layout.numbers(name, "promotions")
        return [self._layout.read_promotion(name, number) for number in known]

    def add(
        self,
        name: str,
        source: str | os.PathLike[str],
        *,
        facts: Mapping[str, Any] | None = None,
    ) -> Version:
        """Add a version of a model: a copy of all files in a folder.

        The certificate of each Core ML model in the folder is checked first. If a version already
        has the same files, that version is returned and nothing is added.

        Parameters
        ----------
        name : str
            Name of the model: letters, digits, ``.``, ``_`` and ``-``, at most 64.
        source : str or path-like
            Folder with the files: model, certificate, reference, report, card, thresholds. Of a
            folder that `build` wrote, the files of the release are taken.
        facts : mapping, default=None
            Facts about the model that JSON can hold: metrics with their intervals, fingerprint of
            the data, versions of libraries. They are added to those of a build.

        Returns
        -------
        version : Version
            Its parent is the version that is served now.

        Raises
        ------
        RegistryError
            If the name or the folder is not valid.
        BuildError
            If it is the folder of a build that is not done, or whose gates failed.
        CertificateError, ParityError
            If a Core ML model is not the certified one.
        """
        if not isinstance(name, str) or not NAME.fullmatch(name):
            raise RegistryError(
                "The 'name' parameter must have 1 to 64 letters, digits, '.', '_' or '-'. "
                f"Got {name!r}."
            )
        source = Path(source)
        all_facts = dict(facts or {})
        release_sha256 = None
        if is_build(source):
            # What else lies there is not of the release, such as what swift has built beside it.
            release = read_release(source)
            release_sha256 = release["sha256"]
            record = source / RELEASE
            files = release["files"] | {RELEASE: [record.stat().st_size, hash_of(record)]}
            all_facts = release_facts(release) | all_facts
        else:
            files = files_in(source)
        _require_certified(source, files)
        self._layout.create()
        while True:
            known = self._layout.numbers(name, "versions")
            for number in reversed(known):
                version = self._layout.read_version(name, number)
                # The record of a release names what it was compared with; its files are the same.
                is_same = version.facts.get("sha256") == release_sha256 is not None
                if is_same or dict(version.files) == files:
                    return version
            number = max(known, default=0) + 1
            last = self._layout.last_promotion(name) if known else None
            version = Version(
                name=name,
                number=number,
                created=now(),
                by=user(),
                parent=None if last is None else last.version,
                facts=plain(all_facts),
                files=files,
            )
            try:
                with create_whole(self._layout.place(name, "versions", number)) as new:
                    copy_files(source, files, new / CONTENT)
                    (new / RECORD).write_text(record_text(version), encoding="utf-8")
            except FileExistsError:
                continue  # another writer took the number
            return self._layout.read_version(name, number)

    def promote(
        self, name: str, number: int, *, reason: str = "", instead_of: int | None = None
    ) -> Promotion:
        """Serve a version from now on.

        Parameters
        ----------
        name : str
            Name of the model.
        number : int
            Number of the version.
        reason : str, default=""
            Reason for the record.
        instead_of : int, default=None
            Version that must be served now, such as the one that the new version was compared
            with.

        Returns
        -------
        promotion : Promotion
            Record of the change.

        Raises
        ------
        RegistryConflictError
            If another writer changed the served version meanwhile, or it is not `instead_of`.
        RegistryError
            If there is no such version, it is damaged, or it is already served.
        """
        self._layout.model(name)
        last = self._layout.last_promotion(name)
        if instead_of is not None and (last is None or last.version != instead_of):
            got = "no served version" if last is None else f"version {last.version}"
            raise RegistryConflictError(
                f"{name} must still serve version {instead_of}. Got {got}. "
                "Compare with the version that is served, and promote again."
            )
        return self._change(name, self.version(name, number), last, "promote", reason)

    def rollback(self, name: str, *, reason: str = "") -> Promotion:
        """Serve the version again that was served before the current one was promoted.

        Parameters
        ----------
        name : str
            Name of the model.
        reason : str, default=""
            Reason for the record.

        Returns
        -------
        promotion : Promotion
            Another rollback goes one promotion further back.

        Raises
        ------
        RegistryConflictError
            If another writer changed the served version meanwhile.
        RegistryError
            If no version was served before, or it is damaged.
        """
        promotions = self.promotions(name)
        before = served_before(promotions)
        if before is None:
            raise RegistryError(
                f"{name} must have a version that was served before. Got none in {self.folder}. "
                "Promote another version."
            )
        return self._change(name, self.version(name, before), promotions[-1], "rollback", reason)

    def faults(self, name: str, number: int) -> list[str]:
        """Compare the files of a version with its record.

        Parameters
        ----------
        name : str
            Name of the model.
        number : int
            Number of the version.

        Returns
        -------
        faults : list of str
            A sentence for each file that is missing, changed or unknown; empty if all is well.
        """
        version = self.version(name, number)
        return list(content_faults(version.folder, version.files))

    @contextmanager
    def writing(self, name: str) -> Iterator[None]:
        """Keep other writers of a model out while a ``with`` block runs.

        Parameters
        ----------
        name : str
            Name of the model.

        Yields
        ------
        nothing : None
            The block runs once the other writers are done.
        """
        with locked(self._layout.model(name)):
            yield

    def _change(
        self,
        name: str,
        version: Version,
        last: Promotion | None,
        kind: Literal["promote", "rollback"],
        reason: str,
    ) -> Promotion:
        if last is not None and last.version == version.number:
            raise RegistryError(
                f"The 'number' parameter must be a version of {name} that is not served yet. "
                f"Got {version.number}, which is served."
            )
        with self.writing(name):
            faults = self.faults(name, version.number)
            if faults:
                raise RegistryError(
                    f"Version {version.number} of {name} must be as it was added. {faults[0]} "
                    "Add it again."
                )
            promotion = Promotion(
                number=1 if last is None else last.number + 1,
                version=version.number,
                previous=None if last is None else last.version,
                kind=kind,
                created=now(),
                by=user(),
                reason=reason,
            )
            place = self._layout.place(name, "promotions", promotion.number)
            try:
                # Read once more, so that a loser does no work; the rename below decides.
                if place.exists():
                    raise FileExistsError
                with create_whole(place) as new:
                    (new / PROMOTION).write_text(record_text(promotion), encoding="utf-8")
            except FileExistsError:
                winner = self._layout.read_promotion(name, promotion.number)
                raise RegistryConflictError(
                    f"{name} must not be changed by another writer meanwhile. Got version "
                    f"{winner.version}, which {winner.by} promoted at {winner.created}. "
                    "Compare with that version, and promote again."
                ) from None
        return promotion


def served_before(promotions: list[Promotion]) -> int | None:
    """Return the version that a rollback goes to; each rollback undoes one promotion."""
    served: list[int] = []
    for promotion in promotions:
        if promotion.kind == "rollback":
            del served[-1:]
        else:
            served.append(promotion.version)
    return served[-2] if len(served) > 1 else None


def _require_certified(source: Path, files: Mapping[str, Any]) -> None:
    packages = {name.split("/")[0] for name in files if ".mlpackage/" in name}
    models = sorted({name for name in files if name.endswith(".mlmodel")} | packages)
    # A reference is a folder of its own, and a package of Swift has copies.
    top = [name for name in models if "/" not in name]
    if top:
        from novin_ml.coreml import verify_coreml

        for name in top:
            verify_coreml(source / name)
