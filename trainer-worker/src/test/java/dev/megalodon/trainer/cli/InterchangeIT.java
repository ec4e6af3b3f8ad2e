package dev.megalodon.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.megalodon.crds.contract.ExitCode;
import dev.megalodon.trainer.interchange.PytorchFixtures;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A trained model through the command line: out to other programs, and back. */
class InterchangeIT {
  private static final long CHECK_SECONDS = 300;

  @TempDir static Path trained;
  @TempDir Path folder;

  @BeforeAll
  static void train() throws Exception {
    TrialFiles.writeText(trained.resolve("data"));
    train(TrialFiles.writeSpec(trained, 1, "."), "first");
  }

  private static void train(Path spec, String job) throws Exception {
    try (WorkerJvm worker = start(spec, job)) {
      assertEquals(0, worker.await(), worker.log());
    }
  }

  private static WorkerJvm start(Path spec, String job) throws IOException {
    return WorkerJvm.start(
        trained.resolve("log"),
        List.of(
            "train",
            "--local",
            "--spec=" + spec,
            "--data=" + trained.resolve("data"),
            "--checkpoints=" + trained.resolve("volume"),
            "--termination-message=" + trained.resolve("message"),
            "--http-port=0",
            "--job=" + job));
  }

  private static String job(String name) {
    return trained.resolve("volume/local/%s-local".formatted(name)).toString();
  }

  private String file(String name) {
    return folder.resolve(name).toString();
  }

  private static String evaluate(String model) {
    String text = trained.resolve("data/text/a.txt").toString();
    return CommandOutput.of("eval", model, text, "--threads=1");
  }

  @Test
  void shouldComeBackFromOneFileToTheSameBits() throws IOException {
    CommandOutput.of("export", job("first"), file("a.safetensors"));
    CommandOutput.of("import", file("a.safetensors"), "--output=" + file("b.safetensors"));
    CommandOutput.of("export", file("b.safetensors"), file("c.safetensors"));
    assertSameBytes("a.safetensors", "c.safetensors");
    assertEquals(evaluate(job("first")), evaluate(file("b.safetensors")));
    assertEquals(sums(job("first")), sums(file("b.safetensors")));
  }

  @Test
  void shouldComeBackFromModelParallelPartsAsACheckpoint() throws IOException {
    CommandOutput.of(
        "export", job("first"), file("m.safetensors"), "--model-parallel=2", "--official-buffers");
    String shown = CommandOutput.of("inspect", file("m.01.safetensors"), "--tensors");
    assertTrue(shown.contains("layers.1.mega.timenorm.prior_mean"), shown);
    CommandOutput.of(
        "import", file("m.00.safetensors"), file("m.01.safetensors"), "--output=" + file("back"));
    String inspected = CommandOutput.of("inspect", file("back"));
    assertTrue(inspected.contains("step        0 of 0"), inspected);
    assertEquals(evaluate(job("first")), evaluate(file("back")));
    CommandOutput.of("export", job("first"), file("a.safetensors"));
    CommandOutput.of("export", file("back"), file("c.safetensors"));
    assertSameBytes("a.safetensors", "c.safetensors");
  }

  @Test
  void shouldKeepHalfPrecisionAndWidenIt() throws IOException {
    for (String precision : List.of("bf16", "fp16")) {
      CommandOutput.of("export", job("first"), file("h.safetensors"), "--dtype=" + precision);
      CommandOutput.of(
          "import", file("h.safetensors"), "--dtype=fp32", "--output=" + file("w.safetensors"));
      assertEquals(evaluate(file("h.safetensors")), evaluate(file("w.safetensors")));
      assertNotEquals(sums(job("first")), sums(file("h.safetensors")));
      CommandOutput.of(
          "export", file("w.safetensors"), file("g.safetensors"), "--dtype=" + precision);
      assertSameBytes("h.safetensors", "g.safetensors");
    }
  }

  @Test
  void shouldStartAJobFromAnImportedModel() throws Exception {
    CommandOutput.of("export", job("first"), file("a.safetensors"));
    Path imported = trained.resolve("volume/imported");
    CommandOutput.of("import", file("a.safetensors"), "--output=" + imported);
    train(TrialFiles.writeSpecThatResumes(folder, "imported"), "second");
    Matcher first = heldOut(job("first"));
    Matcher second = heldOut(job("second"));
    assertEquals(first.group("last"), second.group("before"), "it began where the first one ended");
    double gained = Double.parseDouble(second.group("last"));
    assertTrue(gained < Double.parseDouble(second.group("before")), "it learned more: " + gained);
    assertTrue(CommandOutput.of("inspect", job("second")).contains("step        60 of 60"));
  }

  @Test
  void shouldNotStartAJobOfAModelThatComputesOtherwise() throws Exception {
    CommandOutput.of("export", job("first"), file("a.safetensors"));
    Path imported = trained.resolve("volume/other");
    CommandOutput.of("import", file("a.safetensors"), "--output=" + imported);
    Path spec = TrialFiles.writeSpecThatResumes(folder, "other");
    Files.writeString(spec, Files.readString(spec).replace("\"heads\": 2", "\"heads\": 4"));
    try (WorkerJvm worker = start(spec, "third")) {
      assertEquals(ExitCode.CHECKPOINT_FAILED.code(), worker.await(), worker.log());
      assertTrue(worker.log().contains("a model with heads 2, spec.model has 4"), worker.log());
    }
  }

  private static Matcher heldOut(String model) {
    String shown = CommandOutput.of("inspect", model);
    Matcher line =
        Pattern.compile("held out +(?<last>\\S+), (?<before>\\S+) before").matcher(shown);
    assertTrue(line.find(), shown);
    return line;
  }

  @Test
  void shouldBringInWhatTheReferenceImplementationSaves() throws IOException {
    String config = "--config=" + PytorchFixtures.path("config.json");
    String whole = PytorchFixtures.path("consolidated.pth").toString();
    CommandOutput.of("import", whole, config, "--output=" + file("whole.safetensors"));
    CommandOutput.of(
        "import",
        PytorchFixtures.path("consolidated.00.pth").toString(),
        PytorchFixtures.path("consolidated.01.pth").toString(),
        "--chunk-size=4",
        "--scale-embedding",
        "--output=" + file("parts.safetensors"));
    assertSameBytes("whole.safetensors", "parts.safetensors");
    assertTrue(CommandOutput.of("inspect", whole, "--tensors").contains("output.output.weight"));
    CommandOutput.of(
        "export",
        file("whole.safetensors"),
        file("o.safetensors"),
        "--official-buffers",
        "--dtype=bf16");
    assertEquals(sumsByName(whole), sumsByName(file("o.safetensors")));
  }

  @Test
  void shouldSayWhatCannotBeDone() throws IOException {
    String parts =
        CommandOutput.error(
            ExitCode.CHECKPOINT_FAILED,
            "export",
            job("first"),
            file("m.safetensors"),
            "--model-parallel=3");
    assertTrue(parts.contains("heads (2) does not divide by 3"), parts);
    String missing =
        CommandOutput.error(
            ExitCode.MISSING_INPUT, "import", file("nothing"), "--output=" + file("x"));
    assertTrue(missing.contains(file("nothing")), missing);
    CommandOutput.of("export", job("first"), file("a.safetensors"));
    String full =
        CommandOutput.error(
            ExitCode.BAD_DATA, "import", file("a.safetensors"), "--output=" + folder);
    assertTrue(full.contains("is not empty"), full);
    byte[] bytes = Files.readAllBytes(folder.resolve("a.safetensors"));
    bytes[bytes.length - 1_000] ^= 1;
    Files.write(folder.resolve("a.safetensors"), bytes);
    String text = trained.resolve("data/text/a.txt").toString();
    for (List<String> command : List.of(List.of("export", file("b")), List.of("eval", text))) {
      String damaged =
          CommandOutput.error(
              ExitCode.CHECKPOINT_FAILED,
              command.getFirst(),
              file("a.safetensors"),
              command.getLast());
      assertTrue(damaged.contains("is damaged: its CRC-32"), damaged);
    }
  }

  @Test
  void shouldBeReadByPythonAsItIs() throws Exception {
    for (String option : List.of("--dtype=fp32", "--dtype=bf16", "--official-buffers")) {
      CommandOutput.of("export", job("first"), file("p.safetensors"), option);
      Files.writeString(folder.resolve("p.json"), sums(file("p.safetensors")));
      assertEquals(0, check("p"), Files.readString(folder.resolve("check.log")));
    }
    String other = sums(file("p.safetensors")).replaceFirst("\"sum\" : [^,]+", "\"sum\" : 12345.0");
    Files.writeString(folder.resolve("p.json"), other);
    assertEquals(1, check("p"), Files.readString(folder.resolve("check.log")));
    assertTrue(Files.readString(folder.resolve("check.log")).contains("megalodon inspect says"));
  }

  private int check(String name) throws Exception {
    Process process =
        new ProcessBuilder(
                "../e2e-tests/interchange/check-export",
                file(name + ".safetensors"),
                file(name + ".json"))
            .redirectErrorStream(true)
            .redirectOutput(folder.resolve("check.log").toFile())
            .start();
    assertTrue(process.waitFor(CHECK_SECONDS, TimeUnit.SECONDS), "check-export did not end");
    return process.exitValue();
  }

  /** Files differ in the order of their tensors. */
  private static Map<String, Double> sumsByName(String model) throws IOException {
    Map<String, Double> sums = new TreeMap<>();
    for (JsonNode tensor : JsonMapper.builder().build().readTree(sums(model)).path("tensors")) {
      sums.put(tensor.path("name").asText(), tensor.path("statistics").path("sum").asDouble());
    }
    return sums;
  }

  /** What {@code inspect --json} says of tensors. */
  private static String sums(String model) throws IOException {
    JsonNode all =
        JsonMapper.builder().build().readTree(CommandOutput.of("inspect", model, "--json"));
    return ((ObjectNode) all).retain("tensors").toPrettyString();
  }

  private void assertSameBytes(String one, String other) throws IOException {
    assertArrayEquals(
        Files.readAllBytes(folder.resolve(one)), Files.readAllBytes(folder.resolve(other)));
  }
}
