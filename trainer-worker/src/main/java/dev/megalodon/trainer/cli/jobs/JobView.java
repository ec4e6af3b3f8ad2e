package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.v1alpha1.AttemptStatus;
import dev.megalodon.crds.v1alpha1.CheckpointStatus;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.RankStatus;
import dev.megalodon.crds.v1alpha1.StragglerStatus;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import dev.megalodon.crds.v1alpha1.WorkerCounts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * One job on a screen: a function of what is known of it, and of nothing else.
 *
 * @param job what the API server has
 * @param history the course of its training
 * @param now for how long ago things were
 * @param style how to draw
 */
record JobView(Job job, History history, Instant now, Style style) {
  private static final int NEWEST_ATTEMPTS = 5;
  private static final String LABEL = "  %-11s%s";
  private static final int LABEL_WIDTH = 13;

  /** The lines, each at most as wide as the screen. */
  List<String> lines() {
    List<String> lines = new ArrayList<>();
    lines.add(title());
    job.progress().ifPresent(progress -> addProgress(lines, progress));
    addLabelled(lines, "loss", loss());
    addLabelled(lines, "held out", job.progress().flatMap(this::heldOut));
    addLabelled(lines, "speed", job.progress().flatMap(this::speed));
    addLabelled(
        lines,
        "checkpoint",
        job.told(MegalodonTrainingJobStatus::checkpoint).map(this::checkpoint));
    addLabelled(lines, "restarts", restarts());
    addLabelled(lines, "ranks", ranks());
    stragglers().forEach(slow -> addLabelled(lines, "slow", Optional.of(slow)));
    News.of(job).forEach(news -> lines.add("! " + news));
    addAttempts(lines);
    return lines.stream().map(style::fit).toList();
  }

  private String title() {
    Optional<String> workers =
        job.told(MegalodonTrainingJobStatus::workers)
            .filter(counts -> !job.phase().isFinal())
            .map(JobView::workers);
    Optional<String> active = job.told(MegalodonTrainingJobStatus::startTime).flatMap(this::active);
    return Stream.of(Optional.of(job.name()), Optional.of(job.phaseName()), workers, active)
        .flatMap(Optional::stream)
        .collect(Collectors.joining(style.dot()));
  }

  private static String workers(WorkerCounts counts) {
    return "%d of %d workers ready".formatted(counts.ready(), counts.desired());
  }

  private Optional<String> active(String start) {
    Instant end =
        job.told(MegalodonTrainingJobStatus::completionTime).map(Instant::parse).orElse(now);
    return Words.since(start, end).map(Words::duration);
  }

  private void addProgress(List<String> lines, TrainingProgress progress) {
    String eta = progress.eta() == null ? "" : "  eta " + progress.eta();
    String numbers = "  %s  %d %%%s".formatted(progress.stepOfTotal(), progress.percent(), eta);
    int columns = Math.clamp(style.width() - 2L - numbers.length(), 10, 60);
    lines.add("  " + style.bar(progress.percent() / 100.0, columns) + numbers);
  }

  private static void addLabelled(List<String> lines, String label, Optional<String> text) {
    text.ifPresent(known -> lines.add(LABEL.formatted(label, known)));
  }

  private Optional<String> loss() {
    List<Double> losses = history.known(Metric.LOSS).stream().map(History.Point::loss).toList();
    if (losses.isEmpty()) {
      return Optional.empty();
    }
    String newest = Words.loss(losses.getLast());
    String remark =
        job.phase().isFinal() ? "" : history.remark().map(why -> " (%s)".formatted(why)).orElse("");
    return Optional.of(newest + (losses.size() > 1 ? course(losses, newest) : "") + remark);
  }

  private String course(List<Double> losses, String newest) {
    String first = "  from " + Words.loss(losses.getFirst());
    int columns = style.width() - LABEL_WIDTH - newest.length() - 2 - first.length();
    return "  " + Sparkline.of(losses, Math.clamp(columns, 1, 60), style.levels()) + first;
  }

  private Optional<String> heldOut(TrainingProgress progress) {
    Double loss = progress.heldOutLoss();
    if (loss == null) {
      return Optional.empty();
    }
    Double before = progress.initialHeldOutLoss();
    String was =
        before == null ? "" : ", was %s before the first step".formatted(Words.loss(before));
    return Optional.of(Words.loss(loss) + was);
  }

  private Optional<String> speed(TrainingProgress progress) {
    Double speed = progress.tokensPerSecond();
    Optional<String> perSecond =
        speed == null ? Optional.empty() : Optional.of(Words.count(speed) + " tokens/s");
    Optional<String> goodput =
        job.told(MegalodonTrainingJobStatus::goodputPercent).map("goodput %d %%"::formatted);
    String tokens = Words.count(progress.tokens()) + " tokens";
    return Optional.of(
        Stream.of(perSecond, Optional.of(tokens), goodput)
            .flatMap(Optional::stream)
            .collect(Collectors.joining(style.dot())));
  }

  private String checkpoint(CheckpointStatus checkpoint) {
    String ago = Words.ago(checkpoint.time(), now);
    return "step %d%s".formatted(checkpoint.step(), ago.isEmpty() ? "" : ", " + ago);
  }

  private Optional<String> restarts() {
    return job.told(MegalodonTrainingJobStatus::restarts)
        .filter(restarts -> restarts > 0)
        .map(
            restarts ->
                "%d, %d of %d since a checkpoint was gained"
                    .formatted(
                        restarts,
                        job.told(MegalodonTrainingJobStatus::budget)
                            .map(budget -> budget.used())
                            .orElse(0),
                        job.spec().failurePolicy().maxRestarts()));
  }

  private Optional<String> ranks() {
    if (job.ranks().isEmpty() || job.phase().isFinal()) {
      return Optional.empty();
    }
    StringBuilder line = new StringBuilder();
    int shown = 0;
    for (RankStatus rank : job.ranks()) {
      String text = rank(rank);
      if (shown > 0 && LABEL_WIDTH + line.length() + text.length() + 20 > style.width()) {
        line.append("  and %d more".formatted(job.ranks().size() - shown));
        break;
      }
      line.append(shown == 0 ? "" : "  ").append(text);
      shown++;
    }
    return Optional.of(line.toString());
  }

  private static String rank(RankStatus rank) {
    if (rank.nextStart() != null) {
      return "%d waits to start again".formatted(rank.rank());
    }
    return rank.pod() == null ? "%d starts".formatted(rank.rank()) : rank.pod();
  }

  private List<String> stragglers() {
    return job.told(MegalodonTrainingJobStatus::stragglers).orElse(List.of()).stream()
        .map(JobView::straggler)
        .toList();
  }

  private static String straggler(StragglerStatus slow) {
    return String.format(
        Locale.ROOT,
        "rank %d computes %.1f times as long as the others",
        slow.rank(),
        slow.ratio());
  }

  private void addAttempts(List<String> lines) {
    List<AttemptStatus> attempts = job.attempts();
    int first = Math.max(0, attempts.size() - NEWEST_ATTEMPTS);
    attempts.subList(first, attempts.size()).reversed().stream()
        .map(this::attempt)
        .forEach(attempt -> lines.add("  " + attempt));
  }

  private String attempt(AttemptStatus attempt) {
    String what =
        "%s  rank %d  %s"
            .formatted(Words.ago(attempt.detected(), now), attempt.rank(), attempt.cause());
    String back =
        attempt.recovered() == null
            ? ", not back yet"
            : String.format(
                Locale.ROOT,
                ", back after %.1fs",
                Optional.ofNullable(attempt.recoverSeconds()).orElse(0.0));
    Long lost = attempt.lostSteps();
    String again = lost == null || lost == 0 ? "" : ", %d steps made again".formatted(lost);
    String free = attempt.charged() ? "" : ", not charged";
    return what + back + again + free;
  }
}
