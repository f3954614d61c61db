"""The JSON schemas of a part and of an account's audit, for validation before use."""

from __future__ import annotations

from taskrole.live.answers import ACCOUNT_CHECK, AnswerCheck, array, flag, members, number, text

_WORDS = array(text())
_REGION = text(r"[a-z0-9-]{1,32}", "a region")
_PARTITION = text(r"aws[a-z-]{0,16}", "a partition")
_KIND = text(r"execution|task", "execution or task")

_EXCESS = array(members({"action": text(), "allowed": _WORDS}))
_FINDINGS = array(
    members(
        {
            "code": text(),
            "severity": text(r"error|warning|note", "error, warning or note"),
            "source": text(),
            "message": text(),
        },
        {"file": text()},
    )
)
_TASK: dict[str, AnswerCheck] = {
    "name": text(),
    "arn": text(),
    "services": _WORDS,
    "starts": text(r"yes|no|unknown", "yes, no or unknown"),
}
_NEED: dict[str, AnswerCheck] = {
    "status": text(r"MISSING|unknown", "MISSING or unknown"),
    "actions": _WORDS,
    "resources": _WORDS,
    "sources": _WORDS,
}
_COMMON: dict[str, AnswerCheck] = {
    "clusters": _WORDS,
    "findings": _FINDINGS,
    "summary": members({"services": number}),
}


def _roles(more: dict[str, AnswerCheck]) -> AnswerCheck:
    required: dict[str, AnswerCheck] = {
        "arn": text(),
        "name": text(),
        "kinds": array(_KIND),
        "task_definitions": _WORDS,
        "services": _WORDS,
        **more,
    }
    replacement = members({"policy": text(), "allowed": number, "statements": _WORDS})
    return array(members(required, {"allowed": number, "is_complete": flag, "replacements": array(replacement)}))


PART_CHECK = members(
    {
        **_COMMON,
        "account": ACCOUNT_CHECK,
        "region": _REGION,
        "partition": _PARTITION,
        "roles": _roles({"excess": _EXCESS}),
        "task_definitions": array(members({**_TASK, "execution_role": text(), "task_role": text()})),
        "needs": array(members({**_NEED, "task_definition": text(), "kind": _KIND, "role": text(), "why": text()})),
    },
    {"name": text()},
)
AUDIT_CHECK = members(
    {
        **_COMMON,
        "roles": _roles({}),
        "context": members({"partition": _PARTITION, "region": _REGION, "account": ACCOUNT_CHECK}),
        "task_definitions": array(members(_TASK)),
        "check": members(
            {
                "tasks": array(
                    members(
                        {
                            "file": text(),
                            "roles": array(
                                members(
                                    {
                                        "kind": _KIND,
                                        "items": array(
                                            members(
                                                {**_NEED, "status": text(), "because": text()},
                                                {"why": text()},
                                            )
                                        ),
                                    },
                                    {"role": text()},
                                )
                            ),
                        }
                    )
                ),
                "excess": array(members({"role": text(), "actions": _EXCESS})),
                "findings": _FINDINGS,
            }
        ),
    }
)
