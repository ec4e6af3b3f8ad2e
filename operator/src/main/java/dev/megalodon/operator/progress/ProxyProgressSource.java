package dev.megalodon.operator.progress;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.WorkerPorts;
import dev.megalodon.operator.naming.JobId;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.util.Optional;
import org.jboss.logging.Logger;

/** Asks a worker through the API server, for an operator outside the cluster. */
public final class ProxyProgressSource implements ProgressSource {
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
    String path =
        "/api/v1/namespaces/%s/pods/%s:%d/proxy/progress"
            .formatted(job.namespace(), worker.pod(), WorkerPorts.HTTP);
    try {
      String answer = client.raw(path);
      return answer == null
          ? Optional.empty()
          : Optional.of(mapper.readValue(answer, Progress.class));
    } catch (JsonProcessingException | KubernetesClientException noAnswer) {
      LOG.debugf("%s: no progress from pod %s: %s", job, worker.pod(), noAnswer.getMessage());
      return Optional.empty();
    }
  }
}
