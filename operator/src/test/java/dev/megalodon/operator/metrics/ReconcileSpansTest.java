package dev.megalodon.operator.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.megalodon.operator.naming.JobId;
import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SimpleSpanProcessor;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import org.junit.jupiter.api.Test;

class ReconcileSpansTest {
  private static final JobId JOB = new JobId("default", "story", "uid");

  private final List<SpanData> exported = new ArrayList<>();
  private final ReconcileSpans spans =
      new ReconcileSpans(
          SdkTracerProvider.builder()
              .addSpanProcessor(SimpleSpanProcessor.create(new Kept()))
              .build()
              .get("test"));

  /** Keeps what is exported. */
  private final class Kept implements SpanExporter {
    @Override
    public CompletableResultCode export(Collection<SpanData> more) {
      exported.addAll(more);
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode flush() {
      return CompletableResultCode.ofSuccess();
    }

    @Override
    public CompletableResultCode shutdown() {
      return CompletableResultCode.ofSuccess();
    }
  }

  @Test
  void shouldNameTheJob() {
    assertEquals("done", spans.within(JOB, () -> "done"));
    SpanData span = exported.getFirst();
    assertEquals("reconcile", span.getName());
    assertEquals("story", span.getAttributes().get(AttributeKey.stringKey("megalodon.job.name")));
    assertEquals(StatusCode.UNSET, span.getStatus().getStatusCode());
  }

  @Test
  void shouldShowFailures() {
    IllegalStateException failure = new IllegalStateException("no");
    assertEquals(
        failure,
        assertThrows(
            IllegalStateException.class,
            () ->
                spans.within(
                    JOB,
                    () -> {
                      throw failure;
                    })));
    assertEquals(StatusCode.ERROR, exported.getFirst().getStatus().getStatusCode());
  }
}
