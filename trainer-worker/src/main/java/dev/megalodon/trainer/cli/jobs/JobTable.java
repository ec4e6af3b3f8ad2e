package dev.megalodon.trainer.cli.jobs;

import dev.megalodon.crds.v1alpha1.MegalodonTrainingJobStatus;
import dev.megalodon.crds.v1alpha1.TrainingProgress;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Many jobs, one line each. */
final class JobTable {
  private static final int BAR = 20;
  private static final List<String> HEADER =
      List.of("NAME", "PHASE", "PROGRESS", "STEP", "LOSS", "TOK/S", "ETA", "RESTARTS", "GOODPUT");

  private JobTable() {}

  /**
   * The table.
   *
   * @param withNamespace whether jobs are of more than one namespace
   */
  static List<String> lines(List<Job> jobs, boolean withNamespace, Style style) {
    List<List<String>> rows = new ArrayList<>();
    rows.add(HEADER);
    jobs.forEach(job -> rows.add(row(job, style)));
    if (withNamespace) {
      for (int i = 0; i < rows.size(); i++) {
        List<String> row = new ArrayList<>(rows.get(i));
        row.addFirst(i == 0 ? "NAMESPACE" : jobs.get(i - 1).metadata().namespace());
        rows.set(i, row);
      }
    }
    return aligned(rows).stream().map(style::fit).toList();
  }

  private static List<String> row(Job job, Style style) {
    Optional<TrainingProgress> progress = job.progress();
    return List.of(
        job.name(),
        job.phaseName(),
        style.bar(progress.map(p -> p.percent() / 100.0).orElse(0.0), BAR),
        cell(progress, TrainingProgress::stepOfTotal),
        cell(progress, p -> p.loss() == null ? null : Words.loss(p.loss())),
        cell(progress, p -> p.tokensPerSecond() == null ? null : Words.count(p.tokensPerSecond())),
        cell(progress, TrainingProgress::eta),
        job.told(MegalodonTrainingJobStatus::restarts).orElse(0).toString(),
        job.told(MegalodonTrainingJobStatus::goodputPercent).map(g -> g + " %").orElse(""));
  }

  private static String cell(
      Optional<TrainingProgress> progress, Function<TrainingProgress, @Nullable String> value) {
    return progress.map(value).orElse("");
  }

  private static List<String> aligned(List<List<String>> rows) {
    int columns = rows.getFirst().size();
    int[] widths = new int[columns];
    for (List<String> row : rows) {
      for (int column = 0; column < columns; column++) {
        widths[column] = Math.max(widths[column], row.get(column).length());
      }
    }
    return rows.stream().map(row -> line(row, widths)).toList();
  }

  private static String line(List<String> row, int[] widths) {
    StringBuilder line = new StringBuilder();
    for (int column = 0; column < widths.length; column++) {
      line.append(row.get(column)).repeat(' ', widths[column] - row.get(column).length() + 3);
    }
    return line.toString().stripTrailing();
  }
}
