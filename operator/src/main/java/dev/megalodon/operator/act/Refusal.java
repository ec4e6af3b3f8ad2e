package dev.megalodon.operator.act;

import dev.megalodon.operator.observe.Blocker;
import dev.megalodon.operator.observe.Obstacle;
import dev.megalodon.operator.observe.Signs;
import io.fabric8.kubernetes.api.model.Status;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.net.HttpURLConnection;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Tells an API server that says no from one that says nothing. */
final class Refusal {
  private static final Set<Integer> WORTH_ASKING_AGAIN = Set.of(401, 408, 409, 429);

  /** Whoever was asked and says no comes first: it may use any words. */
  private static final Signs SIGNS =
      Signs.none()
          .then("failed calling webhook", Obstacle.ADMISSION_UNAVAILABLE)
          .then(
              "admission webhook .* denied|ValidatingAdmissionPolicy .* denied",
              Obstacle.ADMISSION_DENIED)
          .then("exceeded quota|failed quota", Obstacle.QUOTA_EXCEEDED)
          .then(
              "(maximum|minimum) \\S+ usage per|max limit to request ratio",
              Obstacle.LIMIT_RANGE_VIOLATED)
          .then("podsecurity", Obstacle.POD_SECURITY_VIOLATION)
          .then("looking up service account", Obstacle.SERVICE_ACCOUNT_MISSING)
          .then("no PriorityClass with name", Obstacle.PRIORITY_CLASS_MISSING)
          .then("RuntimeClass \".*\" not found", Obstacle.RUNTIME_CLASS_MISSING);

  private Refusal() {}

  /** The API server's words if it understood the request and will not do it. */
  static Optional<Blocker> of(KubernetesClientException failure) {
    String words =
        Optional.ofNullable(failure.getStatus())
            .map(Status::getMessage)
            .orElseGet(() -> String.valueOf(failure.getMessage()));
    Optional<Obstacle> known = SIGNS.in(words);
    return saysNo(failure.getCode()) || known.equals(Optional.of(Obstacle.ADMISSION_UNAVAILABLE))
        ? Optional.of(known.orElse(other(failure.getCode())).in(words))
        : Optional.empty();
  }

  /** The same of a failure that may be the cause of another: what may not be made at all. */
  static Optional<Blocker> in(Throwable failure) {
    return Stream.iterate(failure, Objects::nonNull, Throwable::getCause)
        .filter(KubernetesClientException.class::isInstance)
        .map(KubernetesClientException.class::cast)
        .filter(refused -> refused.getCode() == HttpURLConnection.HTTP_FORBIDDEN)
        .findFirst()
        .flatMap(Refusal::of);
  }

  private static boolean saysNo(int code) {
    return code >= 400 && code < 500 && !WORTH_ASKING_AGAIN.contains(code);
  }

  private static Obstacle other(int code) {
    return code == HttpURLConnection.HTTP_FORBIDDEN
        ? Obstacle.POD_FORBIDDEN
        : Obstacle.POD_REJECTED;
  }
}
