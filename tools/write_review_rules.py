"""Write docs/review-rules.md from the rules, for `make docs`."""

from __future__ import annotations

from pathlib import Path

from taskrole.review.rules import FAMILIES, UNRESOLVED_RULE, ReviewRule

TARGET = Path(__file__).parent.parent / "docs" / "review-rules.md"

_INTRODUCTION = """\
# Rules of the review

The rules that `taskrole review` checks in a plan, in addition to the permissions that each role gains and loses. A
finding has the id of its rule, which never changes. **error** blocks by default (`--fail-on`). `taskrole.review.yaml`
sets another severity for a rule, or `off`, and waives single findings, with an owner, a reason and an expiry date:

```yaml
version: 1
severities:
  TR-TRUST-DEPUTY: off
waivers:
  - rule: TR-RESOURCE-ANY
    address: aws_iam_role_policy.worker*   # * and ? only; brackets are brackets
    action: sqs:*                          # optional, as is resource
    owner: team-payments
    reason: the queues are made by the application
    expires: "2027-01-31"
```

An expired or invalid waiver has no effect and is reported (TR-WAIVER).

Actions that support only `*`, such as `ecr:GetAuthorizationToken` and those of `ssmmessages`, are never reported for
it. AWS managed policies are evaluated by what they add to a role, not statement by statement.

`make docs` (`tools/write_review_rules.py`) generates this page from `taskrole/review/rules/`.
"""


def page() -> str:
    """Return the page as Markdown."""
    families = [(title, rules) for title, rules, _ in FAMILIES]
    return "\n".join(
        [_INTRODUCTION, *(_family(*family) for family in [*families, ("What is not known", (UNRESOLVED_RULE,))])]
    )


def _family(title: str, rules: tuple[ReviewRule, ...]) -> str:
    return "\n".join([f"## {title}", "", *map(_rule, rules)])


def _rule(rule: ReviewRule) -> str:
    return f"### {rule.id}\n\n**{rule.severity}**: {rule.title}. {rule.why}\n\nFix: {rule.fix}. [Why]({rule.doc})\n"
