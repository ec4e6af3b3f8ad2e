package dev.megalodon.e2e.queue;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Map;
import java.util.TreeMap;

/**
 * What Kueue thinks of a pod group.
 *
 * @param name its name, the group's
 * @param uid its UID
 * @param conditions type to status and time of the last change
 */
record Workload(String name, String uid, Map<String, String> conditions) {

  static Workload of(JsonNode json) {
    Map<String, String> conditions = new TreeMap<>();
    json.path("status")
        .path("conditions")
        .forEach(
            condition ->
                conditions.put(
                    condition.path("type").asText(),
                    "%s since %s"
                        .formatted(
                            condition.path("status").asText(),
                            condition.path("lastTransitionTime").asText())));
    JsonNode metadata = json.path("metadata");
    return new Workload(
        metadata.path("name").asText(), metadata.path("uid").asText(), Map.copyOf(conditions));
  }

  boolean holds(String condition) {
    return conditions.getOrDefault(condition, "").startsWith("True");
  }
}
