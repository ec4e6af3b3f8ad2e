package dev.megalodon.trainer.cli.jobs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;

/** Jobs as the API server answers with them. */
final class SampleJob {
  private SampleJob() {}

  /** In the middle of its training; one rank was lost and is back. */
  static final String RUNNING =
      """
      {
        "apiVersion": "training.megalodon.dev/v1alpha1",
        "kind": "MegalodonTrainingJob",
        "metadata": {
          "name": "quickstart", "namespace": "team", "generation": 2, "uid": "u",
          "resourceVersion": "17", "labels": {"a": "b"}, "managedFields": [{"manager": "kubectl"}]
        },
        "spec": {
          "training": {"steps": 400, "globalBatchSequences": 6},
          "data": {"sequenceLength": 512, "sources": [{"volume": "text", "path": "."}]},
          "parallelism": {"workers": 3, "ranksPerPod": 1, "chunkParallel": 1},
          "checkpoint": {"volume": {"claimName": "checkpoints"}, "everySteps": 50, "keepLast": 3},
          "failurePolicy": {"maxRestarts": 10},
          "suspend": false,
          "aFieldOfTomorrow": 1
        },
        "status": {
          "observedGeneration": 2,
          "phase": "Running",
          "startTime": "2026-11-25T10:00:00Z",
          "workers": {"desired": 3, "ready": 3},
          "worldSize": 3,
          "progress": {
            "step": 212, "totalSteps": 400, "stepOfTotal": "212/400", "percent": 53,
            "tokens": 1302528, "loss": 1.812, "heldOutLoss": 1.934, "initialHeldOutLoss": 6.236,
            "tokensPerSecond": 6150.4, "eta": "1m12s"
          },
          "checkpoint": {"step": 200, "time": "2026-11-25T10:06:00Z"},
          "restarts": 1,
          "budget": {"used": 1, "sinceStep": 0},
          "goodputPercent": 97,
          "ranks": [
            {"rank": 0, "incarnation": 1, "pod": "quickstart-0-1"},
            {"rank": 1, "incarnation": 4, "pod": "quickstart-1-4"},
            {"rank": 2, "incarnation": 3, "pod": "quickstart-2-3"}
          ],
          "conditions": [
            {"type": "Running", "status": "True", "reason": "StepsAreMade",
             "message": "steps are being made", "lastTransitionTime": "2026-11-25T10:00:20Z"}
          ],
          "attempts": [
            {"rank": 1, "incarnation": 2, "cause": "OOMKilled", "charged": true,
             "detected": "2026-11-25T10:02:00Z", "recovered": "2026-11-25T10:02:20Z",
             "recoverSeconds": 19.1, "lostSteps": 0}
          ]
        }
      }
      """;

  /** What rank 0 answers to {@code GET /curve}. */
  static final String CURVE =
      """
      {"jobUid": "u", "rank": 0, "incarnation": 1, "revision": 0,
       "step": [1, 30, 60, 90, 120, 150, 180, 212],
       "loss": [5.547, 4.0, 3.2, 2.8, 2.4, 2.1, 1.9, 1.812],
       "gradientNorm": [9, 3, 2, 2, 1.5, 1, 1, 1],
       "tokensPerSecond": ["NaN", 6000, 6100, 6120, 6130, 6140, 6150, 6150]}
      """;

  /** At rest. */
  static String suspended() {
    return RUNNING
        .replace("\"phase\": \"Running\"", "\"phase\": \"Suspended\"")
        .replace("\"suspend\": false", "\"suspend\": true")
        .replace("\"type\": \"Running\"", "\"type\": \"Suspended\"")
        .replace("steps are being made", "spec.suspend is true; no worker runs");
  }

  /** Over, and well. */
  static String complete() {
    return RUNNING
        .replace("\"phase\": \"Running\"", "\"phase\": \"Complete\"")
        .replace("\"type\": \"Running\"", "\"type\": \"Complete\"")
        .replace("steps are being made", "400 steps");
  }

  /** Read as the commands read it. */
  static Job read(String json) {
    try {
      return JsonMapper.builder()
          .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
          .build()
          .readValue(json, Job.class);
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }
}
