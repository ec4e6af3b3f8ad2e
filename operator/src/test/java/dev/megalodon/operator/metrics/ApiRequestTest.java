package dev.megalodon.operator.metrics;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.net.URI;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ApiRequestTest {
  private static final String JOBS = "/apis/training.megalodon.dev/v1alpha1";

  @ParameterizedTest
  @CsvSource({
    "GET, /api/v1/namespaces/a/pods/p, get, pods",
    "GET, /api/v1/namespaces/a/pods?labelSelector=x, list, pods",
    "GET, /api/v1/pods?resourceVersion=0&watch=true, watch, pods",
    "GET, /api/v1/pods?watch=1, watch, pods",
    "POST, /api/v1/namespaces/a/pods, create, pods",
    "PUT, /api/v1/namespaces/a/pods/p/status, update, pods/status",
    "GET, /api/v1/namespaces/a/pods/p:8080/proxy/progress, get, pods/proxy",
    "DELETE, /api/v1/namespaces/a/pods/p, delete, pods",
    "DELETE, /api/v1/namespaces/a/events, deletecollection, events",
    "GET, /api/v1/namespaces, list, namespaces",
    "GET, /api/v1/namespaces/a, get, namespaces",
    "PATCH, JOBS/namespaces/a/megalodontrainingjobs/j/status?fieldManager=m, patch,"
        + " megalodontrainingjobs/status",
    "GET, JOBS/megalodontrainingjobs, list, megalodontrainingjobs",
    "PUT, /apis/coordination.k8s.io/v1/namespaces/a/leases/l, update, leases",
    "GET, /k8s/clusters/c/api/v1/namespaces/a/secrets/s, get, secrets",
    "GET, /version, get, none",
    "GET, /api, get, none",
    "GET, /api/v1, get, none",
    "GET, /apis/coordination.k8s.io/v1, get, none",
    "GET, /, get, none"
  })
  void shouldSayWhatTheApiServerWouldSay(String method, String path, String verb, String resource) {
    URI uri = URI.create("wss://10.0.0.1:6443" + path.replace("JOBS", JOBS));
    assertEquals(new ApiRequest(verb, resource), ApiRequest.of(method, uri));
  }
}
