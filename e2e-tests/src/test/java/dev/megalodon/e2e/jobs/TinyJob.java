package dev.megalodon.e2e.jobs;

import java.util.EnumMap;
import java.util.Map;

/**
 * A job that trains in seconds, as a manifest. Every change gives another job.
 *
 * @param name metadata.name
 * @param settings what differs from job to job
 */
public record TinyJob(String name, Map<Setting, String> settings) {
  /** Steps between checkpoints. */
  public static final long EVERY_STEPS = 50;

  /** A field of the manifest that tests change. */
  public enum Setting {
    /** spec.parallelism.workers. */
    WORKERS("2"),
    /** spec.parallelism.chunkParallel. */
    CHUNK_PARALLEL("1"),
    /** spec.parallelism.chunkExchange. */
    CHUNK_EXCHANGE("allGather"),
    /** spec.training.steps. */
    STEPS("400"),
    /** spec.training.globalBatchSequences. */
    BATCH("4"),
    /** spec.failurePolicy.maxRestarts. */
    MAX_RESTARTS("10"),
    /** spec.failurePolicy.backoff.maxSeconds. */
    BACKOFF_SECONDS("300"),
    /** spec.data.sequenceLength; the chunk is 32. */
    SEQUENCE_LENGTH("128"),
    /** spec.data.sources[0].path. */
    PATH("text"),
    /** spec.checkpoint.resumeFrom.path; empty for none. */
    RESUME_FROM(""),
    /** spec.scheduling. */
    SCHEDULING("{}"),
    /** spec.checkpoint.volume.claimName. */
    CHECKPOINTS(Workspace.CHECKPOINT_CLAIM),
    /** spec.worker.resources. */
    RESOURCES("{requests: {cpu: 100m, memory: 384Mi}, limits: {memory: 1Gi}}"),
    /** More of spec.worker, as lines of YAML. */
    WORKER(""),
    /** More of spec, as lines of YAML. */
    SPEC("");

    private final String usual;

    Setting(String usual) {
      this.usual = usual;
    }
  }

  /** A job with the usual settings. */
  public static TinyJob named(String name) {
    return new TinyJob(name, Map.of());
  }

  /** The same job with another setting. */
  public TinyJob with(Setting setting, Object value) {
    Map<Setting, String> changed = new EnumMap<>(Setting.class);
    changed.putAll(settings);
    changed.put(setting, value.toString());
    return new TinyJob(name, changed);
  }

  private String of(Setting setting) {
    return settings.getOrDefault(setting, setting.usual);
  }

  /** What a person would apply. */
  public String manifest() {
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
            sequenceLength: %s
          training:
            steps: %s
            globalBatchSequences: %s
            evaluation:
              everySteps: 200
              sequences: 4
          parallelism:
            workers: %s
            chunkParallel: %s
            chunkExchange: %s
          checkpoint:
            volume:
              claimName: %s
            everySteps: %d%s
          failurePolicy:
            maxRestarts: %s
            backoff: {maxSeconds: %s}
          scheduling: %s
          worker:
            threads: 1
            resources: %s
        %s%s"""
        .formatted(
            name,
            Workspace.DATA_CLAIM,
            of(Setting.PATH),
            of(Setting.SEQUENCE_LENGTH),
            of(Setting.STEPS),
            of(Setting.BATCH),
            of(Setting.WORKERS),
            of(Setting.CHUNK_PARALLEL),
            of(Setting.CHUNK_EXCHANGE),
            of(Setting.CHECKPOINTS),
            EVERY_STEPS,
            resumeFrom(),
            of(Setting.MAX_RESTARTS),
            of(Setting.BACKOFF_SECONDS),
            of(Setting.SCHEDULING),
            of(Setting.RESOURCES),
            of(Setting.WORKER).indent(4),
            of(Setting.SPEC).indent(2));
  }

  private String resumeFrom() {
    String folder = of(Setting.RESUME_FROM);
    return folder.isEmpty() ? "" : "\n    resumeFrom: {path: %s}".formatted(folder);
  }
}
