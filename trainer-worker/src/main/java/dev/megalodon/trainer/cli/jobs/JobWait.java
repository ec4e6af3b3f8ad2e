package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.function.Predicate;

/** Waits for a job, and shows what it says meanwhile. */
record JobWait(Cluster cluster, PrintWriter output) {
  private static final Duration PAUSE = Duration.ofSeconds(1);

  /**
   * Waits.
   *
   * @param what the job will be, such as "suspended"
   * @throws WorkerExit when the bound is over, or the job ends otherwise
   */
  void until(String name, String what, Duration bound, Predicate<Job> reached) {
    long end = System.nanoTime() + bound.toNanos();
    String said = "";
    while (true) {
      Job job = cluster.job(name);
      boolean observed = job.isObserved();
      if (observed && reached.test(job)) {
        output.printf("%s is %s%n", name, what);
        output.flush();
        return;
      }
      String news = observed ? News.headline(job) : "the operator has not seen the change yet";
      if (!news.equals(said)) {
        output.println("  " + news);
        output.flush();
        said = news;
      }
      requireHope(job, what, news, end, bound);
      Pause.of(PAUSE);
    }
  }

  private static void requireHope(Job job, String what, String news, long end, Duration bound) {
    if (job.phase().isFinal()) {
      throw new WorkerExit(
          ExitCode.UNEXPECTED, "%s ended before it was %s: %s".formatted(job.name(), what, news));
    }
    if (System.nanoTime() >= end) {
      throw new WorkerExit(
          ExitCode.UNEXPECTED,
          "waited %s and %s is not %s: %s; 'status %s' shows more"
              .formatted(Words.duration(bound), job.name(), what, news, job.name()));
    }
  }
}
