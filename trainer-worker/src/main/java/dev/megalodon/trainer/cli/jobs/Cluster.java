package dev.megalodon.trainer.cli.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.crds.contract.WorkerPorts;
import dev.megalodon.trainer.exit.WorkerExit;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;

/** Jobs and their pods in a cluster. */
record Cluster(Kubectl kubectl) {
  /** The kind as kubectl knows it, whatever else is called mtj. */
  static final String KIND = "megalodontrainingjobs.training.megalodon.dev";

  private static final JsonMapper JSON =
      JsonMapper.builder()
          // The operator may be newer than this program.
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .enable(DeserializationFeature.READ_UNKNOWN_ENUM_VALUES_AS_NULL)
          .build();

  /** A job by its name. */
  Job job(String name) {
    return read(document(name), Job.class);
  }

  /** A job as JSON, with all that the API server has of it. */
  ObjectNode document(String name) {
    JsonNode json = json(kubectl.answer(List.of("get", KIND, name, "--output=json")));
    return json instanceof ObjectNode object ? object : JSON.createObjectNode();
  }

  /** All jobs of the namespace, or of all. */
  List<Job> jobs(boolean everywhere) {
    List<String> arguments = new ArrayList<>(List.of("get", KIND, "--output=json"));
    if (everywhere) {
      arguments.add("--all-namespaces");
    }
    return stream(json(kubectl.answer(arguments)).path("items"))
        .map(job -> read(job, Job.class))
        .toList();
  }

  /**
   * Changes the spec.
   *
   * @param spec JSON of the fields to change
   */
  void patchSpec(String name, String spec) {
    String patch = "{\"spec\":%s}".formatted(spec);
    String ignored =
        kubectl.answer(List.of("patch", KIND, name, "--type=merge", "--patch=" + patch));
  }

  /** Changes the number of workers. */
  void scale(String name, int workers) {
    String ignored = kubectl.answer(List.of("scale", KIND + "/" + name, "--replicas=" + workers));
  }

  /** Creates an object from its JSON or YAML. */
  String create(String manifest) {
    return kubectl.answerTo(manifest, List.of("create", "--filename=-"));
  }

  /** The worker pods of a job that are there. */
  List<WorkerPod> pods(String job) {
    String selector = "--selector=training.megalodon.dev/job=" + job;
    JsonNode pods = json(kubectl.answer(List.of("get", "pods", selector, "--output=json")));
    return stream(pods.path("items")).map(WorkerPod::of).toList();
  }

  /** What a pod answers to GET. */
  <T> T ask(Job job, String pod, String path, Class<T> type) {
    return read(json(kubectl.answer(List.of("get", "--raw=" + proxy(job, pod, path)))), type);
  }

  /** What a pod answers to POST. */
  JsonNode post(Job job, String pod, String path) {
    String raw = "--raw=" + proxy(job, pod, path);
    return json(kubectl.answerTo("{}", List.of("create", raw, "--filename=-")));
  }

  private static String proxy(Job job, String pod, String path) {
    return "/api/v1/namespaces/%s/pods/%s:%d/proxy%s"
        .formatted(job.metadata().namespace(), pod, WorkerPorts.HTTP, path);
  }

  private static <T> T read(JsonNode document, Class<T> type) {
    try {
      return JSON.treeToValue(document, type);
    } catch (JsonProcessingException e) {
      throw unreadable(e);
    }
  }

  private static JsonNode json(String text) {
    try {
      return JSON.readTree(text);
    } catch (JsonProcessingException e) {
      throw unreadable(e);
    }
  }

  private static WorkerExit unreadable(JsonProcessingException e) {
    return new WorkerExit(
        ExitCode.UNEXPECTED,
        "kubectl's answer is not what this version understands: " + e.getOriginalMessage(),
        e);
  }

  private static Stream<JsonNode> stream(JsonNode list) {
    return StreamSupport.stream(list.spliterator(), false);
  }
}
