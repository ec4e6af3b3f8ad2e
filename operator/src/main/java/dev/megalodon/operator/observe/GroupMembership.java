package dev.megalodon.operator.observe;

import dev.megalodon.operator.naming.KueueNames;
import io.fabric8.kubernetes.api.model.ObjectMeta;
import io.fabric8.kubernetes.api.model.Pod;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * A pod's place in a group that Kueue admits.
 *
 * @param group name of the group
 * @param size pods that the group was made for
 * @param over whether the pod says that its group ends with the last of its pods
 * @param held whether Kueue keeps the pod, dead or alive
 */
public record GroupMembership(String group, int size, boolean over, boolean held) {

  /** What a pod says; empty if it is in no group. */
  static Optional<GroupMembership> of(Pod pod) {
    ObjectMeta metadata = pod.getMetadata();
    Map<String, String> labels = orEmpty(metadata.getLabels());
    Map<String, String> annotations = orEmpty(metadata.getAnnotations());
    return Optional.ofNullable(labels.get(KueueNames.GROUP))
        .map(
            group ->
                new GroupMembership(
                    group,
                    size(annotations.get(KueueNames.GROUP_SIZE)),
                    "false".equals(annotations.get(KueueNames.RETRIABLE)),
                    orEmpty(metadata.getFinalizers()).contains(KueueNames.FINALIZER)));
  }

  private static int size(@Nullable String count) {
    return count != null && count.matches("[0-9]{1,6}") ? Integer.parseInt(count) : 0;
  }

  private static Map<String, String> orEmpty(@Nullable Map<String, String> map) {
    return map == null ? Map.of() : map;
  }

  private static List<String> orEmpty(@Nullable List<String> list) {
    return list == null ? List.of() : list;
  }
}
