package dev.megalodon.operator.dashboard;

import dev.megalodon.operator.config.OperatorConfig;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Map;
import java.util.Set;

/**
 * Lets nobody see the page but who may forward a port to the operator's pod: such connections come
 * from the pod's own loopback. So Kubernetes decides ({@code pods/portforward}), and no other pod
 * reaches it. Metrics and health are under {@code /q} and not behind this.
 */
@ApplicationScoped
class Gate {
  private static final int BEFORE_EVERYTHING = 1_000;
  private static final String OTHERS = "/q/";

  /** A page of another site whose name was made to resolve to this machine has that name here. */
  private static final Set<String> OWN_NAMES = Set.of("localhost", "127.0.0.1", "[::1]", "::1");

  private static final Map<String, String> HEADERS =
      Map.of(
          "Content-Security-Policy",
          "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none';"
              + " require-trusted-types-for 'script'",
          "X-Content-Type-Options",
          "nosniff",
          "X-Frame-Options",
          "DENY",
          "Referrer-Policy",
          "no-referrer",
          "Cross-Origin-Resource-Policy",
          "same-origin",
          "Cross-Origin-Opener-Policy",
          "same-origin",
          "Cache-Control",
          "no-store");

  private final boolean enabled;

  Gate(OperatorConfig config) {
    this.enabled = config.dashboard().enabled();
  }

  void stand(@Observes Filters filters) {
    filters.register(this::admit, BEFORE_EVERYTHING);
  }

  private void admit(RoutingContext exchange) {
    HttpServerRequest request = exchange.request();
    if (request.path().startsWith(OTHERS)) {
      exchange.next();
    } else if (!enabled) {
      refuse(exchange, 404, "the dashboard is off: set dashboard.enabled in the chart's values");
    } else if (!isLoopback(request.remoteAddress().hostAddress()) || !isOwnName(request)) {
      refuse(exchange, 403, "the dashboard is for kubectl port-forward only");
    } else if (request.method() != HttpMethod.GET && request.method() != HttpMethod.HEAD) {
      refuse(exchange, 405, "the dashboard is read-only");
    } else {
      HttpServerResponse response = exchange.response();
      exchange.addHeadersEndHandler(sent -> HEADERS.forEach(response.headers()::set));
      exchange.next();
    }
  }

  private static boolean isLoopback(String address) {
    try {
      return InetAddress.getByName(address).isLoopbackAddress();
    } catch (UnknownHostException e) {
      return false;
    }
  }

  private static boolean isOwnName(HttpServerRequest request) {
    return request.authority() != null && OWN_NAMES.contains(request.authority().host());
  }

  private static void refuse(RoutingContext exchange, int status, String sentence) {
    exchange
        .response()
        .setStatusCode(status)
        .putHeader("Content-Type", "text/plain; charset=utf-8")
        .end(sentence + "\n");
  }
}
