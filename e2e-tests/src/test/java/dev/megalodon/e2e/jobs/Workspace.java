package dev.megalodon.e2e.jobs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import dev.megalodon.crds.v1alpha1.Condition;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.e2e.cluster.Await;
import dev.megalodon.e2e.cluster.EmbeddedCluster;
import io.fabric8.kubernetes.api.model.NamespaceBuilder;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.KubernetesClient;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** A namespace of a test's own, with a claim that has text and one for checkpoints. */
public final class Workspace implements AutoCloseable {
  public static final String DATA_CLAIM = "data";
  public static final String CHECKPOINT_CLAIM = "checkpoints";
  public static final Duration TRAINING = Duration.ofMinutes(5);

  private static final int WORKER_USER = 10001;
  private static final String JOB_LABEL = "training.megalodon.dev/job";

  private final EmbeddedCluster cluster;
  private final String namespace;
  private final Path folder;
  private final Path checkpoints;

  private Workspace(EmbeddedCluster cluster, String namespace, Path folder, Path checkpoints) {
    this.cluster = cluster;
    this.namespace = namespace;
    this.folder = folder;
    this.checkpoints = checkpoints;
  }

  /** Makes an empty one; the data volume has {@code text/}, half a megabyte of Java sources. */
  public static Workspace create(EmbeddedCluster cluster, String purpose) {
    String namespace = "e2e-%s-%x".formatted(purpose, System.nanoTime() & 0xFF_FFFF);
    Path folder = cluster.volumes().resolve("e2e").resolve(namespace);
    Workspace workspace =
        new Workspace(cluster, namespace, folder, folder.resolve(CHECKPOINT_CLAIM));
    workspace.writeText("text");
    workspace.makeCheckpointFolder();
    cluster
        .client()
        .resource(
            new NamespaceBuilder().withNewMetadata().withName(namespace).endMetadata().build())
        .create();
    for (String claim : List.of(DATA_CLAIM, CHECKPOINT_CLAIM)) {
      cluster.kubectlWithInput(workspace.volume(claim), "apply", "-f", "-").successful();
    }
    return workspace;
  }

  /** The namespace of the jobs. */
  public String namespace() {
    return namespace;
  }

  /** The same one, whose checkpoint volume this machine sees at another place. */
  public Workspace seeingCheckpointsAt(Path place) {
    return new Workspace(cluster, namespace, folder, place);
  }

  /** Writes the sample text once more, for a job that has one of its own; returns its folder. */
  public Path writeText(String path) {
    Path text = folder.resolve(DATA_CLAIM).resolve(path);
    SampleText.writeTo(text);
    return text;
  }

  /** The checkpoint volume as this machine sees it. */
  public Path checkpoints() {
    return checkpoints;
  }

  /** {@code kubectl} in the namespace. */
  public EmbeddedCluster.Answer kubectl(String... arguments) {
    return cluster.kubectl(inNamespace(arguments));
  }

  /** Applies a job's manifest. */
  public EmbeddedCluster.Answer apply(TinyJob job) {
    return applyText(job.manifest());
  }

  /** Applies any manifest. */
  public EmbeddedCluster.Answer applyText(String manifest) {
    return kubectlWithInput(manifest, "apply", "-f", "-");
  }

  /** {@code kubectl} in the namespace, with a text as its standard input. */
  public EmbeddedCluster.Answer kubectlWithInput(String input, String... arguments) {
    return cluster.kubectlWithInput(input, inNamespace(arguments));
  }

  /** Merges a piece of JSON into a job. */
  public EmbeddedCluster.Answer patch(String job, String json) {
    return kubectl("patch", "mtj", job, "--type=merge", "--patch=" + json);
  }

  /** All objects of a kind, as {@code kubectl get -o json} shows them. */
  public Stream<JsonNode> list(String kind) {
    try {
      JsonNode items =
          new JsonMapper().readTree(kubectl("get", kind, "-o", "json").successful()).path("items");
      return StreamSupport.stream(items.spliterator(), false);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A field of a job's condition, as kubectl shows it; empty if there is none. */
  public String show(String job, String type, String field) {
    String path = "jsonpath={.status.conditions[?(@.type==\"%s\")].%s}".formatted(type, field);
    return kubectl("get", "mtj", job, "-o", path).successful();
  }

  /** Names of all that is left of a job. */
  public List<String> remains(String job) {
    String kinds = "mtj,pods,services,configmaps,secrets,endpointslices";
    String own = kubectl("get", kinds, "-l", JOB_LABEL + "=" + job, "-o", "name").output();
    String itself = kubectl("get", "mtj", job, "-o", "name", "--ignore-not-found").output();
    return Stream.of(own, itself)
        .flatMap(String::lines)
        .map(String::strip)
        .filter(line -> line.contains("/"))
        .toList();
  }

  /** A job as the API server has it. */
  public MegalodonTrainingJob job(String name) {
    return Objects.requireNonNull(
        client().resources(MegalodonTrainingJob.class).inNamespace(namespace).withName(name).get(),
        () -> "no job " + name);
  }

  /** A condition of a job, if it is true. */
  public Optional<Condition> condition(String job, String type) {
    return Optional.ofNullable(job(job).getStatus())
        .map(MegalodonTrainingJobStatus::conditions)
        .stream()
        .flatMap(List::stream)
        .filter(condition -> condition.type().equals(type))
        .filter(condition -> condition.status() == Condition.Status.TRUE)
        .findFirst();
  }

  /** Waits until a job is complete; fails at once with its own words if it failed. */
  public MegalodonTrainingJob awaitComplete(String job) {
    Await.until(
        job + " to complete",
        TRAINING,
        () -> {
          condition(job, "Failed")
              .ifPresent(
                  failed -> {
                    throw new AssertionError(failed.reason() + ": " + failed.message());
                  });
          return condition(job, "Complete");
        });
    return job(job);
  }

  /** Deletes a job with its pods. */
  public void delete(String job) {
    kubectl("delete", "mtj", job, "--ignore-not-found", "--timeout=3m").successful();
  }

  /** Waits until a job failed. */
  public Condition awaitFailed(String job) {
    return Await.until(job + " to fail", TRAINING, () -> condition(job, "Failed"));
  }

  /** Waits until a job's log shows this step. */
  public void awaitStep(String job, long step) {
    Path folder = Await.until("the folder of " + job, TRAINING, () -> jobFolder(job));
    Await.until(
        "step %d of %s".formatted(step, job),
        TRAINING,
        () -> StepRecords.read(folder).newest() >= step);
  }

  /** The folder a job saves to, once it has one. */
  public Optional<Path> jobFolder(String job) {
    Path own = checkpoints().resolve(namespace);
    String prefix = job + "-" + job(job).getMetadata().getUid().substring(0, 8);
    return Optional.of(own.resolve(prefix)).filter(Files::isDirectory);
  }

  /** What a job logged so far; nothing before it has a folder. */
  public StepRecords steps(String job) {
    return jobFolder(job).map(StepRecords::read).orElseGet(StepRecords::none);
  }

  /** The folder of the newest checkpoint that a job's status names. */
  public Path newestCheckpoint(String job) {
    String uri = Objects.requireNonNull(job(job).getStatus().checkpoint()).uri();
    return checkpoints().resolve(Objects.requireNonNull(uri));
  }

  /** The bytes of the parameters after the last step. */
  public byte[] finalParameters(String job) {
    try {
      return Files.readAllBytes(newestCheckpoint(job).resolve("parameters.safetensors"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The job's pods by name. */
  public Map<String, Pod> pods(String job) {
    return client()
        .pods()
        .inNamespace(namespace)
        .withLabel(JOB_LABEL, job)
        .list()
        .getItems()
        .stream()
        .collect(Collectors.toMap(pod -> pod.getMetadata().getName(), pod -> pod));
  }

  /** The newest pod of a rank, which must be there. */
  public Pod pod(String job, int rank) {
    return findPod(job, rank).orElseThrow();
  }

  /** The newest pod of a rank; a rank that is being replaced may have none just now. */
  public Optional<Pod> findPod(String job, int rank) {
    return pods(job).values().stream()
        .filter(pod -> label(pod, "rank").equals(Integer.toString(rank)))
        .max(Comparator.comparingLong(pod -> Long.parseLong(label(pod, "incarnation"))));
  }

  private static String label(Pod pod, String name) {
    return pod.getMetadata().getLabels().getOrDefault("training.megalodon.dev/" + name, "");
  }

  private KubernetesClient client() {
    return cluster.client();
  }

  private String[] inNamespace(String... arguments) {
    String[] all = new String[arguments.length + 1];
    all[0] = "--namespace=" + namespace;
    System.arraycopy(arguments, 0, all, 1, arguments.length);
    return all;
  }

  private void makeCheckpointFolder() {
    try {
      Path made = Files.createDirectories(checkpoints());
      Files.setAttribute(made, "unix:uid", WORKER_USER);
      Files.setAttribute(made, "unix:gid", WORKER_USER);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private String volume(String claim) {
    return """
        apiVersion: v1
        kind: PersistentVolume
        metadata:
          name: %1$s-%2$s
        spec:
          capacity: {storage: 1Gi}
          accessModes: [ReadWriteMany]
          persistentVolumeReclaimPolicy: Retain
          storageClassName: ""
          hostPath: {path: "%3$s", type: Directory}
          claimRef: {namespace: %1$s, name: %2$s}
        ---
        apiVersion: v1
        kind: PersistentVolumeClaim
        metadata:
          name: %2$s
          namespace: %1$s
        spec:
          accessModes: [ReadWriteMany]
          resources: {requests: {storage: 1Gi}}
          storageClassName: ""
          volumeName: %1$s-%2$s
        """
        .formatted(namespace, claim, folder.resolve(claim));
  }

  /** Deletes the namespace with all that is in it. */
  @Override
  public void close() {
    client().namespaces().withName(namespace).delete();
    for (String claim : List.of(DATA_CLAIM, CHECKPOINT_CLAIM)) {
      client().persistentVolumes().withName(namespace + "-" + claim).delete();
    }
  }
}
