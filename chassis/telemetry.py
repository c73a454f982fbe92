"""Traces across HTTP, outbox and Kafka, and metrics on /metrics. Names of business metrics belong to contracts."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Protocol

import orjson
from opentelemetry import context as contexts
from opentelemetry import trace
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import ReadableSpan, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor, SpanExporter, SpanExportResult
from opentelemetry.sdk.trace.sampling import ParentBased, TraceIdRatioBased
from opentelemetry.trace import Link, NonRecordingSpan, Span, SpanContext, SpanKind, TraceFlags
from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

REGISTRY = CollectorRegistry()
_TRACER = trace.get_tracer("hedui")
_TRACEPARENT = re.compile(r"00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})", re.ASCII)
"""W3C, version 00."""


class SpanFile(SpanExporter):
    """Appends finished spans as JSON lines: the exporter of a one-machine platform."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        self._file = path.open("ab", buffering=0)

    def export(self, spans: Sequence[ReadableSpan]) -> SpanExportResult:
        self._file.write(b"".join(orjson.dumps(_line(span)) + b"\n" for span in spans))
        return SpanExportResult.SUCCESS

    def shutdown(self) -> None:
        self._file.close()


def _line(span: ReadableSpan) -> dict[str, Any]:
    context = span.get_span_context()
    if context is None:
        return {}
    return {
        "trace_id": f"{context.trace_id:032x}",
        "span_id": f"{context.span_id:016x}",
        "parent_id": f"{span.parent.span_id:016x}" if span.parent else None,
        "service": span.resource.attributes.get("service.name"),
        "name": span.name,
        "kind": span.kind.name.lower(),
        "start_ns": span.start_time,
        "end_ns": span.end_time,
        "attributes": dict(span.attributes or {}),
        "links": [f"{link.context.trace_id:032x}" for link in span.links],
        "error": span.status.description if not span.status.is_ok else None,
    }


def start_tracing(service: str, file: Path | None, sample: float) -> TracerProvider | None:
    """Export to `file` the given share of new traces; traces begun elsewhere keep the choice made there."""
    if file is None:
        return None
    provider = TracerProvider(
        resource=Resource({"service.name": service}),
        sampler=ParentBased(TraceIdRatioBased(sample)),
        shutdown_on_exit=False,
    )
    provider.add_span_processor(BatchSpanProcessor(SpanFile(file), schedule_delay_millis=500))
    trace.set_tracer_provider(provider)
    return provider


def current_trace() -> str:
    """The traceparent of what is going on now; empty outside any span."""
    context = trace.get_current_span().get_span_context()
    return traceparent(context) if context.is_valid else ""


def traceparent(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"


def remote(parent: str) -> SpanContext | None:
    """The context a traceparent names; None when it is absent or not one."""
    found = _TRACEPARENT.fullmatch(parent)
    if found is None:
        return None
    trace_id, span_id, flags = (int(part, 16) for part in found.groups())
    context = SpanContext(trace_id, span_id, is_remote=True, trace_flags=TraceFlags(flags))
    return context if context.is_valid else None


def is_sampled(parent: str) -> bool:
    """Whether the trace is recorded: the lowest bit of its flags, whatever the others say."""
    found = _TRACEPARENT.fullmatch(parent)
    return found is not None and bool(int(found[3], 16) & TraceFlags.SAMPLED)


def child_trace(name: str, parent: str) -> str:
    """Mark an instant in the trace `parent` names; the traceparent to carry on. Free when it is not sampled."""
    if not is_sampled(parent):
        return parent
    with span(name, parent=parent, kind=SpanKind.PRODUCER) as marked:
        return traceparent(marked.get_span_context())


@contextmanager
def span(
    name: str,
    *,
    parent: str | None = None,
    kind: SpanKind = SpanKind.INTERNAL,
    links: Sequence[str] = (),
    attributes: dict[str, str | int] | None = None,
) -> Iterator[Span]:
    """A span under `parent` (or under what is going on now), linked to other traces, made current while it lasts."""
    context = None
    if parent is not None:
        remote_context = remote(parent)
        context = trace.set_span_in_context(NonRecordingSpan(remote_context)) if remote_context else contexts.Context()
    linked = [Link(context_) for link in links if (context_ := remote(link)) is not None]
    with _TRACER.start_as_current_span(
        name,
        context=context,
        kind=kind,
        links=linked,
        attributes=attributes,
        record_exception=False,
        set_status_on_exception=False,
    ) as started:
        yield started


class BatchSpans:
    """One span per sampled event of a batch, each in its own trace, all as long as the batch.

    `name` is the name of all, or one for each.
    """

    def __init__(self, name: str | Sequence[str], parents: Sequence[tuple[str, str]]) -> None:
        self.traces: dict[str, str] = {}
        self._spans: list[Span] = []
        started = time.time_ns()
        names = [name] * len(parents) if isinstance(name, str) else name
        for called, (key, parent) in zip(names, parents, strict=True):
            context = remote(parent) if is_sampled(parent) else None
            if context is None:
                self.traces[key] = parent
                continue
            opened = _TRACER.start_span(
                called,
                context=trace.set_span_in_context(NonRecordingSpan(context)),
                kind=SpanKind.CONSUMER,
                start_time=started,
            )
            self.traces[key] = traceparent(opened.get_span_context())
            self._spans.append(opened)

    def end(self) -> None:
        for opened in self._spans:
            opened.end()


class Metric(Protocol):
    """A metric as contracts (or the chassis) name it."""

    @property
    def name(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def meaning(self) -> str: ...
    @property
    def labels(self) -> tuple[str, ...]: ...


_MADE: dict[str, Callable[..., Counter | Gauge | Histogram]] = {
    "counter": Counter,
    "gauge": Gauge,
    "histogram": Histogram,
}
_METRICS: dict[str, Counter | Gauge | Histogram] = {}


def _instrument(metric: Metric) -> Counter | Gauge | Histogram:
    known = _METRICS.get(metric.name)
    if known is None:
        known = _METRICS[metric.name] = _MADE[metric.kind](
            metric.name, metric.meaning, metric.labels, registry=REGISTRY
        )
    return known


def count(metric: Metric, amount: float = 1, **labels: str) -> None:
    """Add to a counter."""
    instrument = _instrument(metric)
    assert isinstance(instrument, Counter)
    (instrument.labels(**labels) if labels else instrument).inc(amount)


def observe(metric: Metric, value: float, **labels: str) -> None:
    """Note a value in a histogram."""
    instrument = _instrument(metric)
    assert isinstance(instrument, Histogram)
    (instrument.labels(**labels) if labels else instrument).observe(value)


def measure(metric: Metric, value: float, **labels: str) -> None:
    """Set a gauge."""
    instrument = _instrument(metric)
    assert isinstance(instrument, Gauge)
    (instrument.labels(**labels) if labels else instrument).set(value)
