package dev.megalodon.trainer.cli.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class JobViewTest {
  private static final Instant NOW = Instant.parse("2026-11-25T10:06:12Z");
  private static final Style WIDE = new Style(true, 80);
  private static final double[] LOSSES = {5.547, 4.0, 3.2, 2.8, 2.4, 2.1, 1.9, 1.812};

  private static History history() {
    List<History.Point> points =
        IntStream.range(0, LOSSES.length)
            .mapToObj(i -> new History.Point(1 + 30L * i, LOSSES[i], 1, 6000 + i))
            .toList();
    return new History(points, Optional.empty());
  }

  private static String view(String json, History history, Style style) {
    List<String> lines = new JobView(SampleJob.read(json), history, NOW, style).lines();
    for (String line : lines) {
      assertTrue(line.length() <= style.width(), line);
    }
    return String.join("\n", lines) + "\n";
  }

  @Test
  void shouldShowAJobThatTrains() {
    assertEquals(
        """
        quickstart · Running · 3 of 3 workers ready · 6m12s
          ███████████████████████████░░░░░░░░░░░░░░░░░░░░░░░░░  212/400  53 %  eta 1m12s
          loss       1.812  █▅▄▃▂▂▁▁  from 5.547
          held out   1.934, was 6.236 before the first step
          speed      6,150 tokens/s · 1,302,528 tokens · goodput 97 %
          checkpoint step 200, 12s ago
          restarts   1, 1 of 10 since a checkpoint was gained
          ranks      quickstart-0-1  quickstart-1-4  quickstart-2-3
          4m12s ago  rank 1  OOMKilled, back after 19.1s
        """,
        view(SampleJob.RUNNING, history(), WIDE));
  }

  @Test
  void shouldDoWithAsciiInANarrowPlace() {
    assertEquals(
        """
        quickstart - Running - 3 of 3 workers...
          ######------  212/400  53 %  eta 1m12s
          loss       1.812  #=-,..__  from 5.547
          held out   1.934, was 6.236 before ...
          speed      6,150 tokens/s - 1,302,5...
          checkpoint step 200, 12s ago
          restarts   1, 1 of 10 since a check...
          ranks      quickstart-0-1  and 2 more
          4m12s ago  rank 1  OOMKilled, back ...
        """,
        view(SampleJob.RUNNING, history(), new Style(false, 40)));
  }

  @Test
  void shouldSayInWordsWhatIsWrong() {
    String stalled =
        SampleJob.RUNNING.replace(
            "\"conditions\": [",
            """
            "conditions": [
              {"type": "Stalled", "status": "True", "reason": "Silent", "message": "rank 1 is silent",
               "lastTransitionTime": "2026-11-25T10:06:00Z"},
              {"type": "PodsReady", "status": "False", "reason": "NoImage",
               "message": "the image cannot be pulled", "lastTransitionTime": "2026-11-25T10:06:00Z"},
            """);
    String view = view(stalled, History.NONE, WIDE);
    assertTrue(view.contains("! Stalled (Silent): rank 1 is silent\n"), view);
    assertTrue(view.contains("! not PodsReady (NoImage): the image cannot be pulled\n"), view);
  }

  @Test
  void shouldSayWhyTheCourseIsNotWhole() {
    History seen =
        new History(history().points().subList(6, 8), Optional.of("seen here only: not allowed"));
    String view = view(SampleJob.RUNNING, seen, WIDE);
    assertTrue(view.contains("1.812  █▁  from 1.900 (seen here only: not allowed)\n"), view);
  }

  @Test
  void shouldShowAJobThatTheOperatorHasNotSeen() {
    String unseen = SampleJob.RUNNING.replace("\"status\": {", "\"statusOfAnother\": {");
    assertEquals("quickstart · Pending\n", view(unseen, History.NONE, WIDE));
  }

  @Test
  void shouldTabulateJobs() {
    Job running = SampleJob.read(SampleJob.RUNNING);
    Job suspended = SampleJob.read(SampleJob.suspended().replace("quickstart", "resting"));
    assertEquals(
        """
        NAMESPACE   NAME         PHASE       PROGRESS               STEP      LOSS    TOK/S   ETA     RESTARTS   GOODPUT
        team        quickstart   Running     ██████████░░░░░░░░░░   212/400   1.812   6,150   1m12s   1          97 %
        team        resting      Suspended   ██████████░░░░░░░░░░   212/400   1.812   6,150   1m12s   1          97 %
        """,
        String.join("\n", JobTable.lines(List.of(running, suspended), true, new Style(true, 120)))
            + "\n");
  }
}
