package dev.megalodon.e2e.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.e2e.cluster.EmbeddedCluster;
import dev.megalodon.e2e.cluster.WithCluster;
import dev.megalodon.e2e.dashboard.Browser.Look;
import dev.megalodon.e2e.jobs.TinyJob;
import dev.megalodon.e2e.jobs.TinyJob.Setting;
import dev.megalodon.e2e.jobs.Workspace;
import io.fabric8.kubernetes.api.model.Pod;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;

/** A job that really trains, watched through a forwarded port; screenshots in the e2e report. */
@ExtendWith(WithCluster.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DashboardE2E {
  private static final String JOB = "watched";
  private static final Duration BOUND = Duration.ofMinutes(5);

  private final EmbeddedCluster cluster;
  private final Workspace workspace;
  private final Path report;

  DashboardE2E(EmbeddedCluster cluster) {
    this.cluster = cluster;
    this.workspace = Workspace.create(cluster, "dashboard");
    this.report = cluster.result("e2e-dashboard");
  }

  @AfterAll
  void close() {
    workspace.close();
  }

  @Test
  void shouldShowAJobThatTrainsLosesARankAndEnds() {
    workspace.apply(TinyJob.named(JOB).with(Setting.STEPS, 1_500)).successful();
    try (ForwardedPort port = new ForwardedPort(cluster);
        Browser browser = new Browser(BOUND)) {
      browser.as(Look.DESK);
      browser.open(port.page("/#/" + workspace.namespace() + "/" + JOB));
      browser.awaitText("Interruptions");
      long first = awaitStepBeyond(browser, 0);
      browser.photograph(report.resolve("training.png"));
      long second = awaitStepBeyond(browser, first);
      assertTrue(second > first, "the curve grows");
      lose(workspace.pod(JOB, 0));
      browser.awaitText("Rank 0 · Deleted");
      awaitStepBeyond(browser, second);
      browser.awaitText("went on after");
      assertTrue(firstStep(browser) <= 2, "a new rank 0 tells what the old one did");
      browser.photograph(report.resolve("recovered.png"));
      workspace.awaitComplete(JOB);
      browser.awaitText("All steps are done and saved");
      browser.photograph(report.resolve("complete.png"));
      browser.open(port.page("/"));
      browser.awaitText(JOB);
      browser.photograph(report.resolve("jobs.png"));
      assertEquals(List.of(), browser.complaints());
    }
  }

  private void lose(Pod pod) {
    cluster.client().resource(pod).delete();
  }

  private static long awaitStepBeyond(Browser browser, long step) {
    browser.awaitThat("a step beyond " + step, () -> steps(browser)[1] > step);
    return steps(browser)[1];
  }

  private static long firstStep(Browser browser) {
    browser.awaitThat("the first steps", () -> steps(browser)[0] <= 2);
    return steps(browser)[0];
  }

  /** The first and the last step of the loss chart, as it says to those who do not see it. */
  private static long[] steps(Browser browser) {
    String said = Browser.attribute(browser.find(".plot"), "aria-label");
    long[] steps =
        Pattern.compile("at step ([0-9,]+)")
            .matcher(said)
            .results()
            .mapToLong(at -> Long.parseLong(at.group(1).replace(",", "")))
            .toArray();
    return steps.length == 2 ? steps : new long[] {Long.MAX_VALUE, 0};
  }
}
