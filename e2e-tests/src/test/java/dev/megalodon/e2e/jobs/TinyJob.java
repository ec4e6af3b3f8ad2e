package dev.megalodon.e2e.jobs;

/**
 * A job that trains in seconds, as a manifest. Two workers and 400 steps unless it says otherwise;
 * each change gives another.
 *
 * @param name metadata.name
 * @param workers spec.parallelism.workers
 * @param chunkParallel spec.parallelism.chunkParallel
 * @param steps spec.training.steps
 * @param sequenceLength spec.data.sequenceLength; the chunk is 32
 * @param path spec.data.sources[0].path
 * @param resumeFrom spec.checkpoint.resumeFrom.path; empty for none
 */
record TinyJob(
    String name,
    int workers,
    int chunkParallel,
    long steps,
    int sequenceLength,
    String path,
    String resumeFrom) {

  static final long EVERY_STEPS = 50;

  static TinyJob named(String name) {
    return new TinyJob(name, 2, 1, 400, 128, "text", "");
  }

  TinyJob withChunkParallel(int number) {
    return new TinyJob(name, workers, number, steps, sequenceLength, path, resumeFrom);
  }

  TinyJob withSteps(long number) {
    return new TinyJob(name, workers, chunkParallel, number, sequenceLength, path, resumeFrom);
  }

  TinyJob withSequenceLength(int tokens) {
    return new TinyJob(name, workers, chunkParallel, steps, tokens, path, resumeFrom);
  }

  TinyJob withPath(String other) {
    return new TinyJob(name, workers, chunkParallel, steps, sequenceLength, other, resumeFrom);
  }

  TinyJob resumingFrom(String folder) {
    return new TinyJob(name, workers, chunkParallel, steps, sequenceLength, path, folder);
  }

  /** What a person would apply. */
  String manifest() {
    return """
        apiVersion: training.megalodon.dev/v1alpha1
        kind: MegalodonTrainingJob
        metadata:
          name: %s
        spec:
          model:
            dimensions:
              layers: 2
              modelDim: 64
              zDim: 32
              valueDim: 64
              heads: 2
              ffnHiddenDim: 128
              cemaDim: 4
              chunkSize: 32
              normGroups: 4
          data:
            volumes:
              - name: text
                claimName: %s
            sources:
              - volume: text
                path: %s
            sequenceLength: %d
          training:
            steps: %d
            globalBatchSequences: 4
            evaluation:
              everySteps: 200
              sequences: 4
          parallelism:
            workers: %d
            chunkParallel: %d
          checkpoint:
            volume:
              claimName: %s
            everySteps: %d%s
          worker:
            threads: 1
            resources:
              requests: {cpu: 100m, memory: 384Mi}
              limits: {memory: 1Gi}
        """
        .formatted(
            name,
            Workspace.DATA_CLAIM,
            path,
            sequenceLength,
            steps,
            workers,
            chunkParallel,
            Workspace.CHECKPOINT_CLAIM,
            EVERY_STEPS,
            resumeFrom.isEmpty() ? "" : "\n    resumeFrom: {path: %s}".formatted(resumeFrom));
  }
}
