package dev.megalodon.operator.controller;

import dev.megalodon.operator.observe.PodEvent;
import dev.megalodon.operator.observe.PodEvents;
import io.fabric8.kubernetes.api.model.Event;
import io.fabric8.kubernetes.api.model.ListOptionsBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import io.fabric8.kubernetes.client.KubernetesClientException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.Comparator;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;
import org.jboss.logging.Logger;

/** Reads the events of one pod. An operator without the right to do so knows less, no more. */
final class PodEventReader implements PodEvents {
  private static final Logger LOG = Logger.getLogger(PodEventReader.class);

  /** The cluster counts repetitions instead of writing more events: a pod has a few. */
  private static final long MOST = 50;

  private static final Comparator<Event> OLDEST_FIRST =
      Comparator.comparing(PodEventReader::time).thenComparing(PodEventReader::isWarning);

  private final KubernetesClient client;

  PodEventReader(KubernetesClient client) {
    this.client = client;
  }

  @Override
  public Optional<PodEvent> newest(Pod pod) {
    try {
      return client
          .v1()
          .events()
          .inNamespace(pod.getMetadata().getNamespace())
          .withField("involvedObject.uid", pod.getMetadata().getUid())
          .list(new ListOptionsBuilder().withLimit(MOST).build())
          .getItems()
          .stream()
          .max(OLDEST_FIRST)
          .map(PodEventReader::event);
    } catch (KubernetesClientException failure) {
      LOG.debugf("events of pod %s: %s", pod.getMetadata().getName(), failure.getMessage());
      return Optional.empty();
    }
  }

  private static PodEvent event(Event event) {
    return new PodEvent(
        isWarning(event),
        Objects.requireNonNullElse(event.getReason(), "Unknown"),
        Objects.requireNonNullElse(event.getMessage(), ""));
  }

  private static boolean isWarning(Event event) {
    return "Warning".equals(event.getType());
  }

  /** Old and new kinds of events have their times in different places. */
  private static Instant time(Event event) {
    return Stream.of(
            Optional.ofNullable(event.getLastTimestamp()),
            Optional.ofNullable(event.getSeries())
                .map(series -> series.getLastObservedTime())
                .map(time -> time.getTime()),
            Optional.ofNullable(event.getEventTime()).map(time -> time.getTime()),
            Optional.ofNullable(event.getFirstTimestamp()))
        .flatMap(Optional::stream)
        .findFirst()
        .map(time -> OffsetDateTime.parse(time).toInstant())
        .orElse(Instant.EPOCH);
  }
}
