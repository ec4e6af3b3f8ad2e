package dev.megalodon.trainer.cli.jobs;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A worker's pod.
 *
 * @param incarnation which process of the rank, growing
 */
record WorkerPod(String name, int rank, long incarnation) {
  private static final String LABEL = "training.megalodon.dev/";

  static WorkerPod of(JsonNode pod) {
    JsonNode metadata = pod.path("metadata");
    JsonNode labels = metadata.path("labels");
    return new WorkerPod(
        metadata.path("name").asText(),
        labels.path(LABEL + "rank").asInt(),
        labels.path(LABEL + "incarnation").asLong());
  }
}
