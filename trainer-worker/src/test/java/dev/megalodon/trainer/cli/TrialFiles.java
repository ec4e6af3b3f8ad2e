package dev.megalodon.trainer.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The files of a small job on one machine. */
final class TrialFiles {
  static final int STEPS = 60;
  static final int CHECKPOINT_EVERY = 10;

  private TrialFiles() {}

  /** Text to train on, as the data volume {@code text}. */
  static void writeText(Path dataRoot) throws IOException {
    Path folder = Files.createDirectories(dataRoot.resolve("text"));
    StringBuilder text = new StringBuilder();
    for (int i = 0; text.length() < 6_000; i++) {
      text.append("line ").append(i * 7 % 100).append(" of the text\n");
    }
    Files.writeString(folder.resolve("a.txt"), text);
  }

  /** A spec of a job that starts from a checkpoint of the volume. */
  static Path writeSpecThatResumes(Path folder, String checkpoint) throws IOException {
    Path spec = writeSpec(folder, 1, ".");
    String json = Files.readString(spec);
    return Files.writeString(
        spec,
        json.replace(
            "\"keepLast\": 3,",
            "\"keepLast\": 3, \"resumeFrom\": {\"path\": \"%s\"},".formatted(checkpoint)));
  }

  /** A spec as the operator writes it. */
  static Path writeSpec(Path folder, int workers, String sourcePath) throws IOException {
    return Files.writeString(
        folder.resolve("spec.json"),
        """
        {"model": {"dimensions": {"layers": 2, "modelDim": 32, "zDim": 16, "valueDim": 32,
           "heads": 2, "ffnHiddenDim": 48, "cemaDim": 4, "chunkSize": 16, "normGroups": 4,
           "normEpsilon": 1e-5, "vocabSize": 256, "ropeBase": 10000, "swiglu": true,
           "rescaleFfn": false, "scaleEmbedding": false, "shareEmbedding": false}},
         "data": {"volumes": [{"name": "text", "claimName": "claim", "readOnly": true}],
           "sources": [{"volume": "text", "path": "%s"}], "heldOut": {"fraction": 0.1},
           "format": "text", "jsonField": "text", "tokenizer": {"kind": "bytes"},
           "order": "random", "sequenceLength": 64},
         "training": {"steps": %d, "globalBatchSequences": 6, "microBatchSequences": 1,
           "optimizer": {"learningRate": 0.005, "beta1": 0.9, "beta2": 0.98, "epsilon": 1e-8,
             "weightDecay": 0.1, "clipNorm": 1.0},
           "schedule": {"kind": "cosine", "warmupSteps": 5, "initialRatio": 1e-4,
             "finalRatio": 0.01},
           "precision": "fp32", "seed": 1, "evaluation": {"everySteps": 20, "sequences": 4},
           "recompute": "none", "carryState": false},
         "parallelism": {"workers": %d, "ranksPerPod": 1, "chunkParallel": 1,
           "chunkExchange": "allGather"},
         "checkpoint": {"volume": {"claimName": "claim"}, "everySteps": %d, "keepLast": 3,
           "graceSeconds": 60},
         "failurePolicy": {"rejoinSeconds": 300},
         "worker": {"device": "cpu", "gemm": "vector", "threads": 1}}
        """
            .formatted(sourcePath, STEPS, workers, CHECKPOINT_EVERY));
  }

  /** A manifest as a person writes it. */
  static Path writeManifest(Path folder, int workers, int steps) throws IOException {
    return Files.writeString(
        folder.resolve("job.yaml"),
        """
        apiVersion: training.megalodon.dev/v1alpha1
        kind: MegalodonTrainingJob
        metadata: {name: trial}
        spec:
          model:
            dimensions: {layers: 2, modelDim: 32, zDim: 16, valueDim: 32, heads: 2,
                         ffnHiddenDim: 48, cemaDim: 4, chunkSize: 16, normGroups: 4}
          data:
            volumes: [{name: text, claimName: claim}]
            sources: [{volume: text}]
            sequenceLength: 64
          training:
            steps: %d
            globalBatchSequences: 4
            optimizer: {learningRate: 0.005}
          parallelism: {workers: %d}
          checkpoint: {volume: {claimName: claim}, everySteps: 4}
          worker: {threads: 1}
        """
            .formatted(steps, workers));
  }
}
