package dev.megalodon.operator.metrics;

import io.fabric8.kubernetes.client.http.AsyncBody;
import io.fabric8.kubernetes.client.http.HttpRequest;
import io.fabric8.kubernetes.client.http.HttpResponse;
import io.fabric8.kubernetes.client.http.Interceptor;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.Meter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.nio.ByteBuffer;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Counts what the operator asks of the API server, every try by itself. */
public final class ApiRequests implements Interceptor {
  /** Names this among a client's interceptors. */
  public static final String NAME = "megalodon-api-requests";

  private static final String NO_ANSWER = "error";

  private final Meter.MeterProvider<Counter> counters;

  /** Counts into this registry. */
  public ApiRequests(MeterRegistry registry) {
    counters =
        Counter.builder("megalodon.api.requests")
            .description("Requests to the API server by verb, resource and status code")
            .withRegistry(registry);
  }

  @Override
  public void after(
      HttpRequest request,
      HttpResponse<?> response,
      AsyncBody.@Nullable Consumer<List<ByteBuffer>> consumer) {
    count(request, Integer.toString(response.code()));
  }

  @Override
  public void afterConnectionFailure(HttpRequest request, Throwable failure) {
    count(request, NO_ANSWER);
  }

  private void count(HttpRequest request, String code) {
    ApiRequest asked = ApiRequest.of(request.method(), request.uri());
    counters
        .withTags(Tags.of("verb", asked.verb(), "resource", asked.resource(), "code", code))
        .increment();
  }
}
