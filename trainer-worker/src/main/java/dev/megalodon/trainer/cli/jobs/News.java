package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.v1alpha1.Condition;
import java.util.List;
import java.util.Set;

/** Which of a job's conditions people want to know of, and in which words. */
final class News {
  /** As it should be when they hold; worth telling when they do not. */
  private static final Set<String> USUAL = Set.of("Running", "PodsReady");

  private News() {}

  /** One line for each, such as "Stalled: rank 1 does not answer". */
  static List<String> of(Job job) {
    boolean atRest = job.phase().isFinal() || job.holds("Suspended");
    return job.conditions().stream()
        .filter(condition -> isNews(condition, atRest))
        .map(News::line)
        .distinct()
        .toList();
  }

  /** The newest, for one line. */
  static String headline(Job job) {
    List<String> all = of(job);
    return all.isEmpty() ? job.phaseName() : all.getFirst();
  }

  private static boolean isNews(Condition condition, boolean atRest) {
    boolean holds = condition.status() == Condition.Status.TRUE;
    return USUAL.contains(condition.type()) ? !holds && !atRest : holds;
  }

  private static String line(Condition condition) {
    String type =
        condition.status() == Condition.Status.TRUE ? condition.type() : "not " + condition.type();
    return "%s (%s): %s".formatted(type, condition.reason(), condition.message());
  }
}
