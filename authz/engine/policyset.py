"""Many policies, compiled once and filed so that a question meets only those that may concern it."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from authz.engine.conditions import Evaluate, compile_condition, paths
from authz.engine.document import PolicyDocument
from authz.engine.patterns import ANY, Pattern
from authz.engine.verdict import Reason, Verdict

MEMO_SIZE = 10_000  # kinds of question whose candidates one set remembers


@dataclass(frozen=True, slots=True, eq=False)
class CompiledPolicy:
    """A policy ready to be asked. Its verdicts are made beforehand: deciding allocates nothing."""

    name: str
    document: PolicyDocument
    denies: bool
    rank: tuple[int, bool, str]
    condition: Evaluate | None
    uses_clock: bool
    when_true: Verdict
    when_unknown: Verdict


@dataclass(frozen=True, slots=True)
class Candidates:
    """The policies that fit a kind of question, the one that would decide first at the front.

    A policy comes with the resource patterns that are still to be compared, or None when every resource of the
    kind is meant.
    """

    policies: tuple[tuple[CompiledPolicy, tuple[Pattern, ...] | None], ...]
    use_clock: bool


@dataclass(slots=True)
class _Entry:
    policy: CompiledPolicy
    action: Pattern
    resource: Pattern


@dataclass(slots=True)
class PolicySet:
    """Immutable but for what it remembers. The cost of a question does not grow with the number of policies that do
    not concern it: they are filed by subject, by action and by type of resource."""

    size: int
    fingerprint: str
    """What the set was built from, "" when nobody said."""
    versions: Mapping[str, int]
    """The number of the version in force, by name."""
    policies: tuple[CompiledPolicy, ...]
    _index: Mapping[str, Mapping[tuple[str, str], list[_Entry]]]
    _named_subjects: frozenset[str]
    _named_resources: frozenset[str]
    actions: frozenset[str]
    _memo: dict[Any, Candidates] = field(default_factory=dict)

    @classmethod
    def build(
        cls,
        documents: Iterable[PolicyDocument],
        *,
        fingerprint: str = "",
        versions: Mapping[str, int] | None = None,
    ) -> "PolicySet":
        """Compile those that are enabled."""
        index: dict[str, dict[tuple[str, str], list[_Entry]]] = {}
        enabled = [document for document in documents if document.enabled]
        compiled = tuple(compile_policy(document) for document in enabled)
        for policy in compiled:
            document = policy.document
            for subject in document.subjects:
                shelf = index.setdefault(subject, {})
                for action in document.actions:
                    for resource in document.resources:
                        filed = shelf.setdefault((_file_under(action), _file_under(resource)), [])
                        filed.append(_Entry(policy, action, resource))
        resources = {pattern for document in enabled for pattern in document.resources}
        return cls(
            size=len(enabled),
            fingerprint=fingerprint,
            versions=versions or {},
            policies=compiled,
            _index=index,
            _named_subjects=frozenset(name for name in index if not name.endswith(f":{ANY}")),
            _named_resources=frozenset(pattern.text for pattern in resources if pattern.exact),
            actions=frozenset(
                pattern.text
                for document in enabled
                for pattern in document.actions
                if pattern.exact
            ),
        )

    def candidates(
        self,
        *,
        subject: str,
        subject_type: str,
        roles: frozenset[str],
        action: str,
        resource: str,
        resource_type: str,
    ) -> Candidates:
        """The policies to ask about a question. `subject` and `resource` are references, `user:usr_…`."""
        key = (
            action,
            resource if resource in self._named_resources else resource_type,
            subject if subject in self._named_subjects else subject_type,
            roles,
        )
        found = self._memo.get(key)
        if found is None:
            subjects = [subject, f"{subject_type}:{ANY}", *(f"role:{role}" for role in roles)]
            found = self._collect(subjects, action, resource, resource_type)
            if len(self._memo) >= MEMO_SIZE:
                self._memo.clear()
            self._memo[key] = found
        return found

    def allowing_subjects(
        self, subject_type: str, *, action: str, resource: str, resource_type: str
    ) -> Iterator[tuple[CompiledPolicy, str]]:
        """The policies that may allow some subject of the type this, each with the subject that it names."""
        for subject in self._index:
            kind, _, _ = subject.partition(":")
            if kind not in {subject_type, "role"}:
                continue
            candidates = self._collect([subject], action, resource, resource_type)
            for policy, left in candidates.policies:
                if policy.denies:
                    continue
                if left is None or any(pattern.matches(resource) for pattern in left):
                    yield policy, subject

    def allowing_resources(
        self, resource_type: str, *, subject: str, roles: Iterable[str], action: str
    ) -> Iterator[tuple[CompiledPolicy, Pattern]]:
        """The policies that may allow the subject this with some resource of the type, each with the resources that it
        names.
        """
        kind = subject.partition(":")[0]
        for name in (subject, f"{kind}:{ANY}", *(f"role:{role}" for role in roles)):
            for entries in self._index.get(name, {}).values():
                for entry in entries:
                    if (
                        not entry.policy.denies
                        and entry.resource.head in {None, resource_type}
                        and entry.action.matches(action)
                    ):
                        yield entry.policy, entry.resource

    def named_entities(self, entity_type: str) -> frozenset[str]:
        """The ids that policies name for themselves."""
        prefix = f"{entity_type}:"
        return frozenset(
            name.removeprefix(prefix)
            for name in self._named_subjects | self._named_resources
            if name.startswith(prefix)
        )

    def named_types(self) -> frozenset[str]:
        """The types of resources of which policies name one."""
        return frozenset(name.partition(":")[0] for name in self._named_resources)

    def _collect(
        self, subjects: Iterable[str], action: str, resource: str, resource_type: str
    ) -> Candidates:
        action_keys = (action, f"{action.partition(':')[0]}:{ANY}", ANY)
        resource_keys = (resource, f"{resource_type}:{ANY}", ANY)
        found: dict[CompiledPolicy, dict[Pattern, None] | None] = {}
        for shelf in filter(None, (self._index.get(subject) for subject in subjects)):
            for action_key in action_keys:
                for resource_key in resource_keys:
                    for entry in shelf.get((action_key, resource_key), ()):
                        if entry.action.matches(action):
                            _note(found, entry)
        ordered = sorted(found.items(), key=lambda item: item[0].rank)
        return Candidates(
            policies=tuple(
                (policy, None if left is None else tuple(left)) for policy, left in ordered
            ),
            use_clock=any(policy.uses_clock for policy in found),
        )


def _note(found: dict[CompiledPolicy, dict[Pattern, None] | None], entry: _Entry) -> None:
    """A resource pattern is to be compared once, however many actions and subjects stand beside it."""
    if entry.resource.exact or entry.resource.covers_its_head:
        found[entry.policy] = None
        return
    left = found.setdefault(entry.policy, {})
    if left is not None:
        left[entry.resource] = None


def _file_under(pattern: Pattern) -> str:
    """The exact text, the first segment and a star, or a star: the three keys that a question looks under."""
    if pattern.exact:
        return pattern.text
    return ANY if pattern.head is None else f"{pattern.head}:{ANY}"


def compile_policy(document: PolicyDocument) -> CompiledPolicy:
    """Ready to be asked. Cannot fail: what `document.parse` returns compiles."""
    condition = document.condition
    denies = document.effect == "deny"

    def verdict(reason: Reason) -> Verdict:
        return Verdict(
            allowed=not denies,
            reason=reason,
            policy=document.name,
            obligations=document.obligations,
        )

    return CompiledPolicy(
        name=document.name,
        document=document,
        denies=denies,
        rank=(-document.priority, not denies, document.name),
        condition=None if condition is None else compile_condition(condition),
        uses_clock=condition is not None and any(path.uses_clock for path in paths(condition)),
        when_true=verdict(Reason.POLICY),
        when_unknown=verdict(Reason.UNKNOWN),
    )
