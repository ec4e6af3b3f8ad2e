package dev.megalodon.operator.act;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.operator.observe.Blocker;
import io.fabric8.kubernetes.api.model.StatusBuilder;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RefusalTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          403 | pods "a-0-1" is forbidden: exceeded quota: tight, requested: pods=1, used: pods=1, limited: pods=1 | QuotaExceeded
          403 | pods "a-0-1" is forbidden: failed quota: tight: must specify limits.cpu for: worker | QuotaExceeded
          403 | pods "a-0-1" is forbidden: maximum memory usage per Container is 128Mi, but limit is 1Gi | LimitRangeViolated
          403 | pods "a-0-1" is forbidden: cpu max limit to request ratio per Container is 2, but provided ratio is 4 | LimitRangeViolated
          403 | pods "a-0-1" is forbidden: violates PodSecurity "restricted:latest": host namespaces (hostNetwork=true) | PodSecurityViolation
          403 | pods "a-0-1" is forbidden: error looking up service account default/nobody: serviceaccount "nobody" not found | ServiceAccountMissing
          403 | pods "a-0-1" is forbidden: no PriorityClass with name urgent was found | PriorityClassMissing
          403 | pods "a-0-1" is forbidden: pod rejected: RuntimeClass "gvisor" not found | RuntimeClassMissing
          400 | admission webhook "images.example.org" denied the request: exceeded quota of patience | AdmissionDenied
          422 | pods "a-0-1" is forbidden: ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no | AdmissionDenied
          500 | Internal error occurred: failed calling webhook "images.example.org": connection refused | AdmissionUnavailable
          403 | pods is forbidden: User "operator" cannot create resource "pods" | PodForbidden
          422 | Pod "a-0-1" is invalid: spec.containers[0].volumeMounts[9].name: Not found: "x" | PodRejected
          """)
  void shouldKnowWhyTheApiServerRefuses(int code, String words, String reason) {
    Blocker why = Refusal.of(failure(code, words)).orElseThrow();
    assertEquals(reason, why.reason());
    assertTrue(why.message().startsWith(words + "; way out: "), why.message());
  }

  @ParameterizedTest
  @CsvSource({"409", "429", "401", "500", "503", "0"})
  void shouldTryAgainWhenTheApiServerSaysNothingForGood(int code) {
    assertEquals(Optional.empty(), Refusal.of(failure(code, "etcdserver: request timed out")));
  }

  @Test
  void shouldFindTheRefusalInsideAnotherFailure() {
    String words = "secrets \"a-key\" is forbidden: exceeded quota: tight";
    Throwable wrapped = new IllegalStateException("dependent failed", failure(403, words));
    assertEquals("QuotaExceeded", Refusal.in(wrapped).orElseThrow().reason());
    assertEquals(Optional.empty(), Refusal.in(failure(422, "invalid")));
    assertEquals(Optional.empty(), Refusal.in(new IllegalStateException("no answer")));
  }

  private static KubernetesClientException failure(int code, String words) {
    return new KubernetesClientException(
        words, code, new StatusBuilder().withCode(code).withMessage(words).build());
  }
}
