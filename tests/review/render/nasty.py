"""Strategies for texts with markup of output formats, and for reports full of them."""

from __future__ import annotations

from functools import partial

from hypothesis import strategies as st

from taskrole.finding import Finding, Waiver
from taskrole.review.report import (
    AccessRow,
    Drift,
    DriftChange,
    ManagedPolicy,
    NotReviewed,
    PlanFacts,
    PolicyReview,
    Report,
    RoleReview,
    SettingsUse,
    TrustChange,
    Unresolved,
    WorkloadReview,
)
from tests.review.render.reports import EVIL

_TRICKS = (
    *EVIL.split(" "),
    "`", "``", "~~~", "|", "\\", "\\|", "\n", "\r\n", "\t",
    "\x85", "\u2028", "<!--", "-->", "]]>", "<", ">", "&", '"', "'",
    "@octocat", "#1", "owner/repo#1", "GH-1", "0123abc", "www.x.example", "http://x.example", "mailto:a@b.example",
    "[a](b)", "![a](b)", "[a]: b", "*a*", "_a_", "~a~", "# a", "- a", "1. a", "1)", "> a", "---", "===", "a\n===",
    "::error::a", " ::stop-commands::t", "##[error]a", "##vso[a.b]c", "##teamcity[x]", "\x1b[31m", "\x9b31m", "\x07",
    "\u202e", "\u2066", "\u200f", "\ufeff", "\U000e0041", "\ud800",
    "\uffff", "\x00", ":smile:", "$(id)", "{{ a }}", "{0}",
    "</script>", "</style>", "<svg onload=a>", "javascript:a", "&#64;a", "&lt;", "<![CDATA[", "<?xml ?>", "%3Cb%3E",
)  # fmt: skip

texts = st.lists(st.one_of(st.sampled_from(_TRICKS), st.text(max_size=8), st.just(" ")), max_size=8).map("".join)

_several_texts = st.lists(texts, max_size=2).map(tuple)
_documents = st.recursive(
    st.one_of(texts, st.none(), st.booleans(), st.integers()),
    lambda inner: st.one_of(st.lists(inner, max_size=2), st.dictionaries(texts, inner, max_size=2)),
    max_leaves=4,
)
_policies = st.none() | st.fixed_dictionaries(
    {
        "Statement": st.one_of(
            _documents, st.lists(st.fixed_dictionaries({"Principal": _documents, "Effect": texts}), max_size=2)
        )
    }
)
_row = partial(
    st.builds,
    AccessRow,
    effect=st.sampled_from(["Allow", "Deny"]),
    access_level=texts,
    actions=st.lists(texts, min_size=1, max_size=2).map(tuple),
    resources=st.lists(texts, min_size=1, max_size=4).map(tuple),
    conditions=st.lists(st.tuples(texts, texts, st.lists(texts, max_size=2).map(tuple)), max_size=1).map(tuple),
    sentence=texts,
    because=texts,
    key=texts,
    approved=st.booleans(),
    origin=st.sampled_from(["policy", "boundary"]),
    not_actions=st.booleans(),
    not_resources=st.booleans(),
)
_rows = _row(
    policy=st.just("") | texts,
    count=st.none() | st.integers(0, 9),
    parts=st.just(()) | st.lists(_row(), min_size=1, max_size=1).map(tuple),
)
_verdicts = st.sampled_from(["no-change", "neutral", "narrows", "broadens", "unresolved"])
_counts = st.dictionaries(texts | st.sampled_from(["Read", "Write"]), st.integers(0, 99), max_size=2)
_roles = st.builds(
    RoleReview,
    address=texts,
    name=texts,
    verdict=_verdicts,
    trust=st.builds(
        TrustChange,
        changed=st.booleans(),
        before=_policies,
        after=_policies,
        added=_several_texts,
        removed=_several_texts,
        key=texts,
    ),
    added=st.lists(_rows, max_size=2).map(tuple),
    removed=st.lists(_rows, max_size=1).map(tuple),
    used_as=st.sampled_from([(), ("execution",), ("execution", "task")]),
    needs_unknown=texts,
    actions_before=_counts,
    actions_after=_counts,
    is_known=st.booleans(),
    managed=st.lists(
        st.builds(
            ManagedPolicy,
            texts,
            texts,
            st.sampled_from(["aws", "customer"]),
            st.sampled_from(["gains", "loses", "edits", "keeps"]),
            st.none() | st.integers(0, 9),
        ),
        max_size=2,
    ).map(tuple),
)
_findings = st.builds(
    Finding,
    code=texts,
    severity=st.sampled_from(["error", "warning", "note"]),
    source=texts,
    message=texts,
    fix=texts,
    waived=st.none() | st.builds(Waiver, texts, texts, texts),
    file=texts,
    line=st.integers(-1, 9),
    touched=st.booleans(),
)
_drift_changes = st.builds(
    DriftChange,
    st.sampled_from(["+", "-", "±"]),
    texts,
    st.booleans(),
    st.sampled_from(["undone", "kept", "changed", "unknown"]),
)
_few_rows = st.lists(_row(), max_size=1).map(tuple)
_policies_alone = st.builds(
    PolicyReview,
    address=texts,
    name=texts,
    arn=texts,
    verdict=_verdicts,
    added=_few_rows,
    removed=_few_rows,
    attachments=st.none() | st.integers(0, 9),
    counts=st.booleans(),
    note=texts,
    key=texts,
    approved=st.booleans(),
)
_workloads = st.builds(
    WorkloadReview,
    address=texts,
    name=texts,
    attribute=texts,
    before=texts,
    after=texts,
    verdict=_verdicts,
    added=_few_rows,
    because=texts,
    key=texts,
)
_not_reviewed = st.builds(NotReviewed, texts, texts, _several_texts, texts, texts)
_counted = st.lists(st.tuples(texts, st.integers(0, 9)), max_size=2).map(tuple)
reports = st.builds(
    Report,
    verdict=_verdicts,
    blocked=st.booleans(),
    reasons=_several_texts,
    plan=st.builds(PlanFacts, texts, texts, texts, st.booleans(), st.booleans()),
    roles=st.lists(_roles, max_size=2).map(tuple),
    findings=st.lists(_findings, max_size=2).map(tuple),
    unresolved=st.lists(st.builds(Unresolved, texts, texts, texts), max_size=1).map(tuple),
    notes=_several_texts,
    data_date=texts,
    policies=st.lists(_policies_alone, max_size=1).map(tuple),
    workloads=st.lists(_workloads, max_size=1).map(tuple),
    not_reviewed=st.lists(_not_reviewed, max_size=2).map(tuple),
    settings=st.builds(SettingsUse, _counted, _counted, _counted),
    drift=st.lists(st.builds(Drift, texts, st.lists(_drift_changes, max_size=2).map(tuple)), max_size=1).map(tuple),
)
