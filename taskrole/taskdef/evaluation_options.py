"""Options for evaluating an existing role, whose policies may be restricted in any way."""

from __future__ import annotations

from dataclasses import replace

from taskrole.taskdef.options import Options


def evaluation_options(options: Options) -> Options:
    """Return options with which the derived grants are exactly the calls of tasks.

    Secrets Manager and Parameter Store always pass the encryption context to KMS, whether the role requires it or not.
    A secret whose ARN may lack its suffix has one of two ARNs, unless the options say which.
    """
    suffix = options.ambiguous_secret_suffix or "both"
    return replace(options, kms_encryption_context=True, ambiguous_secret_suffix=suffix)
