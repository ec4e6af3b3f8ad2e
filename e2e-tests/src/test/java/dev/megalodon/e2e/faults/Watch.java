package dev.megalodon.e2e.faults;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.contract.Progress;
import dev.megalodon.crds.contract.Recovery;
import dev.megalodon.crds.contract.WorkerPorts;
import io.fabric8.kubernetes.api.model.Pod;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.time.Duration;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Asks a job's workers at their addresses how they are, all the time: what they notice themselves,
 * whatever the operator and the API server do meanwhile.
 */
final class Watch implements AutoCloseable {
  private static final long PERIOD_MILLIS = 200;
  private static final long PODS_PERIOD_MILLIS = 500;
  private static final Duration PATIENCE = Duration.ofMillis(800);

  private static final JsonMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES).build();

  /**
   * An answer of a worker.
   *
   * @param at when it was asked
   * @param pod who answered
   * @param progress what
   */
  record Answer(Instant at, String pod, Progress progress) {}

  /**
   * A pod that was seen.
   *
   * @param at when first
   * @param pod the pod, as it was last seen
   */
  record Sighting(Instant at, Pod pod) {
    private Sighting newer(Pod newer) {
      return new Sighting(at, newer);
    }
  }

  private final Scene scene;
  private final HttpClient http;
  private final ScheduledExecutorService clock = Executors.newScheduledThreadPool(2);
  private final ExecutorService questions = Executors.newVirtualThreadPerTaskExecutor();
  private final Map<String, Sighting> pods = new ConcurrentHashMap<>();
  private final Set<String> asked = ConcurrentHashMap.newKeySet();
  private final List<Answer> answers = new CopyOnWriteArrayList<>();

  private Watch(Scene scene) {
    this.scene = scene;
    this.http = HttpClient.newBuilder().connectTimeout(PATIENCE).executor(questions).build();
  }

  /** Begins to ask. */
  static Watch over(Scene scene) {
    Watch watch = new Watch(scene);
    watch.lookForPods();
    watch.clock.scheduleWithFixedDelay(
        watch::tryToLookForPods, 0, PODS_PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    watch.clock.scheduleAtFixedRate(watch::askAll, 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    return watch;
  }

  /** Pods by name. */
  Map<String, Sighting> pods() {
    return Map.copyOf(pods);
  }

  /** When a pod first answered. */
  Optional<Instant> firstAnswer(String pod) {
    return answers.stream()
        .filter(answer -> answer.pod().equals(pod))
        .map(Answer::at)
        .min(Comparator.naturalOrder());
  }

  /**
   * When one of these pods first said, at or after a moment, that it no longer trains as it did:
   * its own clock where it tells, else when it was asked.
   */
  Optional<Instant> firstNotice(Set<String> of, Instant since) {
    return answers.stream()
        .filter(answer -> of.contains(answer.pod()) && !answer.at().isBefore(since))
        .flatMap(answer -> noticed(answer.progress(), answer.at()).stream())
        .filter(at -> !at.isBefore(since))
        .min(Comparator.naturalOrder());
  }

  private static Optional<Instant> noticed(Progress progress, Instant asked) {
    boolean waits =
        progress.phase() == Progress.Phase.RENDEZVOUS || progress.phase() == Progress.Phase.LOADING;
    return Optional.ofNullable(progress.recovery())
        .flatMap(recovery -> Optional.ofNullable(recovery.lostAt()))
        .map(Instant::parse)
        .or(() -> Optional.of(asked).filter(at -> waits || !progress.absent().isEmpty()));
  }

  /** The newest account of how training went on after a loss that somebody saw then. */
  Optional<Recovery> recovery(Instant since) {
    return answers.stream()
        .map(answer -> answer.progress().recovery())
        .flatMap(recovery -> Optional.ofNullable(recovery).stream())
        .filter(recovery -> Instant.parse(recovery.openedAt()).isAfter(since))
        .max(
            Comparator.comparing((Recovery recovery) -> recovery.firstStepAt() != null)
                .thenComparing(recovery -> recovery.lostAt() != null));
  }

  /** Whether some worker could not write a checkpoint. */
  boolean hasCheckpointFailure() {
    return answers.stream().anyMatch(answer -> answer.progress().checkpointFailure() != null);
  }

  private void tryToLookForPods() {
    try {
      lookForPods();
    } catch (RuntimeException e) {
      // The API server may be away; the pods that are known are asked all the same.
    }
  }

  private void lookForPods() {
    scene.workspace().pods(scene.job()).forEach(this::see);
  }

  private void see(String name, Pod pod) {
    pods.merge(name, new Sighting(Instant.now(), pod), (known, seen) -> known.newer(seen.pod()));
  }

  /** One question at a time to each: an unplugged pod would collect them. */
  private void askAll() {
    pods.forEach(
        (name, sighting) -> {
          String address = sighting.pod().getStatus().getPodIP();
          if (address != null && asked.add(name)) {
            questions.execute(() -> ask(name, address));
          }
        });
  }

  private void ask(String pod, String address) {
    Instant at = Instant.now();
    try {
      Progress progress = progressOf(address);
      if (progress != null) {
        answers.add(new Answer(at, pod, progress));
      }
    } catch (IOException e) {
      // It is not up yet, or gone: no answer.
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    } finally {
      asked.remove(pod);
    }
  }

  private @Nullable Progress progressOf(String address) throws IOException, InterruptedException {
    URI uri = URI.create("http://%s:%d/progress".formatted(address, WorkerPorts.HTTP));
    var request = HttpRequest.newBuilder(uri).timeout(PATIENCE).build();
    var response = http.send(request, BodyHandlers.ofString());
    return response.statusCode() == 200 ? JSON.readValue(response.body(), Progress.class) : null;
  }

  @Override
  public void close() {
    clock.shutdownNow();
    questions.shutdownNow();
    http.shutdownNow();
  }
}
