package dev.megalodon.operator.metrics;

import dev.megalodon.operator.naming.JobId;
import io.opentelemetry.api.trace.Span;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.context.Scope;
import java.util.function.Supplier;

/** A span around each reconcile; nothing where traces are off. */
public final class ReconcileSpans {
  private final Tracer tracer;

  /** Spans of this tracer. */
  public ReconcileSpans(Tracer tracer) {
    this.tracer = tracer;
  }

  /** Does the work within a span of the job. */
  public <T> T within(JobId job, Supplier<T> work) {
    Span span =
        tracer
            .spanBuilder("reconcile")
            .setAttribute("k8s.namespace.name", job.namespace())
            .setAttribute("megalodon.job.name", job.name())
            .setAttribute("megalodon.job.uid", job.uid())
            .startSpan();
    try (Scope current = span.makeCurrent()) {
      return work.get();
    } catch (RuntimeException failure) {
      span.recordException(failure);
      span.setStatus(StatusCode.ERROR);
      throw failure;
    } finally {
      span.end();
    }
  }
}
