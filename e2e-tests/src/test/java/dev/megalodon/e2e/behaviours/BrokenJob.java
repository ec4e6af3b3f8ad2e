package dev.megalodon.e2e.behaviours;

import dev.megalodon.e2e.jobs.TinyJob;

/**
 * A job that cannot run.
 *
 * @param place the namespace it is applied in
 * @param job its manifest
 * @param reason what its conditions must say
 * @param fragments what their message must name, each of them
 */
record BrokenJob(Place place, TinyJob job, String reason, String... fragments) {
  /** Namespaces that differ in what they forbid. */
  enum Place {
    /** Nothing. */
    OPEN,
    /** Any pod: its quota is none. */
    QUOTA,
    /** Containers with more than little memory. */
    LIMITS,
    /** What Pod Security calls restricted. */
    RESTRICTED
  }

  /** A job in the open namespace that differs from a sound one by lines of spec.worker. */
  static BrokenJob worker(String name, String worker, String reason, String... fragments) {
    return of(one(name).with(TinyJob.Setting.WORKER, worker), reason, fragments);
  }

  /** A job in the open namespace with a pod template. */
  static BrokenJob template(String name, String spec, String reason, String... fragments) {
    return worker(name, "template: {spec: {%s}}".formatted(spec), reason, fragments);
  }

  /** A job in the open namespace. */
  static BrokenJob of(TinyJob job, String reason, String... fragments) {
    return new BrokenJob(Place.OPEN, job, reason, fragments);
  }

  /** A job with one worker, which is enough to be broken. */
  static TinyJob one(String name) {
    return TinyJob.named(name).with(TinyJob.Setting.WORKERS, 1);
  }
}
