package dev.megalodon.operator.resources;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.SchedulingSpec;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.naming.Names;
import io.fabric8.kubernetes.api.model.GenericKubernetesResource;
import io.fabric8.kubernetes.api.model.GenericKubernetesResourceBuilder;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * The PodGroup that tells a scheduler how many workers a job needs at once.
 *
 * @param gang whose it is, for people
 * @param apiGroup API group of its kind
 * @param version API version of its kind
 * @param resource the object itself
 */
public record GangGroup(
    String gang, String apiGroup, String version, GenericKubernetesResource resource) {
  /** Kind of the object, with every scheduler. */
  public static final String KIND = "PodGroup";

  /** Plural of the kind, as in URLs. */
  public static final String PLURAL = "podgroups";

  /** The PodGroup of a job; empty if it asks for none. */
  public static Optional<GangGroup> of(MegalodonTrainingJob job) {
    return Optional.ofNullable(job.getSpec().scheduling())
        .flatMap(
            scheduling ->
                switch (scheduling.gang()) {
                  case NONE -> Optional.empty();
                  case COSCHEDULING ->
                      Optional.of(
                          group(job, "coscheduling", "scheduling.x-k8s.io", "v1alpha1", size(job)));
                  case VOLCANO -> Optional.of(volcano(job, scheduling));
                });
  }

  private static GangGroup volcano(MegalodonTrainingJob job, SchedulingSpec scheduling) {
    Map<String, Object> spec = size(job);
    String priority = scheduling.priorityClassName();
    if (priority != null) {
      spec.put("priorityClassName", priority);
    }
    return group(job, "volcano", "scheduling.volcano.sh", "v1beta1", spec);
  }

  private static Map<String, Object> size(MegalodonTrainingJob job) {
    return new TreeMap<>(Map.of("minMember", job.getSpec().parallelism().worldSize()));
  }

  private static GangGroup group(
      MegalodonTrainingJob job,
      String gang,
      String apiGroup,
      String version,
      Map<String, Object> spec) {
    GenericKubernetesResource resource =
        new GenericKubernetesResourceBuilder()
            .withApiVersion(apiGroup + "/" + version)
            .withKind(KIND)
            .withMetadata(JobResources.metadata(job, Names.gang(JobId.of(job))))
            .withAdditionalProperties(Map.of("spec", spec))
            .build();
    return new GangGroup(gang, apiGroup, version, resource);
  }
}
