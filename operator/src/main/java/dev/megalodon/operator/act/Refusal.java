package dev.megalodon.operator.act;

import dev.megalodon.operator.observe.Blocker;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** Tells an API server that says no from one that says nothing. */
final class Refusal {
  private static final Set<Integer> WORTH_ASKING_AGAIN = Set.of(401, 408, 409, 429);

  private Refusal() {}

  /** The API server's words if it understood the request and will not do it. */
  static Optional<Blocker> of(KubernetesClientException failure) {
    int code = failure.getCode();
    if (code < 400 || code >= 500 || WORTH_ASKING_AGAIN.contains(code)) {
      return Optional.empty();
    }
    String message =
        Optional.ofNullable(failure.getStatus())
            .map(Status::getMessage)
            .orElseGet(() -> String.valueOf(failure.getMessage()));
    return Optional.of(new Blocker(reason(code, message), message));
  }

  private static String reason(int code, String message) {
    String text = message.toLowerCase(Locale.ROOT);
    if (text.contains("exceeded quota") || text.contains("failed quota")) {
      return "QuotaExceeded";
    }
    if (text.contains("podsecurity")) {
      return "PodSecurityViolation";
    }
    return code == 403 ? "PodForbidden" : "PodRejected";
  }
}
