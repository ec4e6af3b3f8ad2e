package dev.megalodon.operator.resources;

import io.fabric8.kubernetes.api.model.Pod;
import io.fabric8.kubernetes.client.utils.Serialization;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * Lays {@code spec.worker.template} over the operator's own pod, as Kubernetes' strategic merge
 * does: objects are merged field by field; lists whose items have a name (containers, env, volumes,
 * …) item by item; other lists are joined. Where both say something, the template wins, save for
 * what makes the pod this job's worker, which {@link TemplateRules} refuses beforehand.
 */
final class TemplateOverlay {
  /** Key by which items of a list are the same item, by the list's name. */
  private static final Map<String, String> MERGE_KEYS =
      Map.of(
          "containers", "name",
          "initContainers", "name",
          "volumes", "name",
          "env", "name",
          "imagePullSecrets", "name",
          "volumeMounts", "mountPath",
          "volumeDevices", "devicePath",
          "hostAliases", "ip");

  private TemplateOverlay() {}

  /** The merged pod. The template is known to keep to {@link TemplateRules}. */
  static Pod lay(Map<String, Object> template, Pod own) {
    Map<String, Object> base = asMap(Serialization.clone(own));
    return Serialization.unmarshal(Serialization.asJson(mergeMaps(base, template)), Pod.class);
  }

  @SuppressWarnings("unchecked")
  private static Map<String, Object> asMap(Pod pod) {
    return Serialization.unmarshal(Serialization.asJson(pod), Map.class);
  }

  private static Map<String, Object> mergeMaps(Map<String, Object> base, Map<?, ?> over) {
    Map<String, Object> merged = new LinkedHashMap<>(base);
    over.forEach(
        (name, value) ->
            merged.merge(
                String.valueOf(name),
                value,
                (old, added) -> merge(String.valueOf(name), old, added)));
    return merged;
  }

  @SuppressWarnings("unchecked")
  private static Object merge(String name, Object old, Object added) {
    if (old instanceof Map<?, ?> base && added instanceof Map<?, ?> over) {
      return mergeMaps((Map<String, Object>) base, over);
    }
    if (old instanceof List<?> base && added instanceof List<?> over) {
      return mergeLists(name, (List<Object>) base, over);
    }
    return added;
  }

  private static List<Object> mergeLists(String name, List<Object> base, List<?> over) {
    List<Object> merged = new ArrayList<>(base);
    String key = MERGE_KEYS.get(name);
    for (Object item : over) {
      int same = key == null ? -1 : indexOf(merged, key, item);
      if (same < 0) {
        merged.add(item);
      } else {
        merged.set(same, merge(name, merged.get(same), item));
      }
    }
    return merged;
  }

  private static int indexOf(List<Object> items, String key, Object wanted) {
    for (int i = 0; i < items.size(); i++) {
      if (items.get(i) instanceof Map<?, ?> item
          && wanted instanceof Map<?, ?> other
          && item.containsKey(key)
          && Objects.equals(item.get(key), other.get(key))) {
        return i;
      }
    }
    return -1;
  }
}
