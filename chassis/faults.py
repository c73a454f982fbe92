"""Validation faults in words: pydantic's error types as our codes with Chinese and English texts."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

_CODE = re.compile(r"[a-z][a-z0-9_]{0,63}\Z", re.ASCII)
_SAFE_LIMIT = re.compile(r"[-+0-9.:TZ]{1,40}\Z", re.ASCII)


class Fault(ValueError):
    """Raised by a model's own validator to say precisely what is wrong: a code and its texts, never the value."""

    def __init__(self, code: str, zh: str, en: str) -> None:
        super().__init__(code)
        self.code = code
        self.zh = zh
        self.en = en


_TEXTS: Mapping[str, tuple[str, str, str]] = {
    "missing": ("required", "必填。", "Required."),
    "extra_forbidden": ("unknown_field", "未知字段。", "Unknown field."),
    "unexpected_keyword_argument": ("unknown_field", "未知字段。", "Unknown field."),
    "string_type": ("not_text", "应为文本。", "Must be text."),
    "string_too_short": ("too_short", "长度不得少于 {min_length}。", "At least {min_length} characters."),
    "string_too_long": ("too_long", "长度不得超过 {max_length}。", "At most {max_length} characters."),
    "string_pattern_mismatch": ("format", "格式不正确。", "Not in the required format."),
    "int_type": ("not_integer", "应为整数。", "Must be an integer."),
    "int_parsing": ("not_integer", "应为整数。", "Must be an integer."),
    "int_parsing_size": ("out_of_range", "数值超出范围。", "Out of range."),
    "int_from_float": ("not_integer", "应为整数。", "Must be an integer."),
    "float_type": ("not_number", "应为数值。", "Must be a number."),
    "finite_number": ("not_finite", "应为有限数值。", "Must be a finite number."),
    "bool_type": ("not_boolean", "应为 true 或 false。", "Must be true or false."),
    "bool_parsing": ("not_boolean", "应为 true 或 false。", "Must be true or false."),
    "greater_than": ("too_small", "应大于 {gt}。", "Must be greater than {gt}."),
    "greater_than_equal": ("too_small", "不得小于 {ge}。", "Must be at least {ge}."),
    "less_than": ("too_large", "应小于 {lt}。", "Must be less than {lt}."),
    "less_than_equal": ("too_large", "不得大于 {le}。", "Must be at most {le}."),
    "too_short": ("too_few", "至少 {min_length} 项。", "At least {min_length} items."),
    "too_long": ("too_many", "最多 {max_length} 项。", "At most {max_length} items."),
    "list_type": ("not_list", "应为数组。", "Must be an array."),
    "tuple_type": ("not_list", "应为数组。", "Must be an array."),
    "set_type": ("not_list", "应为数组。", "Must be an array."),
    "frozen_set_type": ("not_list", "应为数组。", "Must be an array."),
    "dict_type": ("not_object", "应为对象。", "Must be an object."),
    "model_type": ("not_object", "应为对象。", "Must be an object."),
    "dataclass_type": ("not_object", "应为对象。", "Must be an object."),
    "enum": ("not_in_list", "应为以下之一：{expected}。", "Must be one of: {expected}."),
    "literal_error": ("not_in_list", "应为以下之一：{expected}。", "Must be one of: {expected}."),
    "union_tag_invalid": ("not_in_list", "应为以下之一：{expected_tags}。", "Must be one of: {expected_tags}."),
    "union_tag_not_found": ("required", "缺少类别字段。", "The field that names the kind is required."),
    "date_type": ("not_date", "应为日期（YYYY-MM-DD）。", "Must be a date (YYYY-MM-DD)."),
    "date_parsing": ("not_date", "应为日期（YYYY-MM-DD）。", "Must be a date (YYYY-MM-DD)."),
    "date_from_datetime_parsing": ("not_date", "应为日期（YYYY-MM-DD）。", "Must be a date (YYYY-MM-DD)."),
    "date_from_datetime_inexact": ("not_date", "应为日期（YYYY-MM-DD）。", "Must be a date (YYYY-MM-DD)."),
    "datetime_type": ("not_instant", "应为带时区的时间。", "Must be an instant with its offset."),
    "datetime_parsing": ("not_instant", "应为带时区的时间。", "Must be an instant with its offset."),
    "datetime_from_date_parsing": ("not_instant", "应为带时区的时间。", "Must be an instant with its offset."),
    "timezone_aware": ("not_instant", "应为带时区的时间。", "Must be an instant with its offset."),
}
_OTHERWISE = ("invalid", "内容不正确。", "Not acceptable.")


def fault_of(error: Mapping[str, Any]) -> tuple[str, str, str]:
    """Code, Chinese and English text of one pydantic error; of its context only limits and the model's own words."""
    context: Mapping[str, Any] = error.get("ctx") or {}
    raised = context.get("error")
    if isinstance(raised, Fault):
        return raised.code, raised.zh, raised.en
    if error["type"] in ("value_error", "assertion_error"):
        code = str(raised)
        return (code if _CODE.match(code) else _OTHERWISE[0], *_OTHERWISE[1:])
    code, zh, en = _TEXTS.get(error["type"], _OTHERWISE)
    try:
        limits = {name: _limit(name, value) for name, value in context.items()}
        return code, zh.format_map(limits), en.format_map(limits)
    except KeyError:
        return code, *_OTHERWISE[1:]


def _limit(name: str, value: object) -> str:
    """A bound as text: numbers, instants, and the model's list of allowed words; anything else is left out."""
    if name in ("expected", "expected_tags"):
        return str(value).replace(" or ", ", ")
    text = str(value)
    return text if _SAFE_LIMIT.match(text) else "?"
