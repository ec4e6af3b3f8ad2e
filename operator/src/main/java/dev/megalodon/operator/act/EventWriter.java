package dev.megalodon.operator.act;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.operator.naming.Labels;
import dev.megalodon.operator.plan.Notice;
import dev.megalodon.operator.status.Times;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.EventBuilder;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.util.concurrent.ThreadLocalRandom;
import org.jboss.logging.Logger;

/** Writes Kubernetes events about a job: what {@code kubectl describe} shows at its end. */
final class EventWriter {
  private static final Logger LOG = Logger.getLogger(EventWriter.class);

  /** The API server's limit is 1024 bytes; half of it in characters leaves room for any script. */
  private static final int MAX_MESSAGE = 512;

  private final KubernetesClient client;
  private final MegalodonTrainingJob job;

  EventWriter(KubernetesClient client, MegalodonTrainingJob job) {
    this.client = client;
    this.job = job;
  }

  /** Writes one; an event that cannot be written is logged and forgotten. */
  void write(Notice notice, Instant now) {
    try {
      client.v1().events().resource(event(notice, now)).create();
    } catch (KubernetesClientException failure) {
      LOG.warnf("event %s was not written: %s", notice.reason(), failure.getMessage());
    }
  }

  private Event event(Notice notice, Instant now) {
    String unique = Long.toHexString(ThreadLocalRandom.current().nextLong());
    String time = Times.seconds(now);
    return new EventBuilder()
        .withNewMetadata()
        .withName(job.getMetadata().getName() + "." + unique)
        .withNamespace(job.getMetadata().getNamespace())
        .endMetadata()
        .withNewInvolvedObject()
        .withApiVersion(job.getApiVersion())
        .withKind(job.getKind())
        .withName(job.getMetadata().getName())
        .withNamespace(job.getMetadata().getNamespace())
        .withUid(job.getMetadata().getUid())
        .endInvolvedObject()
        .withType(notice.warning() ? "Warning" : "Normal")
        .withReason(notice.reason())
        .withMessage(cut(notice.message()))
        .withFirstTimestamp(time)
        .withLastTimestamp(time)
        .withCount(1)
        .withNewSource()
        .withComponent(Labels.OPERATOR)
        .endSource()
        .withReportingComponent(Labels.OPERATOR)
        .build();
  }

  private static String cut(String message) {
    return message.length() <= MAX_MESSAGE ? message : message.substring(0, MAX_MESSAGE);
  }
}
