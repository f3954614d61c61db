"""The options under which a role is judged: what tasks ask of it, whether or not the role is made to allow no more."""

from __future__ import annotations

from dataclasses import replace

from taskrole.taskdef.options import Options


def judged_options(options: Options) -> Options:
    """Return options under which the grants of a derivation are exactly what is asked of a role.

    Secrets Manager and Parameter Store name the secret or parameter to KMS, whether the role demands it or not. A
    secret whose ARN may lack its suffix is stored under one of two ARNs, unless the options say which.
    """
    suffix = options.ambiguous_secret_suffix or "both"
    return replace(options, kms_encryption_context=True, ambiguous_secret_suffix=suffix)
