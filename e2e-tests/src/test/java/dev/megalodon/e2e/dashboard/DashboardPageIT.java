package dev.megalodon.e2e.dashboard;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.apiserver.ApiServer;
import dev.megalodon.crds.apiserver.ApiServerExtension;
import dev.megalodon.crds.apiserver.ClusterPrograms;
import dev.megalodon.crds.v1alpha1.MegalodonTrainingJob;
import dev.megalodon.e2e.chart.ChartRights;
import dev.megalodon.e2e.dashboard.Browser.Look;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.extension.ExtendWith;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.openqa.selenium.Keys;

/**
 * The page in Chromium, from two replicas of the packaged operator with the chart's rights on a
 * real API server: one leads and one stands by, and both show the same. Screenshots are in {@code
 * target/screenshots}.
 */
@ExtendWith(ApiServerExtension.class)
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
class DashboardPageIT {
  private static final Path SCREENSHOTS =
      ClusterPrograms.repository().resolve("target/screenshots");
  private static final int STEPS = 248;

  private final ApiServer server;
  private final Scenery scenery;
  private final ChartRights rights;
  private PackagedOperator operator;
  private PackagedOperator standby;
  private FakeWorker worker;
  private Browser browser;

  DashboardPageIT(ApiServer server) {
    this.server = server;
    this.scenery = new Scenery(server.client());
    this.rights = new ChartRights(server);
  }

  @BeforeAll
  void start() {
    String token = rights.grant();
    operator = PackagedOperator.start(server, token, Map.of());
    standby = PackagedOperator.start(server, token, Map.of());
    browser = new Browser(Duration.ofMinutes(1));
    browser.as(Look.DESK);
    browser.open(operator.page("/"));
    browser.awaitText("No job is here yet");
    browser.photograph(SCREENSHOTS.resolve("no-jobs.png"));
    scenery.build();
    MegalodonTrainingJob job = scenery.job("research", "shakespeare-long");
    worker = FakeWorker.telling(job.getMetadata().getUid(), STEPS, scenery.now().toEpochMilli());
    scenery.startRankZero(job, FakeWorker.ADDRESS);
  }

  @AfterAll
  void stop() {
    browser.close();
    worker.close();
    standby.close();
    operator.close();
    scenery.remove();
    rights.revoke();
  }

  @BeforeEach
  void atTheDesk() {
    browser.as(Look.DESK);
  }

  @AfterEach
  void shouldComplainOfNothingAndAskNobodyElse() {
    assertEquals(List.of(), browser.complaints());
    List<String> strangers =
        browser.hosts().stream().filter(host -> !host.startsWith("localhost:")).toList();
    assertEquals(List.of(), strangers);
    assertNotEquals("pwned", browser.title());
    assertTrue(browser.all("main img[src=x], main script").isEmpty(), "markup of a job is live");
  }

  @Test
  void shouldListJobsTheNewestFirst() {
    browser.open(operator.page("/"));
    browser.awaitText("shakespeare-long");
    assertTrue(browser.text().contains("6 jobs"), browser.text());
    List<String> names = browser.all(".jobs h2").stream().map(each -> each.getText()).toList();
    assertEquals(6, names.size());
    assertEquals("shakespeare-long", names.getFirst());
    for (String shown :
        List.of(
            "Running",
            "62%",
            "step 248 of 400",
            "2m32s",
            "Restarting",
            "Failed",
            "Complete",
            "400 steps, held-out loss 6.236",
            "cannot be pulled",
            "Suspended",
            "1.421")) {
      assertTrue(browser.text().contains(shown), shown + " is not in:\n" + browser.text());
    }
    browser.photograph(SCREENSHOTS.resolve("jobs.png"));
    browser.as(Look.DESK_AT_NIGHT);
    browser.photograph(SCREENSHOTS.resolve("jobs-dark.png"));
    browser.as(Look.PHONE);
    assertFalse(browser.scrollsSideways());
    browser.photograph(SCREENSHOTS.resolve("jobs-phone.png"));
  }

  @Test
  void shouldShowOnlyJobsOfAPhase() {
    browser.open(operator.page("/"));
    browser.find(".filters button[data-key=Failed]").click();
    browser.awaitThat("one job", () -> browser.all(".jobs .job").size() == 1);
    assertEquals("no-such-text", browser.find(".jobs h2").getText());
    assertEquals("Failed", Browser.attribute(browser.focused(), "data-key"), "focus stays");
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void shouldShowAllOfAJobOnEveryReplica(boolean leader) {
    browser.open((leader ? operator : standby).page("/#/research/shakespeare-long"));
    browser.awaitText("Interruptions");
    awaitCurve();
    for (String shown :
        List.of(
            "shakespeare-long",
            "62%",
            "248 of 400 steps",
            "about 2m32s left",
            "48,200",
            "3/3",
            "from 6.236 before the first step",
            "2 charged restarts",
            "Steps are being made",
            "Every worker is ready",
            "Rank 1 · OOM killed",
            "training went on after 17 s",
            "Rank 2 · Node lost",
            "25 steps made again",
            "from the newest checkpoint",
            "Rank 2 is slow",
            "step 200",
            "the next after step 250",
            "4 layers × 128")) {
      assertTrue(browser.text().contains(shown), shown + " is not in:\n" + browser.text());
    }
    assertFalse(browser.text().contains("hunter2"));
    assertEquals(3 * 3, browser.all(".plot .mark").size(), "three losses in each of three charts");
    assertEquals("62% · shakespeare-long · Megalodon", browser.title());
    assertTrue(Browser.attribute(browser.find(".ring"), "aria-label").contains("83 percent"));
    if (leader) {
      browser.photograph(SCREENSHOTS.resolve("job.png"));
      browser.as(Look.DESK_AT_NIGHT);
      browser.photograph(SCREENSHOTS.resolve("job-dark.png"));
      browser.as(Look.PHONE);
      assertFalse(browser.scrollsSideways());
      browser.photograph(SCREENSHOTS.resolve("job-phone.png"));
    }
  }

  @Test
  void shouldShowWhatAJobWroteAsText() {
    browser.open(operator.page("/#/research/shakespeare-long"));
    browser.find(".timeline details summary").click();
    browser.awaitText("<img src=x onerror=");
    browser.open(operator.page("/#/team-a/no-such-text"));
    browser.awaitText("no such file or folder <img src=x onerror=");
    browser.awaitText("kubectl logs -n team-a");
    browser.photograph(SCREENSHOTS.resolve("job-failed.png"));
  }

  @Test
  void shouldSayHowAJobEnded() {
    browser.open(operator.page("/#/team-a/quickstart"));
    browser.awaitText("All steps are done and saved");
    browser.awaitText("took 5m 21s");
    browser.awaitText("this operator has not seen the run");
    browser.photograph(SCREENSHOTS.resolve("job-complete.png"));
    browser.open(operator.page("/#/team-a/gone"));
    browser.awaitText("There is no job gone in namespace team-a");
    browser.open(operator.page("/"));
    browser.complaints().removeIf(line -> line.contains("404"));
  }

  @Test
  void shouldReadPointsOut() {
    browser.open(operator.page("/#/research/shakespeare-long"));
    awaitCurve();
    browser.hover(browser.find(".plot"));
    browser.awaitThat(
        "a readout",
        () -> browser.find(".readout").getText().matches("(?s)step 1\\d\\d\\n.*training.*"));
    browser.find(".toggle").click();
    assertEquals("true", Browser.attribute(browser.find(".toggle"), "aria-pressed"));
    browser.photograph(SCREENSHOTS.resolve("job-log-scale.png"));
  }

  @Test
  void shouldBeUsableWithTheKeyboardAlone() {
    browser.open(operator.page("/"));
    browser.awaitText("shakespeare-long");
    browser.tab();
    assertEquals("Skip to the content", browser.focused().getText());
    browser.awaitThat(
        "the focus on the job",
        () -> {
          browser.tab();
          return browser.focused().getText().contains("shakespeare-long");
        });
    browser.press(Keys.ENTER);
    browser.awaitText("Interruptions");
    awaitCurve();
    browser.awaitThat(
        "the focus on the loss chart",
        () -> {
          browser.tab();
          return "img".equals(Browser.attribute(browser.focused(), "role"));
        });
    browser.press(Keys.HOME);
    browser.awaitThat("step 1", () -> browser.find(".readout").getText().startsWith("step 1\n"));
    browser.press(Keys.ARROW_RIGHT);
    browser.awaitThat("step 2", () -> browser.find(".readout").getText().startsWith("step 2\n"));
    browser.press(Keys.ESCAPE);
    browser.awaitThat("no readout", () -> !browser.find(".readout").isDisplayed());
  }

  @Test
  void shouldFollowAJobThatTrains() {
    browser.open(standby.page("/#/research/shakespeare-long"));
    browser.awaitThat("the curve", () -> lastStep() == STEPS);
    worker.trainTo(STEPS + 40, scenery.now().toEpochMilli() + 40_000);
    browser.awaitThat("more of the curve", () -> lastStep() == STEPS + 40);
  }

  /** Without a curve there is no room for its charts. */
  private void awaitCurve() {
    browser.awaitThat("the curve", () -> browser.find(".pair").isDisplayed());
  }

  /** What the chart says to those who do not see it. */
  private int lastStep() {
    String said = Browser.attribute(browser.find(".plot"), "aria-label");
    return said.contains("at step " + (STEPS + 40))
        ? STEPS + 40
        : said.contains("at step " + STEPS) ? STEPS : 0;
  }

  @Test
  void shouldSayWhenTheOperatorIsAway() {
    try (PackagedOperator brief = PackagedOperator.start(server, rights.grant(), Map.of())) {
      browser.open(brief.page("/"));
      browser.awaitText("shakespeare-long");
    }
    browser.awaitText("The operator does not answer");
    browser.awaitText("port-forward deployment/megalodon-operator");
    assertTrue(browser.text().contains("shakespeare-long"), "what was known stays");
    browser.photograph(SCREENSHOTS.resolve("operator-away.png"));
    browser.open(operator.page("/"));
    browser.complaints().removeIf(line -> line.contains("net::ERR_"));
  }

  @Test
  void shouldNotBeThereWhenItIsOff() {
    Map<String, String> off = Map.of("MEGALODON_DASHBOARD_ENABLED", "false");
    try (PackagedOperator without = PackagedOperator.start(server, rights.grant(), off)) {
      assertEquals(404, without.status("/"));
      assertEquals(404, without.status("/app/main.js"));
      assertEquals(404, without.status("/api/jobs"));
      assertEquals(200, without.status("/q/metrics"));
    }
  }
}
