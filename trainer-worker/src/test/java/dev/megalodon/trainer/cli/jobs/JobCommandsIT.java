package dev.megalodon.trainer.cli.jobs;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.exit.WorkerExit;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;

/** Commands with a program in kubectl's place: what they ask it, and what they make of it. */
class JobCommandsIT {
  private static final String PODS =
      """
      {"items": [
        {"metadata": {"name": "quickstart-1-2", "labels": {
          "training.megalodon.dev/rank": "1", "training.megalodon.dev/incarnation": "2"}}},
        {"metadata": {"name": "quickstart-1-14", "labels": {
          "training.megalodon.dev/rank": "1", "training.megalodon.dev/incarnation": "14"}}},
        {"metadata": {"name": "quickstart-0-1", "labels": {
          "training.megalodon.dev/rank": "0", "training.megalodon.dev/incarnation": "1"}}}
      ]}
      """;

  private final Path folder;
  private final FakeKubectl fake;

  JobCommandsIT(@TempDir Path folder) {
    this.folder = folder;
    this.fake = new FakeKubectl(folder.resolve("fake"));
  }

  @Command(name = "megalodon")
  private static final class Root {}

  private String run(String... arguments) {
    return run(fake.kubectl(), arguments);
  }

  private static String run(Kubectl kubectl, String... arguments) {
    StringWriter output = new StringWriter();
    List<Exception> failures = new ArrayList<>();
    CommandLine commandLine = new CommandLine(new Root());
    JobCommands.addTo(commandLine, kubectl);
    commandLine.setCaseInsensitiveEnumValuesAllowed(true);
    commandLine.setOut(new PrintWriter(output, true));
    commandLine.setErr(new PrintWriter(output, true));
    commandLine.setExecutionExceptionHandler(
        (error, command, parsed) -> {
          failures.add(error);
          return 1;
        });
    int code = commandLine.execute(arguments);
    for (Exception failure : failures) {
      if (failure instanceof WorkerExit exit) {
        throw exit;
      }
      throw new AssertionError(failure);
    }
    assertEquals(0, code, output.toString());
    return output.toString();
  }

  private String error(ExitCode code, String... arguments) {
    return error(fake.kubectl(), code, arguments);
  }

  private static String error(Kubectl kubectl, ExitCode code, String... arguments) {
    WorkerExit exit = assertThrows(WorkerExit.class, () -> run(kubectl, arguments));
    assertEquals(code, exit.code(), exit.sentence());
    assertEquals(1, exit.sentence().lines().count(), exit.sentence());
    return exit.sentence();
  }

  private void jobIs(String json) {
    fake.answer("get --request-timeout=30s " + Cluster.KIND + " quickstart", json);
  }

  @Test
  void shouldTabulateJobsOfTheNamespaceThatIsNamed() {
    fake.answer("get --request-timeout", "{\"items\": [%s]}".formatted(SampleJob.RUNNING));
    String table = run("status", "-n", "team", "--context=other", "--ascii");
    assertTrue(table.contains("quickstart   Running   ##########----------   212/400"), table);
    assertEquals(
        List.of(
            "get --request-timeout=30s %s --output=json --namespace=team --context=other"
                .formatted(Cluster.KIND)),
        fake.calls());
  }

  @Test
  void shouldSayThatThereAreNoJobs() {
    fake.answer("get", "{\"items\": []}");
    assertEquals("no jobs here; --all-namespaces looks further\n", run("status"));
  }

  @Test
  void shouldShowTheLossThatRank0Tells() {
    jobIs(SampleJob.RUNNING);
    fake.answer(
        "--raw=/api/v1/namespaces/team/pods/quickstart-0-1:8080/proxy/curve", SampleJob.CURVE);
    String view = run("status", "quickstart", "--ascii");
    assertTrue(view.contains("loss       1.812  #=-,..__  from 5.547\n"), view);
  }

  @Test
  void shouldShowWhatItSeesWhenRank0CannotBeAsked() {
    jobIs(SampleJob.RUNNING);
    fake.fail("/proxy/curve", "Error from server (Forbidden): pods \"q\" is forbidden: no");
    String view = run("status", "quickstart", "--ascii");
    assertTrue(view.contains("loss       1.812 (seen here only: kubectl: (Forbidden)"), view);
  }

  @Test
  void shouldAskOnlyForWhatIsNew() {
    Cluster cluster = new Cluster(fake.kubectl());
    CurveSource curves = new CurveSource(cluster);
    fake.answer("/curve?since=212", curve(0, 213));
    fake.answer("/curve?since=213", curve(1, 214));
    fake.answerOnce("/proxy/curve", SampleJob.CURVE);
    fake.answer("/proxy/curve", curve(1, 100));
    Job job = SampleJob.read(SampleJob.RUNNING);
    assertEquals(8, curves.update(job).points().size());
    assertEquals(9, curves.update(job).points().size());
    assertEquals(
        List.of(new History.Point(100, 1.5, 1, 6000)),
        curves.update(job).points(),
        "points are gone, so all is asked for again");
  }

  private static String curve(long revision, long step) {
    return """
        {"incarnation": 1, "revision": %d, "step": [%d], "loss": [1.5], "gradientNorm": [1],
         "tokensPerSecond": [6000]}
        """
        .formatted(revision, step);
  }

  @Test
  void shouldSuspendAndWaitForIt() {
    fake.answer("patch", "patched");
    fake.answerOnce("get", SampleJob.RUNNING);
    fake.answer("get", SampleJob.suspended());
    String said = run("suspend", "quickstart", "--wait");
    assertTrue(said.endsWith("quickstart is suspended\n"), said);
    assertEquals(
        "patch --request-timeout=30s %s quickstart --type=merge --patch={\"spec\":{\"suspend\":true}}"
            .formatted(Cluster.KIND),
        fake.calls().getFirst());
  }

  @Test
  void shouldResumeAndNotBelieveWhatTheOperatorSaidBefore() {
    fake.answer("patch", "patched");
    fake.answerOnce("get", SampleJob.RUNNING.replace("\"generation\": 2", "\"generation\": 3"));
    fake.answer("get", SampleJob.RUNNING);
    String said = run("resume", "quickstart", "--wait");
    assertEquals(
        """
        quickstart will go on
          the operator has not seen the change yet
        quickstart is training
        """,
        said);
    assertTrue(fake.calls().getFirst().contains("{\"spec\":{\"suspend\":false}}"));
  }

  @Test
  void shouldEndAWaitThatCannotComeTrue() {
    fake.answer("patch", "patched");
    fake.answer("get", SampleJob.complete());
    String error = error(ExitCode.UNEXPECTED, "suspend", "quickstart", "--wait");
    assertTrue(error.contains("ended before it was suspended: Complete"), error);
  }

  @Test
  void shouldBoundAWaitAndSayWhatItWaitedFor() {
    fake.answer("scale", "scaled");
    fake.answer("get", SampleJob.RUNNING);
    String error =
        error(ExitCode.UNEXPECTED, "scale", "quickstart", "5", "--wait", "--timeout", "0");
    assertTrue(error.contains("waited 0s and quickstart is not training with 5 workers"), error);
    assertTrue(
        fake.calls().getFirst().endsWith(Cluster.KIND + "/quickstart --replicas=5"),
        fake.calls().getFirst());
  }

  @Test
  void shouldScaleAndWaitForIt() {
    fake.answer("scale", "scaled");
    fake.answer("get", SampleJob.RUNNING);
    String said = run("scale", "quickstart", "3", "--wait");
    assertTrue(said.endsWith("quickstart is training with 3 workers\n"), said);
  }

  @Test
  void shouldAskRank0ForACheckpoint() {
    fake.answer("get", SampleJob.RUNNING);
    fake.answer(
        "create --request-timeout=30s"
            + " --raw=/api/v1/namespaces/team/pods/quickstart-0-1:8080/proxy/checkpoint"
            + " --filename=-",
        "{\"afterStep\":200}");
    assertEquals(
        """
        quickstart will write a checkpoint after step 200
        quickstart is saved at step 200 or later
        """,
        run("checkpoint", "quickstart", "--wait"));
    assertEquals("{}", fake.input());
  }

  @Test
  void shouldSayWhyThereIsNoCheckpoint() {
    fake.answerOnce("get", SampleJob.RUNNING);
    fake.fail("create", "Error from server (TooManyRequests): one is asked for already");
    String refused = error(ExitCode.UNEXPECTED, "checkpoint", "quickstart");
    assertTrue(refused.contains("one is asked for already"), refused);
    fake.answer("get", SampleJob.complete());
    String over = error(ExitCode.UNEXPECTED, "checkpoint", "quickstart");
    assertTrue(over.contains("is Complete and trains no more"), over);
  }

  @Test
  void shouldShowTheLogOfTheNewestPodOfARank() {
    fake.answer("get", PODS);
    fake.answer("logs", "");
    String ignored = run("logs", "quickstart", "--rank", "1", "-f", "-n", "team");
    assertEquals(
        "logs quickstart-1-14 --container=worker --follow --namespace=team",
        fake.calls().getLast());
    ignored = run("logs", "quickstart", "--rank", "1", "--previous");
    assertEquals("logs quickstart-1-2 --container=worker", fake.calls().getLast());
    ignored = run("logs", "quickstart");
    assertEquals("logs quickstart-0-1 --container=worker", fake.calls().getLast());
    String none = error(ExitCode.MISSING_INPUT, "logs", "quickstart", "--previous");
    assertTrue(none.contains("quickstart-0-1, quickstart-1-14, quickstart-1-2"), none);
  }

  @Test
  void shouldShowTheLogsOfAllRanks() {
    fake.answer("get", PODS);
    fake.answer("logs quickstart-0-1", "first\nsecond\n");
    fake.answer("logs quickstart-1-14", "third\n");
    List<String> lines = run("logs", "quickstart", "--all").lines().sorted().toList();
    assertEquals(List.of("[rank 0] first", "[rank 0] second", "[rank 1] third"), lines);
  }

  @Test
  void shouldPlot() throws Exception {
    jobIs(SampleJob.RUNNING);
    fake.answer("/proxy/curve", SampleJob.CURVE);
    String chart = run("plot", "quickstart", "--ascii", "--metric", "throughput");
    assertTrue(chart.contains("tokens per second, all ranks"), chart);
    assertTrue(chart.contains("6,150 |"), chart);
    Path file = folder.resolve("norm.svg");
    String ignored =
        run("plot", "quickstart", "--metric=gradientNorm", "--output", file.toString());
    assertTrue(Files.readString(file).contains("global gradient norm"), "the picture");
  }

  @Test
  void shouldSayWhereTheCourseIsWhenItCannotPlot() {
    jobIs(SampleJob.complete());
    String error = error(ExitCode.MISSING_INPUT, "plot", "quickstart");
    assertTrue(error.contains("steps.jsonl"), error);
  }

  @Test
  void shouldCloneTheSpecAlone() throws Exception {
    jobIs(SampleJob.suspended());
    fake.answer("create", "megalodontrainingjob/longer created\n");
    String said =
        run(
            "clone",
            "quickstart",
            "longer",
            "--resume",
            "--set",
            "training.steps=800",
            "--set=spec.data.sources[0].path=books",
            "--set=training.optimizer.learningRate=0.008");
    assertEquals("megalodontrainingjob/longer created\n", said);
    JsonNode clone = new YAMLMapper().readTree(fake.input());
    assertEquals(
        new YAMLMapper().readTree("{name: longer, namespace: team}"), clone.get("metadata"));
    assertFalse(clone.has("status"));
    assertFalse(clone.get("spec").has("suspend"));
    assertEquals(800, clone.at("/spec/training/steps").asInt());
    assertEquals(6, clone.at("/spec/training/globalBatchSequences").asInt());
    assertEquals(0.008, clone.at("/spec/training/optimizer/learningRate").asDouble());
    assertEquals("books", clone.at("/spec/data/sources/0/path").asText());
    assertEquals("quickstart", clone.at("/spec/checkpoint/resumeFrom/job").asText());
    assertEquals(1, clone.at("/spec/aFieldOfTomorrow").asInt());
  }

  @Test
  void shouldPrintACloneWithoutCreatingIt() throws Exception {
    jobIs(SampleJob.RUNNING);
    String yaml = run("clone", "quickstart", "other", "--dry-run");
    assertEquals("other", new YAMLMapper().readTree(yaml).at("/metadata/name").asText());
    assertEquals(1, fake.calls().size());
  }

  @Test
  void shouldRefuseToSetWhatCannotBe() {
    jobIs(SampleJob.RUNNING);
    for (String wrong : List.of("steps", "training..steps=1", "data.sources[7].path=x")) {
      String error = error(ExitCode.BAD_SPEC, "clone", "quickstart", "other", "--set", wrong);
      assertTrue(error.startsWith("--set "), error);
    }
  }

  @Test
  void shouldNameTheWayOutOfWhatKubectlRefuses() {
    fake.fail(
        "get --request-timeout=30s " + Cluster.KIND + " gone",
        "Error from server (NotFound): megalodontrainingjobs \"gone\" not found");
    String gone = error(ExitCode.MISSING_INPUT, "status", "gone");
    assertTrue(gone.contains("\"gone\" not found; 'status --all-namespaces' lists"), gone);

    fake.fail("patch", "Error from server (Forbidden): user \"u\" cannot patch resource");
    String forbidden = error(ExitCode.UNEXPECTED, "suspend", "quickstart");
    assertTrue(forbidden.contains("cannot patch resource; ask the cluster's admin"), forbidden);

    fake.fail("get", "error: the server doesn't have a resource type \"mtj\"");
    String noKind = error(ExitCode.MISSING_INPUT, "status");
    assertTrue(noKind.contains("install the operator"), noKind);
  }

  @Test
  void shouldSayThatThereIsNoKubectl() {
    Kubectl none = new Kubectl(folder.resolve("nothing").toString(), List.of());
    String error = error(none, ExitCode.DEVICE_UNAVAILABLE, "status");
    assertTrue(error.contains("put kubectl on the PATH"), error);
  }
}
