"""ETags: who changes something says which version was looked at; a version that has passed is refused."""

from __future__ import annotations

import hashlib

from fastapi import Request

from chassis.refusal import Kind, Refusal


class MatchMissing(Refusal):
    kind = Kind.UNCONDITIONAL
    code = "if-match-missing"
    zh = "缺少 If-Match 请求头：请带上所依据版本的 ETag。"
    en = "The If-Match header is missing: send the ETag of the version you looked at."


class MatchStale(Refusal):
    kind = Kind.STALE
    code = "if-match-stale"
    zh = "内容已被他人更新，请重新查看后再提交。"
    en = "It has been changed meanwhile; look at it again before you submit."


def etag_of(*parts: str | int) -> str:
    """A strong entity tag of one version of one thing, named by id and version number (or a content hash)."""
    digest = hashlib.sha256("\n".join(map(str, parts)).encode()).hexdigest()
    return f'"{digest[:32]}"'


def require_match(request: Request, current: str, *, see: str | None = None) -> None:
    """Raise MatchMissing (428) without If-Match, MatchStale (412) unless it names the current version.

    `*` names no version and weak tags never match: whoever changes a case must have seen it as it is.
    """
    given = request.headers.get("if-match")
    if given is None:
        raise MatchMissing
    if current not in [tag.strip() for tag in given.split(",")]:
        raise MatchStale(see=see)
