package dev.megalodon.trainer.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.megalodon.crds.contract.ExitCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the command line says to who asks for help, and to who asks for what cannot be. */
class HelpAndErrorsTest {
  @TempDir Path folder;

  /** What a command printed, on both streams, and its exit code. */
  private record Answer(int code, String text) {}

  @ParameterizedTest
  @ValueSource(
      strings = {
        "train",
        "plan",
        "eval",
        "generate",
        "inspect",
        "verify",
        "bench",
        "status",
        "logs",
        "plot",
        "suspend",
        "resume",
        "scale",
        "checkpoint",
        "clone"
      })
  void shouldHelpWithExamples(String command) {
    Answer answer = run(command, "--help");
    assertEquals(0, answer.code());
    assertTrue(answer.text().contains("Usage: megalodon " + command), answer.text());
    assertTrue(answer.text().contains("Examples:\n  megalodon " + command), answer.text());
  }

  @Test
  void shouldListCommandsAndExitCodes() {
    String text = run("--help").text();
    for (ExitCode code : ExitCode.values()) {
      assertTrue(text.matches("(?s).*\\n +" + code.code() + " .*"), code + " in " + text);
    }
    assertTrue(text.contains("verify"), text);
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "plan"})
  void shouldTellTheVersion(String command) {
    Answer answer = command.isEmpty() ? run("--version") : run(command, "--version");
    assertEquals(0, answer.code());
    assertTrue(answer.text().startsWith("megalodon "), answer.text());
  }

  @Test
  void shouldSayWhetherAJobFits() throws IOException {
    String large = plan("preset: mega7.1B", "1Gi");
    assertTrue(large.matches("(?s).*kept: +does not fit: a rank needs .*"), large);
    String dimensions =
        "dimensions: {layers: 1, modelDim: 16, zDim: 8, valueDim: 16, heads: 2,"
            + " ffnHiddenDim: 16, cemaDim: 2, chunkSize: 16, normGroups: 2}";
    String small = plan(dimensions, "64Gi");
    assertTrue(small.matches("(?s).*limit: 64.000 GiB.*kept: +fits.*recomputed: +fits.*"), small);
  }

  private String plan(String model, String memoryLimit) throws IOException {
    String job =
        """
        apiVersion: training.megalodon.dev/v1alpha1
        kind: MegalodonTrainingJob
        metadata: {name: planned}
        spec:
          model: {%s}
          data:
            volumes: [{name: text, claimName: text}]
            sources: [{volume: text, path: .}]
            sequenceLength: 2048
          training: {steps: 1, globalBatchSequences: 1}
          checkpoint: {volume: {claimName: checkpoints}}
          worker: {resources: {limits: {memory: %s}}}
        """
            .formatted(model, memoryLimit);
    Path file = Files.writeString(folder.resolve("job.yaml"), job);
    return CommandOutput.of("plan", "--config", file.toString());
  }

  @Test
  void shouldNameInOneLineWhatIsNotThere() throws IOException {
    String nothing = folder.resolve("nothing").toString();
    for (List<String> arguments :
        List.of(
            List.of("eval", nothing, nothing),
            List.of("generate", nothing, "--prompt=x"),
            List.of("inspect", nothing),
            List.of("verify", "--golden", nothing),
            List.of("plan", "--config", nothing),
            List.of("train", "--config", nothing))) {
      assertOneLine(ExitCode.MISSING_INPUT.code(), nothing, arguments);
    }
  }

  @Test
  void shouldNameInOneLineWhatCannotBe() throws IOException {
    Path model = Files.writeString(folder.resolve("model.safetensors"), "damaged");
    String path = model.toString();
    assertOneLine(ExitCode.CHECKPOINT_FAILED.code(), path, List.of("inspect", path));
    assertOneLine(
        ExitCode.BAD_SPEC.code(), "topP", List.of("generate", path, "--prompt=x", "--top-p=0"));
    assertOneLine(ExitCode.BAD_SPEC.code(), "--seconds", List.of("bench", "--seconds=-1"));
    assertOneLine(2, "--no-such-option", List.of("bench", "--no-such-option"));
    assertOneLine(2, "--prompt", List.of("generate", path));
  }

  @Test
  void shouldListTheChoicesWhenThereIsNoneOfThatName() {
    String nothing = folder.resolve("nothing").toString();
    List<String> command = List.of("eval", nothing, nothing);
    assertOneLine(2, "FP32, BF16", with(command, "--precision=fp31"));
    assertOneLine(2, "VECTOR, OPENBLAS, ONEDNN", with(command, "--gemm=vectors"));
    assertOneLine(2, "--threads", with(command, "--threads=all"));
    assertOneLine(2, "FP32, BF16", List.of("plan", "--config", nothing, "--precision=fp31"));
  }

  private static List<String> with(List<String> command, String option) {
    return Stream.concat(command.stream(), Stream.of(option)).toList();
  }

  @Test
  void shouldShowWhereAnErrorComesFromWhenAsked() {
    Answer answer = run("inspect", folder.resolve("nothing").toString(), "--debug");
    assertTrue(answer.text().contains("\tat dev.megalodon"), answer.text());
  }

  private static void assertOneLine(int code, String words, List<String> arguments) {
    Answer answer = run(arguments.toArray(String[]::new));
    assertEquals(code, answer.code(), arguments + ": " + answer.text());
    assertEquals(1, answer.text().strip().lines().count(), answer.text());
    assertTrue(answer.text().contains(words), answer.text());
  }

  private static Answer run(String... arguments) {
    PrintStream output = System.out;
    PrintStream errors = System.err;
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    PrintStream both = new PrintStream(bytes, true, StandardCharsets.UTF_8);
    System.setOut(both);
    System.setErr(both);
    try {
      int code = MegalodonCommand.run(arguments);
      return new Answer(code, bytes.toString(StandardCharsets.UTF_8));
    } finally {
      System.setOut(output);
      System.setErr(errors);
    }
  }
}
