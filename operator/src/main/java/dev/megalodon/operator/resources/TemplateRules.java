package dev.megalodon.operator.resources;

import dev.megalodon.operator.naming.KueueNames;
import dev.megalodon.operator.naming.Labels;
import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** What {@code spec.worker.template} may not say, because it makes the pod this job's worker. */
public final class TemplateRules {
  private static final String PATH = "spec.worker.template";
  private static final Set<String> METADATA = Set.of("labels", "annotations");
  private static final Set<String> OWN_POD_FIELDS =
      Set.of(
          "hostname",
          "subdomain",
          "restartPolicy",
          "terminationGracePeriodSeconds",
          "priorityClassName",
          "schedulerName",
          "nodeName");
  private static final Set<String> OWN_CONTAINER_FIELDS =
      Set.of("image", "imagePullPolicy", "resources", "command", "args", "terminationMessagePath");
  private static final Set<String> OWN_VOLUMES =
      Set.of("job", "secret", "checkpoints", "shared-memory", "tmp");

  /** Set by {@code spec.scheduling.queueName} alone: half of them make pods that never start. */
  private static final Set<String> QUEUE_FIELDS =
      Set.of(KueueNames.QUEUE, KueueNames.GROUP, KueueNames.GROUP_SIZE, KueueNames.RETRIABLE);

  private static final String OWN_ENVIRONMENT = "MEGALODON_";

  private TemplateRules() {}

  /** Everything that is wrong with a template; empty if nothing is. */
  public static List<String> violations(Map<String, Object> template) {
    List<String> found = new ArrayList<>();
    refuseAllBut(Set.of("metadata", "spec"), template, PATH, found);
    Map<?, ?> metadata = map(template.get("metadata"));
    refuseAllBut(METADATA, metadata, PATH + ".metadata", found);
    refuseOwnLabels(map(metadata.get("labels")), found);
    refuse(QUEUE_FIELDS, map(metadata.get("annotations")), PATH + ".metadata.annotations", found);
    checkSpec(map(template.get("spec")), found);
    if (found.isEmpty()) {
      checkShape(template, found);
    }
    return List.copyOf(found);
  }

  private static void checkSpec(Map<?, ?> spec, List<String> found) {
    refuse(OWN_POD_FIELDS, spec, PATH + ".spec", found);
    for (Object volume : list(spec.get("volumes"))) {
      if (OWN_VOLUMES.contains(String.valueOf(map(volume).get("name")))) {
        found.add(
            PATH + ".spec.volumes: the name " + map(volume).get("name") + " is the operator's own");
      }
    }
    for (Object container : list(spec.get("containers"))) {
      Map<?, ?> fields = map(container);
      if (Labels.WORKER_CONTAINER.equals(fields.get("name"))) {
        checkWorker(fields, found);
      }
    }
  }

  private static void checkWorker(Map<?, ?> worker, List<String> found) {
    String path = PATH + ".spec.containers[worker]";
    refuse(OWN_CONTAINER_FIELDS, worker, path, found);
    for (Object variable : list(worker.get("env"))) {
      String name = String.valueOf(map(variable).get("name"));
      if (name.startsWith(OWN_ENVIRONMENT)) {
        found.add(path + ".env: " + name + " is set by the operator");
      }
    }
  }

  private static void refuseOwnLabels(Map<?, ?> labels, List<String> found) {
    Set<String> own =
        new HashSet<>(Set.of(Labels.JOB, Labels.RANK, Labels.INCARNATION, Labels.MANAGED_BY));
    own.addAll(QUEUE_FIELDS);
    refuse(own, labels, PATH + ".metadata.labels", found);
  }

  private static void refuse(Set<String> own, Map<?, ?> fields, String path, List<String> found) {
    fields.keySet().stream()
        .map(String::valueOf)
        .filter(own::contains)
        .sorted()
        .forEach(name -> found.add(path + "." + name + " is set by the operator"));
  }

  private static void refuseAllBut(
      Set<String> allowed, Map<?, ?> fields, String path, List<String> found) {
    fields.keySet().stream()
        .map(String::valueOf)
        .filter(name -> !allowed.contains(name))
        .sorted()
        .forEach(name -> found.add(path + "." + name + " is not one of " + sorted(allowed)));
  }

  /** A pod that cannot be read from the template is found here, not when it is to be created. */
  private static void checkShape(Map<String, Object> template, List<String> found) {
    try {
      Serialization.unmarshal(Serialization.asJson(template), Pod.class);
    } catch (RuntimeException unreadable) {
      Throwable cause = unreadable.getCause() == null ? unreadable : unreadable.getCause();
      found.add(PATH + " is not a pod template: " + firstLine(cause.getMessage()));
    }
  }

  private static String firstLine(@org.jspecify.annotations.Nullable String message) {
    return message == null ? "unreadable" : message.lines().findFirst().orElse("unreadable");
  }

  private static List<String> sorted(Set<String> names) {
    return names.stream().sorted().toList();
  }

  private static Map<?, ?> map(@org.jspecify.annotations.Nullable Object value) {
    return value instanceof Map<?, ?> map ? map : Map.of();
  }

  private static List<?> list(@org.jspecify.annotations.Nullable Object value) {
    return value instanceof List<?> list ? list : List.of();
  }
}
