package dev.megalodon.operator.dashboard;

import dev.megalodon.crds.v1alpha1.JobPhase;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.progress.WorkerEndpoint;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/**
 * Finds the pod of a job's rank 0. A pod keeps its address and its name is never used twice, so the
 * API server is asked once for each.
 */
@ApplicationScoped
class RankZero {
  private static final Logger LOG = Logger.getLogger(RankZero.class);

  private final KubernetesClient client;
  private final Map<String, WorkerEndpoint> found =
      Collections.synchronizedMap(new Recent(2 * Curves.MOST_JOBS));

  RankZero(KubernetesClient client) {
    this.client = client;
  }

  private static final class Recent extends LinkedHashMap<String, WorkerEndpoint> {
    private static final long serialVersionUID = 1L;
    private final int most;

    Recent(int most) {
      this.most = most;
    }

    @Override
    protected boolean removeEldestEntry(Map.Entry<String, WorkerEndpoint> eldest) {
      return size() > most;
    }
  }

  /** Whether a job has workers that could answer. */
  static boolean runs(MegalodonTrainingJob job) {
    MegalodonTrainingJobStatus status = job.getStatus();
    return status != null
        && status.phase() != null
        && !status.phase().isFinal()
        && status.phase() != JobPhase.SUSPENDED;
  }

  /** Empty while there is none with an address. */
  Optional<WorkerEndpoint> of(MegalodonTrainingJob job) {
    return ranks(job)
        .filter(rank -> rank.rank() == 0)
        .map(RankStatus::pod)
        .filter(Objects::nonNull)
        .findFirst()
        .flatMap(pod -> endpoint(JobId.of(job), pod));
  }

  private static Stream<RankStatus> ranks(MegalodonTrainingJob job) {
    List<RankStatus> ranks = job.getStatus() == null ? null : job.getStatus().ranks();
    return ranks == null ? Stream.empty() : ranks.stream();
  }

  private Optional<WorkerEndpoint> endpoint(JobId job, String pod) {
    String key = job.namespace() + "/" + pod;
    WorkerEndpoint known = found.get(key);
    Optional<WorkerEndpoint> endpoint =
        known != null
            ? Optional.of(known)
            : address(job, pod).map(address -> new WorkerEndpoint(0, pod, address));
    endpoint.ifPresent(worker -> found.put(key, worker));
    return endpoint;
  }

  private Optional<String> address(JobId job, String pod) {
    try {
      return Optional.ofNullable(client.pods().inNamespace(job.namespace()).withName(pod).get())
          .flatMap(found -> Optional.ofNullable(found.getStatus()))
          .flatMap(status -> Optional.ofNullable(status.getPodIP()));
    } catch (KubernetesClientException away) {
      LOG.debugf("%s: pod %s cannot be read: %s", job, pod, away.getMessage());
      return Optional.empty();
    }
  }
}
