package dev.megalodon.operator.progress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.megalodon.crds.contract.Curve;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.WorkerPorts;
import dev.megalodon.operator.naming.JobId;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Asks a worker through the API server, for an operator outside the cluster. */
public final class ProxyProgressSource implements WorkerSource {
  private static final Logger LOG = Logger.getLogger(ProxyProgressSource.class);

  private final KubernetesClient client;
  private final ObjectMapper mapper;

  /** A source over a client whose request timeout is the longest wait. */
  public ProxyProgressSource(KubernetesClient client, ObjectMapper mapper) {
    this.client = client;
    this.mapper = mapper;
  }

  @Override
  public Optional<Progress> ask(JobId job, WorkerEndpoint worker) {
    return ask(job, worker, "/progress", Progress.class);
  }

  @Override
  public Optional<Curve> ask(JobId job, WorkerEndpoint worker, long since) {
    return ask(job, worker, "/curve?since=" + since, Curve.class);
  }

  private <T> Optional<T> ask(JobId job, WorkerEndpoint worker, String path, Class<T> type) {
    String proxied =
        "/api/v1/namespaces/%s/pods/%s:%d/proxy%s"
            .formatted(job.namespace(), worker.pod(), WorkerPorts.HTTP, path);
    try {
      String answer = client.raw(proxied);
      return answer == null ? Optional.empty() : Optional.of(mapper.readValue(answer, type));
    } catch (JsonProcessingException | KubernetesClientException noAnswer) {
      LOG.debugf("%s: no %s from pod %s: %s", job, path, worker.pod(), noAnswer.getMessage());
      return Optional.empty();
    }
  }
}
