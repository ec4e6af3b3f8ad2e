package dev.megalodon.operator.resources;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.crds.v1alpha1.SchedulingSpec;
import dev.megalodon.crds.v1alpha1.SchedulingSpec.Gang;
import dev.megalodon.operator.naming.JobId;
import dev.megalodon.operator.naming.KueueNames;
import dev.megalodon.operator.naming.Names;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What a pod says to whoever places all workers of a job or none: Kueue, or a scheduler of gangs.
 * All workers say the same, and nothing here differs in what Kueue takes for the shape of a pod.
 */
final class Placement {
  private static final String COSCHEDULING_LABEL = "scheduling.x-k8s.io/pod-group";
  private static final String VOLCANO_ANNOTATION = "scheduling.k8s.io/group-name";
  private static final String VOLCANO_SCHEDULER = "volcano";

  private final MegalodonTrainingJob job;
  private final Optional<SchedulingSpec> scheduling;
  private final int worldSize;
  private final Optional<String> group;

  /**
   * For a pod.
   *
   * @param worldSize ranks that it trains with, itself included
   * @param group group that its queue admits together; empty without a queue
   */
  Placement(MegalodonTrainingJob job, int worldSize, Optional<String> group) {
    this.job = job;
    this.scheduling = Optional.ofNullable(job.getSpec().scheduling());
    this.worldSize = worldSize;
    this.group = group;
  }

  Map<String, String> labels() {
    Map<String, String> labels = new TreeMap<>();
    group.ifPresent(name -> labels.put(KueueNames.GROUP, name));
    group
        .flatMap(name -> scheduling.map(SchedulingSpec::queueName))
        .ifPresent(queue -> labels.put(KueueNames.QUEUE, queue));
    if (gang() == Gang.COSCHEDULING) {
      labels.put(COSCHEDULING_LABEL, Names.gang(JobId.of(job)));
    }
    return labels;
  }

  Map<String, String> annotations() {
    Map<String, String> annotations = new TreeMap<>();
    group.ifPresent(name -> annotations.put(KueueNames.GROUP_SIZE, Integer.toString(worldSize)));
    if (gang() == Gang.VOLCANO) {
      annotations.put(VOLCANO_ANNOTATION, Names.gang(JobId.of(job)));
    }
    return annotations;
  }

  Optional<String> schedulerName() {
    return scheduling
        .map(SchedulingSpec::schedulerName)
        .or(() -> Optional.of(VOLCANO_SCHEDULER).filter(name -> gang() == Gang.VOLCANO));
  }

  private Gang gang() {
    return scheduling.map(SchedulingSpec::gang).orElse(Gang.NONE);
  }
}
